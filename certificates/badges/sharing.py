"""A holder lets everybody with a link see the certificate and take its credential; off until she says so."""

import secrets

from certificates import lookup
from certificates.badges.models import Share
from certificates.models import Certificate
from lms.core import audit
from lms.core.db import db, insert_once


def of_certificate(certificate_id: str) -> Share | None:
    """Whether it is shared, and by which link."""
    return db.session.get(Share, certificate_id)


def share(certificate: Certificate) -> Share:
    """Let everybody with the link see it, in the caller's transaction; asked twice, the link stays."""
    row, is_new = insert_once(Share, {"certificate_id": certificate.id}, {"token": secrets.token_urlsafe(16)})
    if is_new:
        audit.record("certificate.shared", subject=f"certificate:{certificate.id}", actor="holder")
    return row


def stop(certificate: Certificate) -> None:
    """The link opens nothing any more, in the caller's transaction; the next one is another."""
    row = of_certificate(certificate.id)
    if row is not None:
        db.session.delete(row)
        audit.record("certificate.not-shared", subject=f"certificate:{certificate.id}", actor="holder")


def shared(token: str) -> Certificate | None:
    """The certificate behind a link that is open now."""
    row = db.session.query(Share).filter_by(token=token).one_or_none()
    return lookup.by_id(row.certificate_id) if row else None
