"""The pages of an ordinary LMS: sign-in, the course with its activities, the gradebook, and the switches for testers.

Nothing here needs protection from forged forms: anybody may sign in as anybody and switch anything, without a password.
"""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.sandbox import addresses, demo, gradebook, keys, launches, switches
from lms.sandbox.demo import COURSE, MODULES, PEOPLE, Module, Person, Role
from lms.sandbox.profiles import PROFILES
from lms.sandbox.switches import Fault
from lms.sandbox.views.people import sign_in, sign_out, signed_in_person
from lms.sandbox.views.tool import registration

bp = Blueprint("pages", __name__)

Found = TypeVar("Found")
DOCUMENT_TARGETS = frozenset({"iframe", "window"})
MOST_TIMES = 1000


@bp.get("/")
def people() -> str:
    """Sign in as one of the invented people."""
    return render_template("sandbox/people.html", people=PEOPLE, takes_part=switches.takes_part)


@bp.post("/sign-in")
def enter_as() -> ResponseReturnValue:
    """Sign in by the choice on the page."""
    sign_in(_known(demo.person, request.form.get("person")))
    return redirect(url_for("pages.course"), 303)


@bp.post("/sign-out")
def leave() -> ResponseReturnValue:
    """Sign out."""
    sign_out()
    return redirect(url_for("pages.people"), 303)


@bp.get("/enter")
def enter() -> ResponseReturnValue:
    """A direct door for demonstrations: sign in and open a module at once."""
    sign_in(_known(demo.person, request.args.get("person")))
    if "module" not in request.args:
        return redirect(url_for("pages.course"), 303)
    module = _known(demo.module, request.args["module"])
    return redirect(url_for("pages.activity", slug=module.slug), 303)


@bp.get("/course")
def course() -> ResponseReturnValue:
    """The course with its three activities."""
    person = signed_in_person()
    if person is None:
        return redirect(url_for("pages.people"), 303)
    return _course_page(person)


@bp.get("/course/<slug>")
def activity(slug: str) -> ResponseReturnValue:
    """An activity, opened inside the page."""
    person = signed_in_person()
    if person is None:
        return redirect(url_for("pages.people"), 303)
    return _course_page(person, opened=_known(demo.module, slug))


@bp.get("/launch/<slug>")
def launch(slug: str) -> ResponseReturnValue:
    """Send the browser to the tool, inside the frame or in a window of its own."""
    person = signed_in_person()
    if person is None:
        return redirect(url_for("pages.people"), 303)
    if not switches.takes_part(person):
        abort(403)
    initiation = launches.begin(
        person,
        _known(demo.module, slug),
        document_target=_document_target(),
        tool=registration(),
        profile=switches.profile(),
        issuer=addresses.base(),
    )
    if initiation.method == "GET":
        return redirect(initiation.url_with_fields, 302)
    return render_template("sandbox/post.html", url=initiation.url, fields=initiation.fields)


@bp.get("/return")
def come_back() -> str:
    """Where the tool sends people when they are done (``launch_presentation.return_url``), with its messages."""
    return render_template(
        "sandbox/return.html",
        message=request.args.get("lti_msg", ""),
        error=request.args.get("lti_errormsg", ""),
    )


@bp.get("/grades")
def grades() -> ResponseReturnValue:
    """The gradebook: everybody's for those who teach, one's own for those who learn."""
    person = signed_in_person()
    if person is None:
        return redirect(url_for("pages.people"), 303)
    teaches = person.role is not Role.LEARNER
    table = [row for row in gradebook.table() if teaches or row[0] == person]
    further = gradebook.further() if teaches else []
    return render_template("sandbox/grades.html", table=table, further=further, teaches=teaches)


@bp.get("/grades.json")
def grades_for_machines() -> Response:
    """The same for scripts and tests; without sign-in, because nobody in it exists."""
    return jsonify([_described(row) for row in gradebook.rows()])


@bp.get("/switches")
def show_switches() -> ResponseReturnValue:
    """What is imitated and what goes wrong, as a page or as JSON."""
    armed = switches.armed()
    if _wants_json():
        return jsonify(_switches_described(armed))
    return render_template(
        "sandbox/switches.html",
        profile=switches.profile(),
        profiles=PROFILES.values(),
        faults=switches.TITLES,
        armed=armed,
        people=PEOPLE,
        takes_part=switches.takes_part,
    )


@bp.post("/switches")
def change_switches() -> ResponseReturnValue:
    """Change what the form names: ``profile``; ``fault`` with ``times``; ``person`` with ``takes_part`` (yes or no);
    ``rotate`` for a new signing key; ``clear`` for the beginning state. Each may stand alone."""
    form = request.form
    if "clear" in form:
        switches.clear()
    if "profile" in form:
        switches.choose_profile(_known(PROFILES.get, form["profile"]).code)
    if "fault" in form:
        switches.arm(_known(_fault, form["fault"]), times=_times(form.get("times", "1")))
    if "person" in form:
        switches.set_taking_part(_known(demo.person, form["person"]), form.get("takes_part") == "yes")
    if "rotate" in form:
        keys.rotate()
    if _wants_json():
        return jsonify(_switches_described(switches.armed()))
    return redirect(url_for("pages.show_switches"), 303)


def _course_page(person: Person, *, opened: Module | None = None) -> str:
    return render_template(
        "sandbox/course.html",
        course=COURSE,
        modules=MODULES,
        opened=opened,
        results=gradebook.of(person),
        teaches=person.role is not Role.LEARNER,
        takes_part=switches.takes_part(person),
    )


def _known(find: Callable[[str], Found | None], name: str | None) -> Found:
    """What has this name, or a 404 page."""
    found = find(name or "")
    if found is None:
        abort(404)
    return found


def _document_target() -> str:
    asked = request.args.get("target", "iframe")
    return asked if asked in DOCUMENT_TARGETS else "iframe"


def _fault(name: str) -> Fault | None:
    return Fault(name) if name in set(Fault) else None


def _times(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_TIMES:
        abort(400)
    return int(text)


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _described(row: gradebook.Row) -> dict[str, object]:
    return {
        "person": row.person.id,
        "module": row.module.slug if row.module else None,
        "column": row.column,
        "score": row.score,
        "maximum": row.maximum,
        "comment": row.comment,
        "activity_progress": row.activity_progress,
        "grading_progress": row.grading_progress,
        "timestamp": row.scored_at.isoformat(),
    }


def _switches_described(armed: dict[Fault, int]) -> dict[str, object]:
    return {
        "profile": switches.profile().code,
        "armed": {fault.value: times for fault, times in armed.items()},
        "left": [person.id for person in PEOPLE if not switches.takes_part(person)],
        "kids": [key["kid"] for key in keys.published()],
    }
