"""The list of staff: who is there, with which roles, invited by whom, last seen when. Each looks after their own."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.core import clock
from lms.core.errors import Invalid
from lms.core.i18n import _, civil_date
from lms.core.schemas import load
from lms.signin import directory, guard, invitations, members, roles, sessions
from lms.signin.members import Post
from lms.signin.models import StaffMember
from lms.signin.roles import Role
from lms.signin.schemas import InvitationForm, PostForm

blueprint = Blueprint("staff_list", __name__, template_folder="../templates")


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    return {"role_names": {str(role): name for role, name in roles.NAMES.items()}, "last_day": last_day}


def last_day(ends_at: datetime) -> date:
    """The last day on which a role is held, by the calendar of the academy."""
    return civil_date(ends_at - timedelta(seconds=1))


@blueprint.get("/")
def everybody() -> str:
    """Members of staff and invitations that wait."""
    viewer = guard.current()
    seen = directory.members_seen_by(viewer)
    return render_template(
        "staff/list.html",
        members=[(member, directory.grants_seen_by(viewer, member)) for member in seen],
        last=directory.last_sign_ins([member.id for member in seen]),
        invitations=directory.invitations_seen_by(viewer),
        now=clock.now(),
    )


@blueprint.get("/invite")
def invite() -> str:
    """Whom to invite to what."""
    return _invite_page({}, {})


@blueprint.post("/invite")
def send_invitation() -> ResponseReturnValue:
    """Make an invitation. Its link is on the answer and nowhere else, so there is no redirect."""
    viewer = guard.current()
    try:
        form = load(InvitationForm(), request.form.to_dict())
        post = _post(form)
        directory.refuse_more_than_own(viewer, post.role, post.organisation_id)
        invitation, address = invitations.invite(form["name"], post, actor=viewer.actor)
    except Invalid as refused:
        return _invite_page(request.form.to_dict(), refused.fields), refused.status
    return render_template("staff/invited.html", invitation=invitation, address=address), 201


@blueprint.post("/invitations/<invitation_id>/withdraw")
def withdraw_invitation(invitation_id: str) -> ResponseReturnValue:
    """Take an invitation back."""
    viewer = guard.current()
    invitations.withdraw(directory.invitation_seen_by(viewer, invitation_id), actor=viewer.actor)
    flash(_("The invitation is withdrawn. Its link does not work any more."), "success")
    return redirect(url_for("staff_list.everybody"), 303)


@blueprint.get("/<staff_id>")
def member(staff_id: str) -> str:
    """One member: roles, last sign-ins, and what can be changed."""
    return _member_page(directory.member_seen_by(guard.current(), staff_id), {}, {})


@blueprint.post("/<staff_id>/roles")
def give_role(staff_id: str) -> ResponseReturnValue:
    """Give a role, or move the last day of one that is held."""
    viewer = guard.current()
    found = directory.member_seen_by(viewer, staff_id)
    try:
        post = _post(load(PostForm(), request.form.to_dict()))
        directory.refuse_more_than_own(viewer, post.role, post.organisation_id)
        members.refuse_wrong_post(post)
    except Invalid as refused:
        return _member_page(found, request.form.to_dict(), refused.fields), refused.status
    members.give(found, post, actor=viewer.actor)
    flash(_("The role is given."), "success")
    return redirect(url_for("staff_list.member", staff_id=found.id), 303)


@blueprint.post("/<staff_id>/roles/<grant_id>/withdraw")
def withdraw_role(staff_id: str, grant_id: str) -> ResponseReturnValue:
    """Take a role away, from the next page on."""
    viewer = guard.current()
    found = directory.member_seen_by(viewer, staff_id)
    directory.refuse_own_account(viewer, found)
    members.withdraw(directory.grant_seen_by(viewer, found, grant_id), actor=viewer.actor)
    flash(_("The role is taken away."), "success")
    return redirect(url_for("staff_list.everybody"), 303)


@blueprint.post("/<staff_id>/disable")
def disable(staff_id: str) -> ResponseReturnValue:
    """Turn an account off, everywhere and at once."""
    found = _of_the_platform(staff_id)
    directory.refuse_own_account(guard.current(), found)
    members.disable(found, actor=guard.current().actor)
    flash(_("The account is turned off. Its sessions have ended."), "success")
    return redirect(url_for("staff_list.member", staff_id=found.id), 303)


@blueprint.post("/<staff_id>/enable")
def enable(staff_id: str) -> ResponseReturnValue:
    """Turn an account on again."""
    found = _of_the_platform(staff_id)
    members.enable(found, actor=guard.current().actor)
    flash(_("The account is turned on again."), "success")
    return redirect(url_for("staff_list.member", staff_id=found.id), 303)


def _of_the_platform(staff_id: str) -> StaffMember:
    """An account is one for all organisations, so only those who answer for all turn it off."""
    guard.require(roles.PLATFORM_ADMINISTRATOR, None)
    return members.find(staff_id)


def _post(form: dict[str, Any]) -> Post:
    role: Role = form["role"]
    last: date | None = form["ends_on"]
    return Post(role, form["organisation"], members.end_of(last) if last else None)


def _invite_page(given: dict[str, str], faults: Any) -> str:
    return render_template("staff/invite.html", given=given, faults=_sentences(faults), **_choices())


def _member_page(found: StaffMember, given: dict[str, str], faults: Any) -> str:
    viewer = guard.current()
    return render_template(
        "staff/member.html",
        member=found,
        grants=directory.grants_seen_by(viewer, found),
        may_give=lambda grant: directory.may_give(viewer, Role(grant.role), grant.organisation_id),
        sign_ins=sessions.last_of(found.id),
        is_good=sessions.is_good,
        is_own=viewer.id == found.id,
        may_disable=viewer.may(roles.PLATFORM_ADMINISTRATOR, None) and viewer.id != found.id,
        now=clock.now(),
        given=given,
        faults=_sentences(faults),
        **_choices(),
    )


def _choices() -> dict[str, object]:
    viewer = guard.current()
    return {
        "roles": directory.roles_to_give(viewer),
        "organisations": directory.organisations_to_choose(viewer),
        "everywhere": viewer.organisations(roles.PLATFORM_ADMINISTRATOR) is None,
    }


def _sentences(faults: Any) -> dict[str, object]:
    """One sentence for each field, in the order of the form."""
    first = {name: fault[0] if isinstance(fault, list) else fault for name, fault in faults.items()}
    return {name: first[name] for name in ("name", "role", "organisation", "ends_on") if name in first}
