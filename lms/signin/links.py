"""One-time links: a way in without the provider, for the first administrator and for the day when the provider is away."""

from datetime import timedelta
from typing import cast

from sqlalchemy import CursorResult, update

from lms.core import audit, clock, settings
from lms.core.db import db
from lms.core.i18n import _l
from lms.core.vault import hashed, new_secret
from lms.signin.models import OneTimeLink, StaffMember
from lms.signin.refusals import OPERATOR, SignInRefused

LIFE = timedelta(minutes=15)
PATH = "/staff/link/"


def make(staff_id: str, *, actor: str) -> str:
    """The address of a new link for this member; whoever opens it is signed in as them."""
    token = new_secret("bilim_link_")
    db.session.add(OneTimeLink(token_hash=hashed(token), staff_id=staff_id, expires_at=clock.now() + LIFE))
    audit.record("staff.link-made", subject=f"staff:{staff_id}", actor=actor)
    return f"{settings.current().public_url}{PATH}{token}"


def use(token: str) -> StaffMember:
    """Whose link it is; used up now, whatever happens next. One statement decides who is first.

    :raises SignInRefused: ``link-not-good`` if it is unknown, too old or used; ``account-disabled``.
    """
    link = db.session.get(OneTimeLink, hashed(token))
    if link is None or link.expires_at <= clock.now() or not _is_first(link):
        raise SignInRefused(
            "link-not-good",
            _l("This link was used already, is too old, or was never made."),
            what_to_do=OPERATOR,
        )
    return enabled(db.session.get_one(StaffMember, link.staff_id))


def enabled(member: StaffMember) -> StaffMember:
    """:raises SignInRefused: ``account-disabled``."""
    if member.disabled_at is not None:
        raise SignInRefused("account-disabled", _l("Your account was turned off."))
    return member


def _is_first(link: OneTimeLink) -> bool:
    used = update(OneTimeLink).where(OneTimeLink.token_hash == link.token_hash, OneTimeLink.used_at.is_(None))
    return cast(CursorResult[object], db.session.execute(used.values(used_at=clock.now()))).rowcount == 1
