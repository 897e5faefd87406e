"""The credential of a reserved certificate: signed once, kept, and put into its PDF before that is sealed."""

import secrets
from contextlib import suppress
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from certificates.badges import achievement, claims, signing, status_list
from certificates.badges.addresses import Addresses
from certificates.badges.claims import Place
from certificates.badges.models import Credential
from certificates.finishing import Attachment
from certificates.snapshot import Snapshot
from lms.core import clock, jobs, settings
from lms.core.db import db, reading, transaction
from lms.core.keys import SigningKey

FILE_NAME = "credential.jwt"
FULL_AFTER = 8
"""So many random places taken in a row mean that a list is full: about three quarters of it."""
TRIES = 16


def attachments_of(snapshot: Snapshot, organisation_id: str) -> tuple[Attachment]:
    """What is embedded into the PDF. The same at every call, also after a try that failed in between.

    :raises jobs.TryLater: ``status-list-contended``.
    """
    return (as_attachment(_signed(snapshot, organisation_id)),)


def as_attachment(jwt: str) -> Attachment:
    """A credential as an associated file (PDF/A-3). No way to bake one into a PDF is standardised; this is ours."""
    return Attachment(FILE_NAME, jwt.encode(), "application/vc+jwt", "Open Badges 3.0 credential, signed (JWT)")


def _signed(snapshot: Snapshot, organisation_id: str) -> str:
    for attempt in range(TRIES):
        with reading():
            present = db.session.get(Credential, snapshot.certificate_id)
            number = _newest_list(organisation_id) + int(attempt >= FULL_AFTER)
            key = signing.key_at_hand()
        if present is not None:
            return present.jwt
        made = _made(snapshot, Place(organisation_id, number, secrets.randbelow(status_list.ENTRIES)), key)
        with suppress(IntegrityError), transaction():  # the place is taken: the constraint knows, nobody looks first
            return _kept(made, achievement.facts_of(snapshot, organisation_id))
    raise jobs.TryLater("status-list-contended")


def _made(snapshot: Snapshot, place: Place, key: SigningKey | None) -> Credential:
    """Signed before the transaction that keeps it: whoever writes waits for that one."""
    if key is None:
        with transaction():
            key = signing.key_of_today()
    payload = claims.of(snapshot, place, zone=settings.current().time_zone)
    signed = signing.sign_with(key, payload, Addresses.of(snapshot.verify_url))
    return Credential(
        certificate_id=snapshot.certificate_id,
        **place._asdict(),
        kid=signed.kid,
        jwt=signed.jwt,
        made_at=clock.now(),
    )


def _kept(made: Credential, facts: dict[str, Any]) -> str:
    if achievement.kept(achievement.identifier(facts)) is None:
        achievement.keep(facts)
    db.session.add(made)
    db.session.flush()
    return made.jwt


def _newest_list(organisation_id: str) -> int:
    newest = select(func.max(Credential.list_number)).filter_by(organisation_id=organisation_id)
    return db.session.scalar(newest) or 1
