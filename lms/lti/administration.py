"""Pages for platform administrators: which learning systems may launch, where, and under which settings."""

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.core import keys as signing_keys
from lms.core.db import db
from lms.core.errors import BadRequest, Invalid
from lms.core.i18n import _, _l
from lms.lti import algorithms, invitations, keys, registration_settings, registrations, tokens
from lms.lti.models import PlatformKeySet, Registration
from lms.lti.registration_offer import LABELS, SCOPES
from lms.lti.registrations import POLICIES

blueprint = Blueprint("lti_administration", __name__, template_folder="templates")
DECISIONS = {
    "confirm": (registrations.confirm, _l("The learning system may open modules now.")),
    "decline": (registrations.decline, _l("The new values were not taken.")),
    "disable": (registrations.disable, _l("The learning system is closed.")),
    "enable": (registrations.enable, _l("The learning system is open again.")),
    "delete": (registrations.delete_platform, _l("The learning system was deleted. Records of people stay.")),
}
"""What the buttons of a platform's page do, and what they say when it is done."""
LONGEST_INVITATION_DAYS = 90


@blueprint.get("/")
def platforms() -> str:
    """All learning systems, and invitations that may still be used."""
    return render_template(
        "lti/platforms.html", platforms=registrations.listed(), invitations=invitations.open_ones(), address=None
    )


@blueprint.post("/invitations")
def invite() -> ResponseReturnValue:
    """Make an address by which one learning system can register. It is shown on this page and never again."""
    note = request.form.get("note", "").strip()[:255]
    days = request.form.get("days", "7")
    if not days.isdecimal() or not 1 <= int(days) <= LONGEST_INVITATION_DAYS:
        raise BadRequest("days-not-valid", _l("An invitation is good for 1 to 90 days."))
    _row, address = invitations.invite(note=note, actor=g.actor, life=timedelta(days=int(days)))
    return render_template(
        "lti/platforms.html", platforms=registrations.listed(), invitations=invitations.open_ones(), address=address
    )


@blueprint.post("/invitations/<invitation_id>/withdraw")
def withdraw(invitation_id: str) -> ResponseReturnValue:
    """An invitation that went to the wrong place."""
    invitations.withdraw(invitation_id, actor=g.actor)
    flash(_("The invitation is good no more."), "success")
    return redirect(url_for("lti_administration.platforms"), 303)


@blueprint.get("/keys")
def our_keys() -> str:
    """Our keys: which sign, which will, which did."""
    return render_template("lti/keys.html", keys=signing_keys.history(keys.USE), present=_present_key())


@blueprint.post("/keys")
def rotate() -> ResponseReturnValue:
    """Publish the next key now."""
    signing_keys.publish_next(keys.USE, actor=g.actor)
    flash(_("The next key is published. It signs from tomorrow."), "success")
    return redirect(url_for("lti_administration.our_keys"), 303)


@blueprint.get("/<registration_id>")
def platform(registration_id: str) -> str:
    """One learning system."""
    return _page(registrations.find(registration_id))


@blueprint.post("/<registration_id>/<any(confirm,decline,disable,enable,delete):decision>")
def decide(registration_id: str, decision: str) -> ResponseReturnValue:
    """One of the buttons."""
    action, said = DECISIONS[decision]
    action(registrations.find(registration_id), actor=g.actor)
    flash(said, "success")
    return _back(registration_id)


@blueprint.post("/<registration_id>/settings")
def change(registration_id: str) -> ResponseReturnValue:
    """Save the form of settings; what is wrong is shown beside its field."""
    found = registrations.find(registration_id)
    given = {**request.form.to_dict(), "algorithms": request.form.getlist("algorithms")}
    try:
        values = registration_settings.checked({**given, "allows_anonymous": "allows_anonymous" in request.form})
    except Invalid as invalid:
        return _page(found, faults=dict(invalid.fields), given=given), invalid.status
    registrations.change(found, values, actor=g.actor)
    flash(_("The settings are saved."), "success")
    return _back(registration_id)


@blueprint.post("/<registration_id>/deployments")
def decide_deployment(registration_id: str) -> ResponseReturnValue:
    """Take or refuse one place in a learning system; an id may be typed before anybody comes from there."""
    found = registrations.find(registration_id)
    deployment_id = request.form.get("deployment_id", "").strip()
    if not 0 < len(deployment_id) <= 255 or not deployment_id.isprintable():
        raise BadRequest("deployment-id-missing", _l("Write the deployment id as the learning system shows it."))
    if request.form.get("decision") == "refuse":
        registrations.refuse(found, deployment_id, actor=g.actor)
        flash(_("This place is refused."), "success")
    else:
        registrations.approve(found, deployment_id, actor=g.actor)
        flash(_("This place may open modules."), "success")
    return _back(registration_id)


def _back(registration_id: str) -> ResponseReturnValue:
    return redirect(url_for("lti_administration.platform", registration_id=registration_id), 303)


def _page(
    found: Registration, *, faults: Mapping[str, object] | None = None, given: Mapping[str, object] | None = None
) -> str:
    given = given or {}
    return render_template(
        "lti/platform.html",
        registration=found,
        deployments=registrations.deployments_of(found),
        platform_keys=_keys_of(found),
        audience=tokens.audience(found),
        scopes=[SCOPES.get(scope, scope) for scope in found.scopes],
        messages=[LABELS.get(name, name) for name in found.messages],
        policies=POLICIES,
        algorithms=algorithms.KNOWN,
        families=[(name, name) for name in registration_settings.FAMILIES if name],
        faults=faults or {},
        value=lambda name: given.get(name, getattr(found, name)),
    )


def _keys_of(found: Registration) -> tuple[PlatformKeySet, list[str]] | None:
    """The platform's keys as last read; None if nobody has launched yet."""
    stored = db.session.get(PlatformKeySet, found.jwks_url)
    if stored is None:
        return None
    return stored, sorted(keys.known(keys.Stored(stored.jwks_url, stored.jwks, stored.fetched_at, stored.tried_at)))


def _present_key() -> str | None:
    return signing_keys.signing_now(keys.USE)
