"""The list of what holds: signed once a day, without a name in it, for whoever checks certificates without a network.

It names what does **not** hold (suspended, revoked, replaced, and by which number), so that nobody who lacks a certificate learns
anything, and whoever has one finds it (``certificates.offline.marks``). What is not in it holds as of its day. It also has the
keys of summaries with what became of them, and which body answers today (docs/adr/0026).
"""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import select

from certificates import chain
from certificates.badges.models import Achievement
from certificates.models import ISSUED, VOID, Certificate, CertificateEvent
from certificates.offline import marks, signing, summary
from certificates.snapshot import Issuer, Snapshot
from certificates.standing import State
from lms.core import clock, files, jobs, keys, settings
from lms.core.db import db, reading, transaction
from lms.core.errors import Conflict, NotFound
from lms.core.i18n import _l, civil_date
from lms.core.keys import SigningKey
from lms.organisations import issuers

FRESH_DAYS = 7
"""Older lists are still told, with a warning."""
FOLDER = "offline"
TYPE = "register-list+jwt"
JOB = "offline-list"
VOUCHED_BYTES = 16
"""Of the digest of what the register vouches for. Long: whoever stole a key could look for another of the same digest."""

_ENTRY = struct.Struct(">8sBH")
_FIRST_DAY = date(2000, 1, 1)


class Entry(IntEnum):
    """Why a certificate stands in the list."""

    SUSPENDED = 1
    REVOKED = 2
    SUPERSEDED = 3


_ENTRY_OF = {
    State.SUSPENDED: Entry.SUSPENDED,
    State.REVOKED: Entry.REVOKED,
    State.VOID: Entry.REVOKED,
    State.SUPERSEDED: Entry.SUPERSEDED,
}


class NotGenuine(ValueError):
    """A list without a signature of ours."""


@dataclass(frozen=True)
class Listed:
    """What a list says of one certificate."""

    entry: Entry
    since: date
    replaced_by: str | None = None
    """Register number of the certificate that took its place."""


def composed(**more: Any) -> str:
    """The list as of now, signed (JWT). Reads in the caller's transaction.

    :param more: what else is told under the signature.
    :raises NotFound: ``offline-list-missing`` before anything was ever signed.
    """
    try:
        key = keys.active(chain.KEY_USE)
    except LookupError as error:
        raise NotFound("offline-list-missing", _l("There is no list yet. Ask again tomorrow.")) from error
    now = clock.now()
    event, hash_of_event = chain.head()
    entries, replacements = _what_does_not_hold()
    claims = {
        "iss": settings.current().public_url,
        "iat": int(now.timestamp()),
        "day": civil_date(now).isoformat(),
        "fresh_days": FRESH_DAYS,
        "head": {"event": event, "hash": hash_of_event},
        "keys": [_key(row) for row in signing.history()],
        "issuers": _issuers(),
        "entries": encoded(b"".join(sorted(entries))),
        "replacements": encoded(b"".join(sorted(replacements))),
        "vouched": encoded(b"".join(sorted(_vouched()))),
    }
    return jwt.encode({"alg": chain.ALGORITHM, "kid": key.kid, "typ": TYPE}, claims | more, key)


def today() -> bytes:
    """The newest list of today, composed and stored if there is none yet. Reads in the caller's transaction.

    :raises NotFound: ``offline-list-missing``.
    """
    name = max(_names_of_today(), default=None) or _keep(composed())
    return files.read(name)


def publish() -> str:
    """Compose and store a list now, whatever was published today, and give its name. Opens its own transactions."""
    with transaction():
        keys.ensure(chain.KEY_USE, chain.ALGORITHM)
        keys.ensure(signing.USE, signing.ALGORITHM)
    with reading():
        text = composed()
    return _keep(text)


@jobs.daily(JOB)
def compose_by_calendar(_subject: str) -> None:
    """So that it is there before anybody asks, and for a day on which nobody does."""
    if not _names_of_today():
        publish()


def read(text: str, public_keys: list[dict[str, Any]]) -> Mapping[str, Any]:
    """What a list says.

    :param public_keys: those of the register, which are known from elsewhere.
    :raises NotGenuine: if none of them has signed it as a list.
    """
    try:
        token = jwt.decode(text, KeySet.import_key_set({"keys": public_keys}), [chain.ALGORITHM])
    except (JoseError, ValueError) as error:
        raise NotGenuine(str(error)) from error
    if token.header.get("typ") != TYPE:
        raise NotGenuine("signed as something else")
    return token.claims


def found(claims: Mapping[str, Any], number: str, code: str) -> Listed | None:
    """What the list says of a certificate; None if it holds as of its day."""
    wanted, entries = marks.mark(number, code), decoded(claims["entries"])
    for known, entry, day in _ENTRY.iter_unpack(entries):
        if known == wanted:
            # Lists of before did not tell it.
            by = marks.successor_in(decoded(claims.get("replacements", "")), number, code)
            return Listed(Entry(entry), date.fromordinal(_FIRST_DAY.toordinal() + day), by)
    return None


def encoded(data: bytes) -> str:
    """As JSON Web Signatures write bytes (RFC 7515, 2)."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """What :func:`encoded` wrote."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _names_of_today() -> list[str]:
    return list(files.names(f"{FOLDER}/{civil_date(clock.now())}"))


def _keep(text: str) -> str:
    """Several processes at once may publish; all give out the newest."""
    now = clock.now()
    name = f"{FOLDER}/{civil_date(now)}/{now:%H%M%S%f}.jws"
    with suppress(Conflict):
        files.store(name, text.encode())
    return name


def _key(row: SigningKey) -> dict[str, Any]:
    return {
        "mark": summary.key_mark(row.kid),
        "kid": row.kid,
        "jwk": {name: row.public_jwk[name] for name in ("kty", "crv", "x", "y")},
        "active_from": _moment(row.active_from),
        "retired_at": _moment(row.retired_at),
        "compromised_at": _moment(row.withdrawn_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None


def _issuers() -> dict[str, Any]:
    """Every body as it was named on certificates, and who answers for it today."""
    found: dict[str, Any] = {}
    for facts in db.session.scalars(select(Achievement.facts)):
        issuer = Issuer(**facts["issuer"])
        name = summary.issuer_mark(issuer)
        if name not in found:
            found[name] = {
                "names": dict(issuer.names),
                "country": issuer.country,
                "today": _successor(facts["organisation_id"]),
            }
    return found


def _successor(organisation_id: str) -> dict[str, Any] | None:
    body = issuers.succession_of(organisation_id)
    if body is None:
        return None
    return {"names": dict(body.names), "act": body.act, "day": body.day.isoformat() if body.day else None}


def _what_does_not_hold() -> tuple[list[bytes], list[bytes]]:
    """The entries, and who took the place of which."""
    rows = db.session.execute(
        select(Certificate.number, Certificate.code, Certificate.status, CertificateEvent.at, CertificateEvent.facts)
        .join(
            CertificateEvent,
            (CertificateEvent.certificate_id == Certificate.id) & (CertificateEvent.kind == Certificate.status),
        )
        .where(Certificate.status.in_([*_ENTRY_OF]))
        .order_by(CertificateEvent.id)
    )
    last = {(number, code): (State(status), at, facts) for number, code, status, at, facts in rows}
    entries = [
        _ENTRY.pack(marks.mark(*known), _ENTRY_OF[state], (civil_date(at) - _FIRST_DAY).days)
        for known, (state, at, _facts) in last.items()
    ]
    replaced = [(known, facts) for known, (state, _at, facts) in last.items() if state is State.SUPERSEDED]
    return entries, [marks.replacement(*known, facts["by"]) for known, facts in replaced if facts.get("by")]


def _vouched() -> Iterator[bytes]:
    """Summaries under a key that others may have, of certificates that were issued before they could have had it."""
    keys_lost = [(row.kid, row.withdrawn_at) for row in signing.history()]
    lost = {summary.key_mark(kid): since for kid, since in keys_lost if since}
    if not lost:
        return
    rows = db.session.execute(
        select(Certificate.snapshot, Certificate.issued_at)
        .where(Certificate.status.in_((*ISSUED, VOID)), Certificate.issued_at < max(lost.values()))
        .order_by(Certificate.id),
        execution_options={"yield_per": 1000},
    )
    for text, issued_at in rows:
        _base, _sign, digits = (Snapshot.from_json(text).offline_url or "").partition("#")
        if digits:
            facts, signature = summary.taken_apart(digits)
            since = lost.get(summary.unpacked(facts).key)
            if since and issued_at and issued_at < since:
                yield sha256(facts + signature).digest()[:VOUCHED_BYTES]
