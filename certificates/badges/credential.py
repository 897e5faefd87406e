"""Is this credential ours, unchanged, and does it still hold? The same answer as for a code and for a file.

Our own keys are tried, no address in the credential is ever followed, and what counts is the register: neither the dates in
the credential nor a status list is asked.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from certificates import lookup
from certificates.badges import signing
from certificates.badges.models import Credential
from certificates.differences import Difference, Field
from certificates.models import Certificate
from certificates.snapshot import Snapshot
from certificates.verdicts import VerdictCode
from certificates.verification import RegisterStatus, Verdict, facts_of, standing_facts
from lms.core.db import db
from lms.core.keys import SigningKey

KIND = "OpenBadgeCredential"
LONGEST = 64 * 1024
"""Characters; ours have about 6000."""
_IDENTIFIER = re.compile(r"urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


class _Malformed(Exception):
    """Under our signature stands what is not built as we build it."""


class _Decided(Exception):
    """Nothing further has to be looked at."""

    def __init__(self, code: VerdictCode, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


def looks_like_one(data: bytes) -> bool:
    """Whether bytes are meant as a signed token: three words of base64url. The first begins with ``{"``."""
    words = data.strip().split(b".")
    return len(data) <= LONGEST and len(words) == 3 and words[0].startswith(b"eyJ") and data.isascii()


def verify(text: str) -> Verdict:
    """The verdict on a credential as compact JWS."""
    try:
        return _judged("".join(text.split()))
    except _Decided as decided:
        return Verdict(decided.code, (decided.reason,), RegisterStatus.UNKNOWN, None)


def bears_our_signature(jwt: str) -> bool:
    """Whether one of our keys signed it, whatever it says and whatever became of the key. Reads in the caller's transaction."""
    try:
        _payload(jwt, _key_of(jwt))
    except _Decided:
        return False
    return True


def of_certificate(certificate_id: str) -> Credential | None:
    """The kept credential; certificates that were issued before there were credentials have none."""
    return db.session.get(Credential, certificate_id)


def _judged(jwt: str) -> Verdict:
    if not looks_like_one(jwt.encode()):
        raise _Decided(VerdictCode.UNREADABLE, "not-a-credential")
    key = _key_of(jwt)
    payload = _payload(jwt, key)
    certificate = _meant(payload)
    kept = of_certificate(certificate.id) if certificate else None
    is_exact = kept is not None and kept.jwt == jwt
    if key.withdrawn_at is not None and not is_exact:  # the key got into other hands: the register has to confirm
        raise _Decided(VerdictCode.UNKNOWN_SIGNER, "seal-compromised")
    if certificate is None:
        if KIND not in _types(payload):  # the same keys sign lists of bits
            raise _Decided(VerdictCode.UNREADABLE, "not-a-credential")
        reasons = ("signed-by-us", "credential-not-found")
        return Verdict(VerdictCode.AUTHENTIC_BY_SIGNATURE, reasons, RegisterStatus.UNKNOWN, None)
    return _with_register(certificate, payload, is_exact=is_exact)


def _with_register(certificate: Certificate, payload: Mapping[str, Any], *, is_exact: bool) -> Verdict:
    standing = standing_facts(certificate)
    reasons: tuple[str, ...]
    told: tuple[Difference, ...] = ()
    try:
        told = _differences(payload, lookup.snapshot_of(certificate))
    except _Malformed:
        code, reasons = VerdictCode.INCONSISTENT, ("credential-malformed",)
        return Verdict(code, reasons, standing.status, facts_of(certificate), standing)
    if told:
        code, reasons = VerdictCode.INCONSISTENT, ("register-says-otherwise",)
    elif is_exact:
        code, reasons = VerdictCode.AUTHENTIC_EXACT, ("registered-credential",)
    else:
        code, reasons = VerdictCode.AUTHENTIC_BY_SIGNATURE, ("signed-by-us", "credential-not-registered")
    return Verdict(code, reasons, standing.status, facts_of(certificate), standing, told)


def _key_of(jwt: str) -> SigningKey:
    """The header only chooses among our own keys: neither its algorithm nor an address or key in it is followed."""
    try:
        name = str(jws.extract_compact(jwt.encode()).headers()["kid"])
    except (JoseError, ValueError, KeyError, RecursionError) as err:
        raise _Decided(VerdictCode.UNREADABLE, "not-a-credential") from err
    row = signing.known(name.rpartition("/")[2])
    if row is None:
        raise _Decided(VerdictCode.UNKNOWN_SIGNER, "signer-not-ours")
    return row


def _payload(jwt: str, key: SigningKey) -> dict[str, Any]:
    try:
        signed = jws.deserialize_compact(jwt, RSAKey.import_key(key.public_jwk), algorithms=[signing.ALGORITHM])
    except (JoseError, ValueError, TypeError) as err:
        raise _Decided(VerdictCode.TAMPERED, "content-changed") from err
    try:
        payload = json.loads(signed.payload)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise _Decided(VerdictCode.INCONSISTENT, "credential-malformed")
    return payload


def _types(payload: Mapping[str, Any]) -> list[Any]:
    said = payload.get("type")
    return said if isinstance(said, list) else [said]


def _meant(payload: Mapping[str, Any]) -> Certificate | None:
    named = _IDENTIFIER.fullmatch(str(payload.get("jti")))
    return lookup.by_id(named[1]) if named else None


def _differences(payload: Mapping[str, Any], snapshot: Snapshot) -> tuple[Difference, ...]:
    """Facts of a credential under our signature that the register has otherwise. The result is told to nobody here.

    :raises _Malformed: if they do not stand where ours stand.
    """
    said, held = _said(payload), _held(snapshot)
    return tuple(
        Difference(field, said[field], None if field is Field.RESULT else held[field])
        for field in said
        if said[field] != held[field]
    )


def _said(payload: Mapping[str, Any]) -> dict[Field, str | None]:
    try:
        subject = payload["credentialSubject"]
        results = {one["resultDescription"].rpartition("#")[2]: one["value"] for one in subject["result"]}
        said = {
            Field.NUMBER: subject["licenseNumber"],
            Field.HOLDER: ", ".join(sorted(one["identityHash"] for one in subject["identifier"])),
            Field.HOURS: results.get("hours"),
            Field.RESULT: results.get("result"),
            Field.TITLES: payload["name"],
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise _Malformed from error
    if not all(value is None or isinstance(value, str) for value in said.values()):
        raise _Malformed
    return said


def _held(snapshot: Snapshot) -> dict[Field, str | None]:
    return {
        Field.NUMBER: snapshot.number,
        Field.HOLDER: ", ".join(sorted(name for name in snapshot.holder.values() if name)),
        Field.HOURS: str(snapshot.hours),
        Field.RESULT: None if snapshot.score_percent is None else str(snapshot.score_percent),
        Field.TITLES: snapshot.titles.get("en") or next(iter(snapshot.titles.values())),
    }
