"""Invitations to register: an address with a secret in it, good once and for a few days (LTI dynamic registration 1.0).

The address is meant for one administrator of one platform. Without it a stranger could fill our list. Of the secret only
a hash is kept.
"""

from datetime import timedelta
from typing import cast

from sqlalchemy import CursorResult, select, update

from lms.core import audit, clock, settings
from lms.core.db import db
from lms.core.i18n import _l
from lms.core.vault import hashed, new_secret
from lms.lti.models import Invitation
from lms.lti.registration_refusals import ASK, RegistrationRefused

PREFIX = "bilim-invite-"
LIFE = timedelta(days=7)
LONGEST_LIFE = timedelta(days=90)
_SPEC = "LTI dynamic registration 1.0, 3.3"


def invite(*, note: str, actor: str, policy: str = "approve", life: timedelta = LIFE) -> tuple[Invitation, str]:
    """A new invitation and its address, which is shown this once."""
    secret = new_secret(PREFIX)
    row = Invitation(
        secret_hash=hashed(secret),
        note=note,
        deployment_policy=policy,
        expires_at=clock.now() + min(life, LONGEST_LIFE),
    )
    db.session.add(row)
    db.session.flush()
    audit.record("lti.invited", subject=row.id, actor=actor, expires_at=row.expires_at.isoformat())
    return row, f"{settings.current().public_url}/lti/register/{secret}"


def find(secret: str) -> Invitation:
    """The invitation that an address names, if it may still be used.

    :raises RegistrationRefused: ``invitation-unknown``, ``invitation-used``, ``invitation-expired``.
    """
    row = db.session.scalar(select(Invitation).filter_by(secret_hash=hashed(secret)))
    if row is None:
        sentence = _l("This invitation does not exist. Check that the address is complete.")
        raise RegistrationRefused("invitation-unknown", sentence, spec=_SPEC, status=404, what_to_do=ASK)
    if row.used_at:
        raise already_used()
    if row.expires_at <= clock.now():
        sentence = _l("This invitation is too old.")
        raise RegistrationRefused("invitation-expired", sentence, spec=_SPEC, status=403, what_to_do=ASK)
    return row


def already_used() -> RegistrationRefused:
    """Each invitation is good once."""
    sentence = _l("This invitation was used already. Each is good once.")
    return RegistrationRefused("invitation-used", sentence, spec=_SPEC, status=403, what_to_do=ASK)


def use_up(invitation_id: str) -> bool:
    """Whether we are the first: one statement decides."""
    unused = update(Invitation).where(Invitation.id == invitation_id, Invitation.used_at.is_(None))
    return cast(CursorResult[object], db.session.execute(unused.values(used_at=clock.now()))).rowcount == 1


def give_back(invitation_id: str) -> None:
    """The platform said no, so nothing was registered: the person may correct it and try again."""
    db.session.execute(update(Invitation).where(Invitation.id == invitation_id).values(used_at=None))


def withdraw(invitation_id: str, *, actor: str) -> None:
    """An invitation that reached the wrong person is good no more."""
    if use_up(invitation_id):
        audit.record("lti.invitation-withdrawn", subject=invitation_id, actor=actor)


def open_ones() -> list[Invitation]:
    """Those that may still be used, the newest first."""
    wanted = select(Invitation).where(Invitation.used_at.is_(None), Invitation.expires_at > clock.now())
    return list(db.session.scalars(wanted.order_by(Invitation.created_at.desc())))
