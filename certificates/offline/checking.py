"""Is this file a certificate of ours, without a network and a database? The verdict of ``certificates.verification``, from a bundle.

What the register would say is taken from the list in the bundle, as of its day. Which bytes it holds is not in the bundle:
a genuine file is genuine by its seal.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from certificates import differences, inspection
from certificates.badges.making import FILE_NAME
from certificates.offline import listing
from certificates.offline.bundle import Bundle
from certificates.offline.listing import Entry, Listed
from certificates.snapshot import Issuer
from certificates.verdicts import Contents, VerdictCode
from certificates.verification import Facts, RegisterStatus, StandingFacts, Verdict
from lms.core import clock, settings
from lms.core.i18n import civil_date
from lms.organisations.issuers import Succession

NOT_ASKED, OLD_LIST, NEWER_THAN_LIST = "register-not-asked", "list-is-old", "newer-than-list"
_NUMBER = re.compile(r"\d{4}-[A-Z]{2}-[A-Z]{1,10}\d{6,}")
_STATUS_OF = {
    Entry.SUSPENDED: RegisterStatus.SUSPENDED,
    Entry.REVOKED: RegisterStatus.REVOKED,
    Entry.SUPERSEDED: RegisterStatus.SUPERSEDED,
}


@dataclass(frozen=True)
class _Printed:
    """What a file under an unbroken seal of ours says of itself."""

    number: str
    code: str
    valid_until: date | None
    issued_on: date | None
    facts: Facts | None


def verify_pdf(data: bytes, bundle: Bundle) -> Verdict:
    """The verdict on a file. Needs neither network nor database."""
    found = inspection.inspect(
        data, seals=_seals_for(data, bundle), is_registered=lambda _sha256: False, time_roots=bundle.time_roots
    )
    if found.code is not VerdictCode.AUTHENTIC_BY_SIGNATURE:
        mentioned = differences.mentioned_code(found.contents)
        return Verdict(found.code, found.reasons, RegisterStatus.UNKNOWN, None, mentioned_code=mentioned)
    printed = _printed(found.contents, bundle.claims)
    reasons = ("sealed-by-us", NOT_ASKED, *_warnings(bundle.claims, printed))
    if printed is None:
        return Verdict(found.code, reasons, RegisterStatus.UNKNOWN, None)
    standing = _standing(listing.found(bundle.claims, printed.number, printed.code), printed.valid_until)
    return Verdict(found.code, reasons, standing.status, printed.facts, standing)


def day_of(bundle: Bundle) -> date:
    """As of which day the bundle knows what holds."""
    return date.fromisoformat(bundle.claims["day"])


def _seals_for(data: bytes, bundle: Bundle) -> tuple[Any, ...]:
    """A file that the register vouches for is genuine although others may have its seal."""
    if sha256(data).digest()[: listing.VOUCHED_BYTES] in bundle.vouched_files:
        return tuple(replace(seal, compromised_at=None) for seal in bundle.seals)
    return bundle.seals


def _warnings(claims: Mapping[str, Any], printed: _Printed | None) -> list[str]:
    day = date.fromisoformat(claims["day"])
    warnings = []
    if (civil_date(clock.now()) - day).days > claims["fresh_days"]:
        warnings.append(OLD_LIST)
    if printed and printed.issued_on and printed.issued_on > day:
        warnings.append(NEWER_THAN_LIST)
    return warnings


def _standing(listed: Listed | None, valid_until: date | None) -> StandingFacts:
    if listed is not None:
        return StandingFacts(_STATUS_OF[listed.entry], listed.since, None, listed.replaced_by, valid_until)
    has_ended = valid_until is not None and civil_date(clock.now()) > valid_until
    status = RegisterStatus.EXPIRED if has_ended else RegisterStatus.VALID
    return StandingFacts(status, None, None, None, valid_until)


def _printed(contents: Contents, claims: Mapping[str, Any]) -> _Printed | None:
    """From the credential in the file, which is under the seal like all of it; without one, from what is printed."""
    for attachment in contents.attachments:
        if attachment.name == FILE_NAME:
            return _from_credential(_payload(attachment.data), claims)
    code = differences.mentioned_code(contents)
    numbers = [found[0] for line in contents.lines if (found := _NUMBER.search(line))]
    return _Printed(numbers[0], code, None, None, None) if code and numbers else None


def _payload(jwt: bytes) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(listing.decoded(jwt.decode("ascii").split(".")[1]))
    return payload


def _from_credential(payload: Mapping[str, Any], claims: Mapping[str, Any]) -> _Printed:
    subject, (evidence, *_others) = payload["credentialSubject"], payload["evidence"]
    edition = subject["achievement"]
    hours = next(one["value"] for one in subject["result"] if one["resultDescription"].endswith("#hours"))
    until = payload.get("validUntil")
    facts = Facts(
        number=subject["licenseNumber"],
        code=evidence["id"].rpartition("/")[2],
        holder={str(at): one["identityHash"] for at, one in enumerate(subject["identifier"])},
        titles={edition["inLanguage"][:2]: edition["name"]},
        hours=int(hours),
        completed_on=_civil(payload["awardedDate"]),
        issued_on=_civil(payload["validFrom"]),
        issuer=Issuer({edition["inLanguage"][:2]: payload["issuer"]["name"]}, ""),
        successor=_successor(payload["issuer"]["name"], claims),
        verify_url=evidence["id"],
    )
    return _Printed(facts.number, facts.code, _civil(until) if until else None, facts.issued_on, facts)


def _successor(name: str, claims: Mapping[str, Any]) -> Succession | None:
    for issuer in claims["issuers"].values():
        if name in issuer["names"].values() and (today := issuer["today"]):
            day = date.fromisoformat(today["day"]) if today["day"] else None
            return Succession(today["names"], today["act"], day)
    return None


def _civil(moment: str) -> date:
    """Moments of credentials are midnights of civil dates, where the academy is."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(settings.current().time_zone)).date()
