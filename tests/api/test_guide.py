"""The commands of docs/api.md, sent as they stand there: an outside program needs nothing but that page."""

import re
import shlex
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms.oauth import assertions, client_keys
from tests.certificates.academy import CLIENT, ISSUER, Learner
from tests.lms.oauth.machine import Machine, admitted
from tests.lms.oauth.test_assertions import KEY, key_set, signed
from tests.lms.oauth.test_assertions import admitted as admitted_by_key

GUIDE = Path(__file__).parents[2] / "docs" / "api.md"
SILENT = {"-s", "-i"}
"""Options that say how curl prints."""


def commands() -> list[str]:
    """Every curl command of the guide, on one line, without what its output is piped into."""
    blocks = re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text("utf-8"), re.M | re.S)
    text = "\n".join(blocks).replace("\\\n", " ")
    text = re.sub(r"\$\(sha256sum [^)]*\)", "0" * 64, re.sub(r"^TOKEN=\$\((.*?) \|\n.*?\)$", r"\1", text, flags=re.M))
    found = re.findall(r"^curl (?:'[^']*'|\"[^\"]*\"|[^'\"\n])*", text, re.M)
    return [re.split(r" \|\s*$| \| ", command)[0] for command in found]


def send(client: FlaskClient, command: str, values: dict[str, str]) -> tuple[str, TestResponse]:
    """The request that curl would send, and its answer."""
    for name, value in values.items():
        command = command.replace(name, value)
    words, body, auth, url = iter(shlex.split(command)[1:]), None, None, ""
    headers, form, files = {}, {}, {}
    for word in words:
        if word in SILENT:
            continue
        if word in ("-o", "-w"):
            next(words)
        elif word == "-u":
            user, _, password = next(words).partition(":")
            auth = (user, password)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            name, _, value = next(words).partition("=")
            form[name] = value
        elif word == "--json":
            body = next(words)
        elif word == "-F":
            files[next(words).split("=")[0]] = (BytesIO(b"PK\x03\x04"), "file")
        else:
            url = word
    if body is not None:
        answer = client.post(url, data=body, content_type="application/json", headers=headers)
    elif form:
        answer = client.post(url, data=form, headers=headers, auth=auth)
    elif files:
        answer = client.post(url, data=files, headers=headers)
    else:
        answer = client.get(url, headers=headers)
    return url.partition("?")[0], answer


@pytest.fixture
def machine(client: FlaskClient) -> Machine:
    return admitted(client)


def test_every_command_of_the_guide_does_what_the_guide_says(
    machine: Machine, client: FlaskClient, learner: Learner
) -> None:
    by_key = admitted_by_key(client_keys.source(jwks=key_set(KEY)))
    values = {
        "$BILIM": "",
        "$CLIENT_ID": machine.id,
        "$CLIENT_SECRET": machine.secret,
        "$ASSERTION": signed(by_key),
        "http://127.0.0.1:8301": ISSUER,
        "bilim-demo": CLIENT,
        "5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a012": learner.sub,
        '"urban-governance",\n    "score_percent"': '"public-management", "score_percent"',
    }
    told = []
    for command in commands():
        path, answer = send(client, command, values | {"$TOKEN": machine.token()})
        told.append((path, answer.status_code))

    batches = "/api/v1/certificates/batches"
    assert told == [
        ("/oauth/token", 200),
        ("/oauth/token", 200),
        ("/oauth/token", 200),
        ("/oauth/introspect", 200),
        ("/oauth/revoke", 200),
        ("/oauth/introspect", 200),
        ("/api/v1/completions", 201),
        ("/api/v1/certificates/KKTX-HG4Q-ZHCQ-4", 200),
        ("/api/v1/certificates/KKTX-HG4Q-ZHCQ-5", 200),
        (f"/api/v1/certificates/by-hash/{'0' * 64}", 200),
        ("/api/v1/certificates/verify-file", 200),
        ("/api/v1/certificates/by-number/2026-KG-PM000001", 200),
        (batches, 202),
        (f"{batches}/files", 202),
        (f"{batches}/5d0f7f3e-6c1f-4f7c-9a57-2f3c6d5e8b10", 200),
        ("/api/v1/records", 200),
        ("/api/v1/changes", 200),
        ("/api/v1/completions", 422),
        ("/api/v1/certificates/KKTX-HG4Q-ZHCQ-4", 401),
        ("/oauth/token", 401),
    ]
    assert assertions.TYPE in GUIDE.read_text("utf-8")


def test_every_command_of_the_reading_page_names_an_address_of_the_description(client: FlaskClient) -> None:
    page = client.get("/api/v1/docs?lang=en").text
    paths = client.get("/api/v1/openapi.json").get_json()["paths"]

    addresses = re.findall(r"http://localhost:8000(/api/v1/[^<\s]+)</code>", page)
    assert sorted(set(addresses)) == sorted(paths)
    assert "-F file=@FILE http://localhost:8000/api/v1/certificates/verify-file" in page
