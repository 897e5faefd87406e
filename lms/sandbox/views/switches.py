"""The page of switches: which platform is imitated, with which habits and options, and what goes wrong next."""

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.sandbox import demo, keys, options, switches
from lms.sandbox.demo import EVERYBODY
from lms.sandbox.options import Option
from lms.sandbox.profiles import PROFILES
from lms.sandbox.quirks import Quirk
from lms.sandbox.switches import Fault
from lms.sandbox.views.people import known, wants_json

bp = Blueprint("switches", __name__)

MOST_TIMES = 1000


@bp.get("/switches")
def show() -> ResponseReturnValue:
    """How everything stands, as a page or as JSON."""
    if wants_json():
        return jsonify(_described())
    profile = switches.profile()
    return render_template(
        "sandbox/switches.html",
        profile=profile,
        profiles=PROFILES.values(),
        quirks=list(Quirk),
        changed=switches.changed_quirks(),
        rules=options.RULES,
        option_titles=options.TITLES,
        chosen=options.chosen(),
        faults=switches.TITLES,
        armed=switches.armed(),
        people=EVERYBODY,
        takes_part=switches.takes_part,
    )


@bp.post("/switches")
def change() -> ResponseReturnValue:
    """Change what the form names (fields in the README beside the sandbox). Each may stand alone."""
    form = request.form
    if "clear" in form:
        switches.clear()
    if "profile" in form:
        switches.choose_profile(known(PROFILES.get, form["profile"]).code)
    if "quirk" in form:
        _change_quirk(known(_quirk, form["quirk"]), form.get("on", "yes"))
    if "option" in form:
        _change_option(known(_option, form["option"]), form.get("value", ""))
    if "fault" in form:
        switches.arm(known(_fault, form["fault"]), times=_times(form.get("times", "1")))
    if "person" in form:
        switches.set_taking_part(known(demo.person, form["person"]), form.get("takes_part") == "yes")
    if "rotate" in form:
        keys.rotate()
    if wants_json():
        return jsonify(_described())
    return redirect(url_for("switches.show"), 303)


def _change_quirk(quirk: Quirk, on: str) -> None:
    if on not in ("yes", "no", "default"):
        abort(400)
    switches.set_quirk(quirk, is_on=None if on == "default" else on == "yes")


def _change_option(option: Option, chosen: str) -> None:
    try:
        options.choose(option, chosen)
    except ValueError:
        abort(400)


def _quirk(name: str) -> Quirk | None:
    return Quirk(name) if name in set(Quirk) else None


def _option(name: str) -> Option | None:
    return Option(name) if name in set(Option) else None


def _fault(name: str) -> Fault | None:
    return Fault(name) if name in set(Fault) else None


def _times(text: str) -> int:
    if not text.isdecimal() or len(text) > 4 or int(text) > MOST_TIMES:
        abort(400)
    return int(text)


def _described() -> dict[str, object]:
    profile, left = switches.profile(), switches.who_left()
    return {
        "profile": profile.code,
        "quirks": sorted(profile.quirks),
        "changed": {quirk.value: is_on for quirk, is_on in switches.changed_quirks().items()},
        "options": options.chosen(),
        "armed": {fault.value: times for fault, times in switches.armed().items()},
        "left": [person.id for person in EVERYBODY if person.id in left],
        "kids": [key["kid"] for key in keys.published()],
    }
