"""The register of seals: which we use, which we used, and since when one is retired or in other hands.

Retired is not compromised. What a retired seal made stays genuine for ever. A compromised one proves only what a trusted
authority saw before that moment, or what the register itself holds from before it (docs/keys.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask import current_app
from sqlalchemy import select

from certificates.models import Certificate, SealKey
from certificates.seal import Seal
from certificates.seal_token import open_token
from certificates.time_authority import roots_of
from certificates.verdicts import TrustedSeal
from lms.core import audit, clock, settings
from lms.core.db import db, insert_once
from lms.core.errors import Conflict, NotFound, Unavailable
from lms.core.i18n import _l

SHORTEST_FINGERPRINT = 8


class KeyState(StrEnum):
    """What a seal is good for today."""

    IN_FORCE = "in force"
    NOT_YET = "not yet"
    EXPIRED = "expired"
    """Its certificate has ended; what it sealed before stays genuine."""
    RETIRED = "retired"
    COMPROMISED = "compromised"


@dataclass(frozen=True)
class KeyFacts:
    """One seal of the register, for the operator."""

    fingerprint: str
    state: KeyState
    name: str
    valid_from: datetime
    valid_until: datetime
    retired_at: datetime | None
    compromised_at: datetime | None


def current() -> Seal:
    """The seal of this installation, opened once for each process and again when it was replaced.

    :raises Unavailable: ``seal-missing``, ``seal-locked``, ``seal-token-missing``; ``seal-retired`` if the register says
        that it makes no more seals.
    """
    seal = _opened()
    row = db.session.get(SealKey, seal.fingerprint)
    if row is not None and _state(row) is not KeyState.IN_FORCE:
        raise Unavailable(
            "seal-retired", _l("The seal of this service is not in force. The administrator has to add another one.")
        )
    return seal


def know(seal: Seal, *, actor: str = "operator") -> bool:
    """Enter a seal among those that we answer for; whether it is new. In the caller's transaction."""
    _row, is_new = insert_once(
        SealKey,
        {"fingerprint": seal.fingerprint},
        {
            "certificate_pem": seal.certificate.public_bytes(Encoding.PEM).decode(),
            "root_pem": seal.root.public_bytes(Encoding.PEM).decode(),
            "valid_from": seal.certificate.not_valid_before_utc,
        },
    )
    if is_new:
        audit.record("seal.registered", subject=f"seal:{seal.fingerprint}", actor=actor)
    return is_new


def trusted() -> list[TrustedSeal]:
    """Every seal that we ever used, with the moments from which it counts no more."""
    return [
        TrustedSeal(row.fingerprint, _der(row.root_pem), row.retired_at, row.compromised_at)
        for row in db.session.scalars(select(SealKey))
    ]


def time_roots() -> Sequence[bytes]:
    """DER of the roots of all time-stamping authorities that we trust or once trusted."""
    return roots_of(settings.current())


def is_beyond_doubt(certificate: Certificate) -> bool:
    """Whether the register alone vouches for the files of a certificate.

    Not if it was issued after the key was in other hands: then the file itself has to prove that it is older.
    """
    row = db.session.get(SealKey, certificate.seal_fingerprint) if certificate.seal_fingerprint else None
    if row is None or row.compromised_at is None:
        return True
    return certificate.issued_at is not None and certificate.issued_at < row.compromised_at


def everything() -> list[KeyFacts]:
    """All seals, the newest first."""
    return [_facts(row) for row in db.session.scalars(select(SealKey).order_by(SealKey.valid_from.desc()))]


def retire(fingerprint: str, since: datetime, *, actor: str) -> KeyFacts:
    """Say that a seal made no more seals from a moment on, in the caller's transaction.

    :raises NotFound: ``seal-unknown``.
    :raises Conflict: ``seal-retired-earlier``: a moment once told is not moved to a later one.
    """
    row = _found(fingerprint)
    if row.retired_at is not None and row.retired_at < since:
        raise Conflict("seal-retired-earlier", _l("This seal was retired earlier already."))
    row.retired_at = since
    audit.record("seal.retired", subject=f"seal:{row.fingerprint}", actor=actor, since=since.isoformat())
    return _facts(row)


def compromise(fingerprint: str, since: datetime, *, reason: str, actor: str) -> KeyFacts:
    """Say that others may have had the key from a moment on, in the caller's transaction. It is retired as well.

    :raises NotFound: ``seal-unknown``.
    """
    row = _found(fingerprint)
    row.compromised_at = min(since, row.compromised_at or since)
    row.retired_at = row.retired_at or clock.now()
    audit.record(
        "seal.compromised",
        subject=f"seal:{row.fingerprint}",
        actor=actor,
        since=row.compromised_at.isoformat(),
        reason=reason,
    )
    return _facts(row)


def seal_path() -> Path:
    """Where the seal of this installation lies, encrypted."""
    return settings.current().instance / "keys" / "seal.p12"


def open_configured() -> Seal:
    """The seal that the settings name, whatever the register says of it.

    :raises Unavailable: as :func:`current`.
    """
    configured = settings.current()
    return open_token(configured) if configured.seal_pkcs11 else Seal.load(seal_path(), configured.seal_passphrase)


def _opened() -> Seal:
    path = seal_path().with_suffix(".pem" if settings.current().seal_pkcs11 else ".p12")
    mark = path.stat().st_mtime_ns if path.exists() else 0
    kept: tuple[int, Seal] | None = current_app.extensions.get("bilim.seal")
    if kept is None or kept[0] != mark:
        kept = mark, open_configured()
        current_app.extensions["bilim.seal"] = kept
    return kept[1]


def _found(beginning: str) -> SealKey:
    """By its fingerprint or enough of its beginning."""
    rows = []
    if len(beginning) >= SHORTEST_FINGERPRINT and beginning.isalnum():
        rows = list(db.session.scalars(select(SealKey).where(SealKey.fingerprint.startswith(beginning.lower()))))
    if len(rows) != 1:
        raise NotFound("seal-unknown", _l("The register knows no seal with this fingerprint."))
    return rows[0]


def _facts(row: SealKey) -> KeyFacts:
    certificate = x509.load_pem_x509_certificate(row.certificate_pem.encode())
    return KeyFacts(
        row.fingerprint,
        _state(row),
        certificate.subject.rfc4514_string(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        row.retired_at,
        row.compromised_at,
    )


def _state(row: SealKey) -> KeyState:
    certificate, now = x509.load_pem_x509_certificate(row.certificate_pem.encode()), clock.now()
    if row.compromised_at is not None:
        return KeyState.COMPROMISED
    if row.retired_at is not None and row.retired_at <= now:
        return KeyState.RETIRED
    if certificate.not_valid_after_utc < now:
        return KeyState.EXPIRED
    return KeyState.NOT_YET if now < certificate.not_valid_before_utc else KeyState.IN_FORCE


def _der(pem: str) -> bytes:
    return x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
