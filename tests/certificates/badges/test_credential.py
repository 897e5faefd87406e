"""Credentials of issued certificates, and the verdict on them."""

import json
from datetime import UTC, datetime
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.jwk import RSAKey
from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3.verifier import OB3Verifier
from pikepdf import Pdf
from sqlalchemy import text

from certificates import auditing, inspection, issuing, life, lookup, seal_keys
from certificates.badges import credential, making, signing, status_list
from certificates.badges.addresses import Addresses
from certificates.badges.models import Credential
from certificates.models import Certificate
from certificates.standing import ReasonCode
from lms.core import clock, files, keys
from lms.core.db import db, reading, transaction
from lms.core.keys import SigningKey
from lms.core.web import Bilim
from tests.certificates import academy

MORNING = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
HERE = Addresses("http://localhost:8000")


@pytest.fixture
def issued(app: Bilim) -> Certificate:
    academy.open_academy(app)
    return issuing.issue(academy.graduate().record_id)


def kept(certificate: Certificate) -> Credential:
    with reading():
        row = credential.of_certificate(certificate.id)
        assert row is not None
        return row


def public_pem(kid: str) -> bytes:
    with reading():
        row = signing.known(kid)
        assert row is not None
        return RSAKey.import_key(row.public_jwk).public_key.public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )


def signed_anew(certificate: Certificate, **changes: object) -> str:
    """Somebody who has our key, or our own mistake."""
    payload = json.loads(jws.extract_compact(kept(certificate).jwt.encode()).payload)
    with transaction():
        return signing.sign(payload | changes, HERE).jwt


def test_the_file_carries_the_kept_credential_and_is_genuine(issued: Certificate) -> None:
    data = files.read(str(issued.file_name))

    with Pdf.open(BytesIO(data)) as pdf:
        (name,) = pdf.attachments
        attached = pdf.attachments[name].get_file()
        assert (name, attached.read_bytes().decode()) == ("credential.jwt", kept(issued).jwt)
        assert attached.mime_type == "application/vc+jwt"
        assert {str(file["/AFRelationship"]) for file in pdf.Root["/AF"]} == {"/Data"}
    with reading():
        seals = seal_keys.trusted()
    found = inspection.inspect(data, seals=seals, is_registered=lambda _sha256: False)
    assert found.code == "AUTHENTIC_BY_SIGNATURE"


def test_another_try_embeds_the_same_credential(issued: Certificate) -> None:
    first = kept(issued)
    with transaction():
        keys.add("credential", "RS256", active_from=clock.now())

    (again,) = making.attachments_of(lookup.snapshot_of(issued), issued.organisation_id)

    assert again.data.decode() == first.jwt


def test_an_independent_verifier_accepts_it_and_its_lists(issued: Certificate) -> None:
    row = kept(issued)

    def download(url: str, **_options: object) -> bytes:
        _base, organisation_id, number, purpose = url.rsplit("/", 3)
        with reading():
            found = status_list.signed(organisation_id, int(number), purpose, HERE)
            assert found is not None
            return found.encode()

    verifier = OB3Verifier(public_pem(row.kid))
    found = verifier.verify(row.jwt, check_status=True, download=download)
    assert found.id == f"urn:uuid:{issued.id}"
    assert found.achievement.name == "Public Management"

    with transaction():
        life.suspend(issued.id, reason=ReasonCode.UNDER_REVIEW, note="", actor="test")
    with pytest.raises(LibOpenBadgesException, match="suspen"):
        verifier.verify(row.jwt, check_status=True, download=download)
    with transaction():
        life.reinstate(issued.id, note="", actor="test")
    assert verifier.verify(row.jwt, check_status=True, download=download)
    with transaction():
        life.revoke(issued.id, reason=ReasonCode.FRAUD, note="", actor="test")
    with pytest.raises(LibOpenBadgesException, match="revo"):
        verifier.verify(row.jwt, check_status=True, download=download)


def test_the_register_confirms_its_own_credential(issued: Certificate) -> None:
    verdict = credential.verify(f" {kept(issued).jwt}\n")

    assert (verdict.code, verdict.reasons, verdict.register_status) == (
        "AUTHENTIC_EXACT",
        ("registered-credential",),
        "valid",
    )
    assert verdict.is_accepted
    assert verdict.facts is not None
    assert verdict.facts.number == issued.number


def test_a_revoked_certificate_is_told_beside_a_genuine_credential(issued: Certificate) -> None:
    with transaction():
        life.revoke(issued.id, reason=ReasonCode.ISSUED_IN_ERROR, note="", actor="test")

    verdict = credential.verify(kept(issued).jwt)

    assert (verdict.code, verdict.register_status, verdict.is_accepted) == ("AUTHENTIC_EXACT", "revoked", False)


def test_what_is_not_a_credential_of_ours_is_told_apart(issued: Certificate) -> None:
    header, payload, signature = kept(issued).jwt.split(".")
    other_key = RSAKey.generate_key(2048)
    stranger = jws.serialize_compact({"alg": "RS256", "kid": "https://elsewhere.example/1"}, b"{}", other_key)
    look_alike = jws.serialize_compact(
        {"alg": "RS256", "kid": HERE.key(kept(issued).kid)}, b'{"jti":"urn:uuid:1"}', other_key
    )
    unsigned = "eyJhbGciOiJub25lIn0"

    verdicts = {
        "changed": credential.verify(f"{header}.{payload[:-4]}AAAA.{signature}").code,
        "stranger": credential.verify(stranger).code,
        "look-alike": credential.verify(look_alike).code,
        "unsigned": credential.verify(f"{unsigned}.{payload}.").code,
        "words": credential.verify("Ысакова").code,
        "not ASCII": credential.verify(f"eyJ.ы.{signature}").code,
        "too long": credential.verify("eyJ" + "A" * 70_000 + ".e30.AA").code,
        "nested": credential.verify("eyJ" + "bW1t" * 9000 + ".e30.AA").code,
    }
    assert verdicts == {
        "changed": "TAMPERED",
        "stranger": "UNKNOWN_SIGNER",
        "look-alike": "TAMPERED",
        "unsigned": "UNREADABLE",
        "words": "UNREADABLE",
        "not ASCII": "UNREADABLE",
        "too long": "UNREADABLE",
        "nested": "UNREADABLE",
    }


def test_a_credential_that_contradicts_the_register_is_inconsistent(issued: Certificate) -> None:
    verdict = credential.verify(signed_anew(issued, name="Astronomy"))

    assert (verdict.code, verdict.reasons) == ("INCONSISTENT", ("register-says-otherwise",))
    assert [(one.field, one.printed, one.registered) for one in verdict.differences] == [
        ("titles", "Astronomy", "Public Management")
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"credentialSubject": None},
        {"credentialSubject": []},
        {"credentialSubject": {"result": [{"value": "24"}], "identifier": []}},
        {"credentialSubject": {"result": 24, "identifier": [], "licenseNumber": "1"}},
        {"credentialSubject": {"result": [], "identifier": [{"identityHash": None}, {"identityHash": "A"}]}},
        {"name": {"en": "Public Management"}},
    ],
    ids=["nothing", "a list", "a result without description", "a number of results", "no name", "names by language"],
)
def test_what_we_signed_wrongly_built_is_inconsistent_and_no_fault(
    issued: Certificate, changes: dict[str, object]
) -> None:
    verdict = credential.verify(signed_anew(issued, **changes))

    assert (verdict.code, verdict.reasons) == ("INCONSISTENT", ("credential-malformed",))
    assert (verdict.register_status, verdict.is_accepted) == ("valid", False)


MALFORMED = ("INCONSISTENT", ("credential-malformed",))
OF_NOBODY = ("AUTHENTIC_BY_SIGNATURE", ("signed-by-us", "credential-not-found"))
NO_CREDENTIAL = ("UNREADABLE", ("not-a-credential",))


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        *((malformed, MALFORMED) for malformed in (b"[1]", b"null", b"7", b"no JSON", b"[" * 4000, b"\xff")),
        (b'{"jti":["\\u0000"],"type":["OpenBadgeCredential"]}', OF_NOBODY),
        (b'{"jti":["\\u0000"]}', NO_CREDENTIAL),
        (b'{"type":["VerifiableCredential","BitstringStatusListCredential"]}', NO_CREDENTIAL),
        (b'{"type":{"OpenBadgeCredential":1}}', NO_CREDENTIAL),
    ],
)
def test_words_of_ours_that_are_no_credential_are_judged_too(
    issued: Certificate, payload: bytes, told: tuple[str, tuple[str, ...]]
) -> None:
    with reading():
        row = signing.known(kept(issued).kid)
        assert row is not None
        words = jws.serialize_compact({"alg": "RS256", "kid": HERE.key(row.kid)}, payload, keys.private_part(row))
        verdict = credential.verify(words)

    assert (verdict.code, verdict.reasons) == told
    assert not verdict.is_accepted


def test_another_copy_is_genuine_by_its_signature_until_the_key_is_in_other_hands(issued: Certificate) -> None:
    copy = signed_anew(issued, description="signed again")
    unknown = signed_anew(issued, jti="urn:uuid:00000000-0000-4000-8000-000000000000")
    before = [credential.verify(jwt) for jwt in (copy, unknown)]
    with transaction():
        row = keys.withdraw(kept(issued).kid)
        kid = row.kid
    after = [credential.verify(jwt) for jwt in (copy, unknown, kept(issued).jwt)]

    assert [(one.code, one.is_accepted) for one in before] == [
        ("AUTHENTIC_BY_SIGNATURE", True),
        ("AUTHENTIC_BY_SIGNATURE", False),
    ]
    assert [one.code for one in after] == ["UNKNOWN_SIGNER", "UNKNOWN_SIGNER", "AUTHENTIC_EXACT"]
    with reading():
        assert kid in [row.kid for row in signing.history()], "a compromised key stays published"


def test_keys_follow_each_other_and_none_is_withdrawn(app: Bilim) -> None:
    with clock.frozen(MORNING):
        signing.rotate_by_calendar("")
    with clock.frozen(datetime(2027, 11, 22, 6, 0, tzinfo=UTC)):
        signing.rotate_by_calendar("")
    with clock.frozen(datetime(2047, 11, 24, 6, 0, tzinfo=UTC)):
        signing.rotate_by_calendar("")

    with reading():
        rows: list[SigningKey] = signing.history()
    assert len(rows) == 3
    assert [row.withdrawn_at for row in rows] == [None, None, None]


def test_no_place_is_given_twice_and_a_full_list_is_followed_by_another(
    issued: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_list, "ENTRIES", 1)
    with transaction():
        db.session.query(Credential).update({"position": 0})
    issuing.issue(academy.graduate().record_id)

    with reading():
        rows = db.session.query(Credential.list_number, Credential.position).order_by(Credential.list_number).all()
    assert [tuple(row) for row in rows] == [(1, 0), (2, 0)]


def test_the_audit_finds_a_credential_that_is_not_the_one_of_its_day(issued: Certificate) -> None:
    before = auditing.prove()
    other = signed_anew(issued, name="Astronomy")

    def findings(statement: str) -> list[tuple[str, str]]:
        with transaction():
            db.session.execute(text(statement), {"jwt": other})
        return [tuple(finding) for finding in auditing.prove(with_files=False).findings]

    assert (before.findings, before.credentials) == ([], 1)
    assert findings("UPDATE certificate_credential SET jwt = :jwt") == [("credential-altered", issued.number)]
    assert findings("DELETE FROM certificate_credential WHERE jwt = :jwt") == [
        ("credential-missing", f"certificate:{issued.id}")
    ]


def test_a_credential_whose_hash_no_event_holds_has_to_bear_our_signature(issued: Certificate) -> None:
    jwt = kept(issued).jwt

    assert credential.bears_our_signature(jwt)
    assert not credential.bears_our_signature(jwt[:-4] + "AAAA")
    assert not credential.bears_our_signature("")
