"""What can be done to a certificate that was issued: suspend, reinstate, revoke. Each is an event with its actor.

To correct or renew one is to issue another in its place (``certificates.replacing``).
"""

from certificates import outbox, register
from certificates.chain import Link
from certificates.models import Certificate
from certificates.standing import Kind, ReasonCode
from lms.core.db import db

LONGEST_NOTE = 500


def suspend(certificate_id: str, *, reason: ReasonCode, note: str = "", actor: str) -> Link:
    """Let it not be accepted for now.

    :raises NotFound: ``certificate-unknown``; as the others below.
    :raises Conflict: ``state-differs`` unless it is valid.
    """
    return _done(certificate_id, Kind.SUSPENDED, reason, note, actor)


def reinstate(certificate_id: str, *, note: str = "", actor: str) -> Link:
    """Let it be valid again.

    :raises Conflict: ``state-differs`` unless it is suspended.
    """
    return _done(certificate_id, Kind.REINSTATED, None, note, actor)


def revoke(certificate_id: str, *, reason: ReasonCode, note: str = "", actor: str) -> Link:
    """Take it back for good.

    :raises Conflict: ``state-differs`` if it is revoked already, or was never issued.
    """
    return _done(certificate_id, Kind.REVOKED, reason, note, actor)


def _done(certificate_id: str, kind: Kind, reason: ReasonCode | None, note: str, actor: str) -> Link:
    words = " ".join(note.split())[:LONGEST_NOTE]
    event = register.change(certificate_id, kind, actor=actor, reason_code=reason, note=words)
    outbox.tell_of(db.session.get_one(Certificate, certificate_id), event)
    return event
