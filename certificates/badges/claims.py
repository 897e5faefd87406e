"""What a credential says, from the snapshot of a certificate and its place in the status lists. Pure.

Open Badges 3.0 (AchievementCredential) on the W3C data model 2.0; the claims of the proof as its integrity section asks.
The holder is the name as printed, and an identifier made for this one certificate: no number of a person, nothing that
two certificates of one person have in common.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from certificates.badges import achievement
from certificates.badges.addresses import CONTEXTS, Addresses
from certificates.snapshot import Snapshot

PURPOSES = ("revocation", "suspension")


class Place(NamedTuple):
    """Where the status of one credential stands; the same in the lists of both purposes."""

    organisation_id: str
    list_number: int
    position: int


def of(snapshot: Snapshot, place: Place, *, zone: str) -> dict[str, Any]:
    """The payload of the signed credential. The same arguments give the same payload.

    :param zone: in which the civil dates of the snapshot are meant.
    """
    addresses = Addresses.of(snapshot.verify_url)
    valid_from = _start_of(snapshot.issued_on, zone)
    document = {
        "@context": CONTEXTS,
        "id": f"urn:uuid:{snapshot.certificate_id}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": _title(snapshot),
        "issuer": _issuer(snapshot, addresses.issuer(place.organisation_id)),
        "validFrom": _written(valid_from),
        "awardedDate": _written(_start_of(snapshot.completed_on, zone)),
        "credentialSubject": _subject(snapshot, place.organisation_id, addresses),
        "credentialStatus": [_status(place, purpose, addresses) for purpose in PURPOSES],
        "refreshService": {"id": addresses.credential(snapshot.certificate_id), "type": "1EdTechCredentialRefresh"},
        "evidence": [{"id": snapshot.verify_url, "type": ["Evidence"], "name": snapshot.number}],
    }
    return document | _proof_claims(document, valid_from) | _end(snapshot, zone)


def holder_id(certificate_id: str) -> str:
    """Stands for the holder in this one credential."""
    return f"urn:uuid:{uuid5(UUID(certificate_id), 'holder')}"


def _subject(snapshot: Snapshot, organisation_id: str, addresses: Addresses) -> dict[str, Any]:
    facts = achievement.facts_of(snapshot, organisation_id)
    edition = achievement.edition(facts, achievement.first_language(facts), addresses)
    return {
        "id": holder_id(snapshot.certificate_id),
        "type": ["AchievementSubject"],
        "identifier": [
            {"type": "IdentityObject", "hashed": False, "identityHash": name, "identityType": "name"}
            for _script, name in sorted(snapshot.holder.items())
            if name
        ],
        "licenseNumber": snapshot.number,
        "achievement": edition,
        "result": achievement.results(snapshot, edition["id"]),
    }


def _issuer(snapshot: Snapshot, address: str) -> dict[str, Any]:
    names = snapshot.issuer.names
    return {"id": address, "type": ["Profile"], "name": names.get("en") or next(iter(names.values()))}


def _status(place: Place, purpose: str, addresses: Addresses) -> dict[str, Any]:
    """W3C Bitstring Status List 1.0, 2.1."""
    address = addresses.status_list(place.organisation_id, place.list_number, purpose)
    return {
        "id": f"{address}#{place.position}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(place.position),
        "statusListCredential": address,
    }


def _proof_claims(document: dict[str, Any], valid_from: datetime) -> dict[str, Any]:
    """Repeated for programs that read signed tokens only (Open Badges 3.0, 8.2.4.1)."""
    return {
        "iss": document["issuer"]["id"],
        "sub": document["credentialSubject"]["id"],
        "jti": document["id"],
        "nbf": int(valid_from.timestamp()),
    }


def _end(snapshot: Snapshot, zone: str) -> dict[str, Any]:
    if snapshot.valid_until is None:
        return {}
    end = _start_of(snapshot.valid_until + timedelta(days=1), zone) - timedelta(seconds=1)
    return {"validUntil": _written(end), "exp": int(end.timestamp())}


def _title(snapshot: Snapshot) -> str:
    return snapshot.titles.get("en") or next(iter(snapshot.titles.values()))


def _start_of(day: date, zone: str) -> datetime:
    """Midnight of a civil date, where the issuer is."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
