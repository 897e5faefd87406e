"""What programs fetch about credentials, over HTTP."""

import json
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import RSAKey
from openbadgeslib.ob3.did import pem_for_kid

from certificates import issuing, replacing
from certificates.badges import credential
from certificates.models import Certificate
from certificates.replacing import Changes
from certificates.standing import Replacing
from lms.core.db import reading, transaction
from lms.core.web import Bilim
from tests.certificates import academy

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def issued(app: Bilim) -> Certificate:
    academy.open_academy(app)
    return issuing.issue(academy.graduate().record_id)


def jwt_of(certificate: Certificate) -> str:
    with reading():
        row = credential.of_certificate(certificate.id)
        assert row is not None
        return row.jwt


def fetched(client: FlaskClient, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200
    return json.loads(answer.text)


def test_everything_that_a_credential_names_can_be_fetched(client: FlaskClient, issued: Certificate) -> None:
    signed = jws.extract_compact(jwt_of(issued).encode())
    said = json.loads(signed.payload)

    key = fetched(client, str(signed.headers()["kid"]))
    jws.deserialize_compact(jwt_of(issued), RSAKey.import_key(key), algorithms=["RS256"])
    assert "d" not in key
    assert fetched(client, "/credentials/jwks.json")["keys"] == [key]
    profile = fetched(client, said["issuer"]["id"])
    assert (profile["id"], profile["name"]) == (said["issuer"]["id"], said["issuer"]["name"])
    embedded = said["credentialSubject"]["achievement"]
    published = fetched(client, embedded["id"])
    assert published.pop("@context") == said["@context"]
    assert published == embedded
    assert [fetched(client, other["id"])["name"] for other in embedded["related"]] == [
        "Мамлекеттик башкаруу",
        "Государственное управление",
        "公共管理",
    ]
    for entry in said["credentialStatus"]:
        answer = client.get(entry["statusListCredential"])
        assert answer.content_type == "application/vc+jwt"
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert issued.number not in str(jws.extract_compact(answer.data).payload)


def test_an_independent_resolver_finds_the_key_in_the_document_of_the_installation(
    client: FlaskClient, issued: Certificate
) -> None:
    document = fetched(client, "/.well-known/did.json")

    assert document["id"] == "did:web:localhost%3A8000"
    assert pem_for_kid(document, document["id"], document["assertionMethod"][0]).startswith(b"-----BEGIN PUBLIC KEY")
    assert document["alsoKnownAs"] == [f"http://localhost:8000/credentials/issuers/{issued.organisation_id}"]


def test_a_list_that_was_not_changed_is_not_sent_again(client: FlaskClient, issued: Certificate) -> None:
    address = f"/credentials/status/{issued.organisation_id}/1/revocation"
    etag = client.get(address).headers["ETag"]

    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304


def test_what_is_not_there_is_not_found(client: FlaskClient, issued: Certificate) -> None:
    base = "/credentials"
    for path in (
        f"{base}/keys/credential-0",
        f"{base}/issuers/0",
        f"{base}/achievements/0/en",
        f"{base}/status/{issued.organisation_id}/2/revocation",
        f"{base}/status/{issued.organisation_id}/0/revocation",
        f"{base}/status/{issued.organisation_id}/1/refresh",
        f"{base}/status/0/1/revocation",
        f"{base}/3f2c8a52-6f0e-4b52-9a35-0d1a5a3f7c10",
    ):
        assert client.get(path).status_code == 404, path


def test_an_old_credential_is_refreshed_to_the_one_in_its_place(client: FlaskClient, issued: Certificate) -> None:
    refresh = json.loads(jws.extract_compact(jwt_of(issued).encode()).payload)["refreshService"]["id"]
    assert client.get(refresh).text == jwt_of(issued)
    with transaction():
        replacing.replace_by(issued.id, Changes(hours=5), reason=Replacing.CORRECTION, actor="test")

    newer = issuing.issue(issued.record_id)

    assert client.get(refresh).text == jwt_of(newer)
    assert credential.verify(jwt_of(issued)).register_status == "superseded"


def test_the_page_tells_about_a_pasted_and_an_uploaded_credential(client: FlaskClient, issued: Certificate) -> None:
    pasted = client.post("/verify/credential", data={"credential": jwt_of(issued)}, headers=ENGLISH)
    uploaded = client.post(
        "/verify/pdf", data={"file": (BytesIO(jwt_of(issued).encode()), "credential.jwt")}, headers=ENGLISH
    )

    assert "Genuine" in pasted.text
    assert issued.number in pasted.text
    assert "Genuine" in uploaded.text
    assert client.post("/verify/credential", data={"credential": " "}).status_code == 422
    assert "Cannot be read" in client.post("/verify/credential", data={"credential": "hello"}, headers=ENGLISH).text


def test_the_command_line_tells_about_a_credential(app: Bilim, issued: Certificate) -> None:
    path = app.extensions["bilim.settings"].instance / "credential.jwt"
    path.write_text(jwt_of(issued))

    result = app.test_cli_runner().invoke(args=["certificates", "verify", str(path)])

    assert result.exit_code == 0
    assert result.output.startswith("AUTHENTIC_EXACT: Genuine.")
