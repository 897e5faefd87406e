"""Invitations: a link by which one person takes up one role, once, after the provider has said who that is."""

from datetime import timedelta
from typing import cast

from sqlalchemy import ColumnElement, CursorResult, and_, select, update

from lms.core import audit, clock, settings
from lms.core.db import db
from lms.core.errors import Conflict, NotFound
from lms.core.i18n import _l
from lms.core.vault import hashed, new_secret
from lms.signin import members
from lms.signin.members import Post
from lms.signin.models import Invitation, StaffMember
from lms.signin.refusals import SignInRefused
from lms.signin.roles import Role

LIFE = timedelta(days=7)
PATH = "/staff/invitation/"


def invite(name: str, post: Post, *, actor: str) -> tuple[Invitation, str]:
    """A new invitation, and the address to send to the invited: it is shown now and never again.

    :raises Invalid: ``post-not-valid``.
    """
    members.refuse_wrong_post(post)
    token = new_secret("bilim_invitation_")
    invitation = Invitation(
        token_hash=hashed(token),
        invited_name=name,
        role=post.role,
        organisation_id=post.organisation_id,
        role_ends_at=post.ends_at,
        invited_by=actor,
        expires_at=clock.now() + LIFE,
    )
    db.session.add(invitation)
    db.session.flush()
    _note("staff.invited", invitation, actor=actor)
    return invitation, f"{settings.current().public_url}{PATH}{token}"


def find(token: str) -> Invitation:
    """The invitation of a link, if it can still be taken up.

    :raises SignInRefused: ``invitation-not-good`` if it is unknown, too old, used or withdrawn.
    """
    found = db.session.scalar(select(Invitation).where(Invitation.token_hash == hashed(token), _is_open()))
    if found is None:
        raise _not_good()
    return found


def take(invitation_id: str) -> Invitation:
    """Use an invitation up, before anybody gets anything by it. One statement decides who is first.

    :raises SignInRefused: ``invitation-not-good``.
    """
    taken = update(Invitation).where(Invitation.id == invitation_id, _is_open()).values(accepted_at=clock.now())
    if cast(CursorResult[object], db.session.execute(taken)).rowcount != 1:
        raise _not_good()
    return db.session.get_one(Invitation, invitation_id, populate_existing=True)


def hand_over(invitation: Invitation, member: StaffMember) -> None:
    """Give the role of an invitation that was taken to whoever the provider says is there."""
    invitation.accepted_by = member.id
    _note("staff.invitation-accepted", invitation, actor=f"staff:{member.id}")
    post = Post(Role(invitation.role), invitation.organisation_id, invitation.role_ends_at)
    members.give(member, post, actor=invitation.invited_by)


def withdraw(invitation: Invitation, *, actor: str) -> None:
    """Take an invitation back before it is accepted.

    :raises Conflict: ``invitation-accepted``.
    """
    if invitation.accepted_at is not None:
        raise Conflict(
            "invitation-accepted",
            _l("This invitation was accepted already. Take the role away from the person instead."),
        )
    invitation.withdrawn_at = invitation.withdrawn_at or clock.now()
    _note("staff.invitation-withdrawn", invitation, actor=actor)


def by_id(invitation_id: str) -> Invitation:
    """:raises NotFound: ``invitation-unknown``."""
    found = db.session.get(Invitation, invitation_id)
    if found is None:
        raise NotFound("invitation-unknown", _l("There is no such invitation."))
    return found


def waiting() -> list[Invitation]:
    """Those that can still be accepted, the newest first."""
    return list(db.session.scalars(select(Invitation).where(_is_open()).order_by(Invitation.created_at.desc())))


def _is_open() -> ColumnElement[bool]:
    now = clock.now()
    return and_(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.expires_at > now)


def _not_good() -> SignInRefused:
    return SignInRefused(
        "invitation-not-good", _l("This invitation was used already, was withdrawn, is too old, or was never made.")
    )


def _note(action: str, invitation: Invitation, *, actor: str) -> None:
    audit.record(
        action,
        subject=f"invitation:{invitation.id}",
        actor=actor,
        role=str(invitation.role),
        organisation=invitation.organisation_id,
    )
