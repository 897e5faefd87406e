"""What a credential says, without a database."""

import base64
import gzip
import json
from datetime import date
from typing import Any

from certificates.badges import achievement, claims, status_list
from certificates.badges.addresses import Addresses
from certificates.badges.claims import Place
from certificates.snapshot import Snapshot, TranscriptLine
from tests.certificates.conftest import make_snapshot

PLACE = Place("0b5d3f52-6f0e-4b52-9a35-0d1a5a3f7c11", 1, 94_567)
HOST = "https://verify.example.kg"
ACHIEVEMENT = f"{HOST}/credentials/achievements/"


def said_of(snapshot: Snapshot) -> dict[str, Any]:
    return claims.of(snapshot, PLACE, zone="Asia/Bishkek")


def test_the_credential_has_what_open_badges_ask_for() -> None:
    said = said_of(make_snapshot(valid_until=date(2029, 11, 20)))

    assert said["@context"] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ]
    assert said["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert said["id"] == said["jti"] == "urn:uuid:3f2c8a52-6f0e-4b52-9a35-0d1a5a3f7c10"
    assert said["issuer"]["id"] == said["iss"] == f"{HOST}/credentials/issuers/{PLACE.organisation_id}"
    assert said["sub"] == said["credentialSubject"]["id"]
    assert (said["validFrom"], said["validUntil"]) == ("2026-11-20T18:00:00Z", "2029-11-20T17:59:59Z")
    assert (said["nbf"], said["exp"]) == (1_795_197_600, 1_889_891_999)
    assert said["awardedDate"] == "2026-11-19T18:00:00Z"


def test_both_kinds_of_status_stand_at_one_place() -> None:
    entries = said_of(make_snapshot())["credentialStatus"]

    base = f"{HOST}/credentials/status/{PLACE.organisation_id}/1"
    assert entries == [
        {
            "id": f"{base}/{purpose}#94567",
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose,
            "statusListIndex": "94567",
            "statusListCredential": f"{base}/{purpose}",
        }
        for purpose in ("revocation", "suspension")
    ]


def test_the_holder_is_the_name_as_printed_and_nothing_that_follows_a_person() -> None:
    first, second = (
        said_of(make_snapshot(certificate_id=name))["credentialSubject"]
        for name in ("3f2c8a52-6f0e-4b52-9a35-0d1a5a3f7c10", "3f2c8a52-6f0e-4b52-9a35-0d1a5a3f7c11")
    )

    assert first["id"] != second["id"]
    assert [one["identityType"] for one in first["identifier"]] == ["name", "name", "name"]
    assert [one["identityHash"] for one in first["identifier"]] == [
        "Ысакова Айгүл Өмүрбековна",
        "艾古丽",
        "Aigul Ysakova",
    ]
    assert first["licenseNumber"] == "2026-KG-PM000123"


def test_the_same_certificate_says_the_same_in_the_same_bytes() -> None:
    texts = {json.dumps(said_of(make_snapshot()), sort_keys=True) for _time in range(3)}

    assert len(texts) == 1


def test_hours_and_results_refer_to_what_the_achievement_describes() -> None:
    line = TranscriptLine({"en": "Budget", "ru": "Бюджет"}, 8, 90)
    subject = said_of(make_snapshot(transcript=(line,)))["credentialSubject"]

    described = {one["id"]: one["name"] for one in subject["achievement"]["resultDescription"]}
    told = {described[one["resultDescription"]]: one["value"] for one in subject["result"]}
    assert told == {"Academic hours": "24", "Result": "87", "Budget": "90"}


def test_without_a_result_none_is_told() -> None:
    subject = said_of(make_snapshot(score_percent=None))["credentialSubject"]

    assert [one["value"] for one in subject["result"]] == ["24"]


def test_the_achievement_has_four_editions_that_name_each_other() -> None:
    facts = achievement.facts_of(make_snapshot(), PLACE.organisation_id)
    name = achievement.identifier(facts)
    editions = {
        language: achievement.edition(facts, language, Addresses(HOST)) for language in ("ky", "ru", "zh", "en")
    }

    assert {language: one["name"] for language, one in editions.items()} == dict(make_snapshot().titles)
    assert editions["zh"]["inLanguage"] == "zh-Hans"
    assert [one["id"] for one in editions["ru"]["related"]] == [
        f"{ACHIEVEMENT}{name}/{language}" for language in ("en", "ky", "zh")
    ]
    assert said_of(make_snapshot())["credentialSubject"]["achievement"] == editions["en"]


def test_certificates_of_one_module_share_the_achievement_and_others_do_not() -> None:
    def name(**changes: object) -> str:
        return achievement.identifier(achievement.facts_of(make_snapshot(**changes), PLACE.organisation_id))

    assert name() == name(certificate_id="0", number="2027-KG-PM000777", score_percent=None, holder={"Latn": "A"})
    assert name() != name(hours=23)


def test_nothing_empty_is_written() -> None:
    said = said_of(make_snapshot(titles={"en": "Only English"}))

    def empties(value: object) -> list[object]:
        if isinstance(value, dict):
            return [found for one in value.values() for found in empties(one)]
        if isinstance(value, list):
            return [value] if not value else [found for one in value for found in empties(one)]
        return [value] if value is None else []

    assert empties(said) == []


def test_bits_stand_from_the_left_as_the_recommendation_says() -> None:
    encoded = status_list.encode([0, 9, 131_071])

    assert encoded.startswith("u")
    bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
    assert len(bits) == 16_384
    assert (bits[0], bits[1], bits[-1]) == (0x80, 0x40, 0x01)
    assert sum(bits) == 0x80 + 0x40 + 0x01
    assert encoded == status_list.encode([131_071, 9, 0])


def test_a_port_in_the_identifier_of_the_installation_is_escaped() -> None:
    assert Addresses("http://localhost:8000").did() == "did:web:localhost%3A8000"
    assert Addresses(HOST).did() == "did:web:verify.example.kg"
