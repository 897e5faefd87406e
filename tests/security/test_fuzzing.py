"""Whatever strangers send, nobody meets a fault of ours: parsers answer or refuse in their own words, pages answer below 500.

Files begin as good ones and are spoiled: bytes, places, whole members of an archive. ``BILIM_FUZZ=50`` tries fifty times as much.
"""

import os
import random
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from shutil import copy
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from certificates import typed
from certificates.batches import reading as batches
from certificates.offline import summary
from certificates.studio import packing
from certificates.xroad import identifiers
from courses import mark_sheet_reading, numbers
from courses.cohorts import rosters, stays
from courses.exchange import reading as exchange
from courses.exchange.wording import Unreadable
from courses.views import percents
from lms.core import cursors, workbooks
from lms.core.archives import NotRead
from lms.core.db import can_keep
from lms.core.errors import Problem
from lms.core.web import Bilim
from lms.signin import paths
from tests.conftest import application, make_settings

EXAMPLES = int(os.environ.get("BILIM_FUZZ", "1"))
FEW, SEVERAL = 5 * EXAMPLES, 30 * EXAMPLES
ODD = st.sampled_from(
    [
        "",
        " ",
        "\0",
        "\ud83d",
        "\u202e",
        "0" * 40,
        "-1",
        "1e999",
        "NaN",
        "../../etc/passwd",
        "%00",
        "<script>",
        "'\"--",
        "٣",
        "🜁",
        "a" * 5000,
    ]
)
TEXT = st.one_of(st.text(max_size=60), ODD)
CELLS: list[list[str | int | None]] = [
    ["Name", "ID", "Mark", "E-mail"],
    ["A", "id-1", 70, "=1+1"],
    ["Б", "id-2", "<b>", "x@y.example"],
]
SHEET = workbooks.packed(CELLS)
GIFT = b"::Q1:: Which? {=right ~wrong#no ~%50%half}\n\n// c\nTrue? {T}\n\n{#3.5:0.1}\n"
AIKEN = b"Which?\nA) one\nB) two\nANSWER: B\n"
MOODLE = b'<?xml version="1.0"?><quiz><question type="truefalse"><questiontext format="html"><text>Q</text></questiontext><answer fraction="100"><text>true</text></answer></question></quiz>'
QTI = (
    b'<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="i" title="t"><responseDeclaration identifier="R" '
    b'cardinality="single" baseType="identifier"><correctResponse><value>A</value></correctResponse></responseDeclaration><itemBody>'
    b'<choiceInteraction responseIdentifier="R" maxChoices="1"><prompt>Q</prompt><simpleChoice identifier="A">a</simpleChoice>'
    b"</choiceInteraction></itemBody></assessmentItem>"
)
PIECES = [
    b"\x00",
    b"\xff\xfe",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&b;",
    b"<a" * 50,
    b"9" * 400,
    b"PK\x03\x04",
    b"\xed\xa0\x80",
    b"{",
    b"}",
    b"=",
    b"~",
    b"]]>",
    b"-",
]


def zipped(**members: bytes) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


@st.composite
def spoiled(draw: st.DrawFn, samples: list[bytes]) -> bytes:
    """A good file with a few things changed, inside its members too."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    data = chance.choice(samples)
    if data.startswith(b"PK") and chance.random() < 0.7:
        return _with_spoiled_member(data, chance)
    return _spoiled(data, chance)


def _with_spoiled_member(data: bytes, chance: random.Random) -> bytes:
    with ZipFile(BytesIO(data)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    name = chance.choice(sorted(members))
    members[name] = _spoiled(members[name], chance)
    if chance.random() < 0.2:
        members[chance.choice(["../out", "/etc/passwd", "C:\\x", "a\\..\\b", "\u202egpj", "x" * 300])] = b"x"
    return zipped(**members)


def _spoiled(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(changed))
        match chance.randint(0, 4):
            case 0:
                changed[at : at + 1] = bytes([chance.randint(0, 255)])
            case 1:
                changed[at:at] = chance.choice(PIECES)
            case 2:
                del changed[at : at + chance.randint(1, 40)]
            case 3:
                end = chance.randint(at, len(changed))
                changed[end:end] = changed[at:end]
            case _:
                del changed[at:]
    return bytes(changed)


def refused_or_read(parser: Callable[[Any], object], *families: type[BaseException]) -> Callable[[Any], None]:
    """Anything but an answer or a refusal of these families goes through, and is what this looks for."""

    family: tuple[type[BaseException], ...] = (Problem, NotRead, *families)

    def tried(given_to_it: Any) -> None:
        try:
            parser(given_to_it)
        except family:
            return

    return tried


FILES: dict[str, tuple[Callable[[Any], None], list[bytes]]] = {
    "questions": (
        refused_or_read(exchange.read, Unreadable),
        [GIFT, AIKEN, MOODLE, QTI, SHEET, zipped(item=QTI)],
    ),
    "marks": (refused_or_read(mark_sheet_reading.read), [SHEET]),
    "roster": (refused_or_read(lambda data: rosters.read(data, {"A": "1"})), [SHEET]),
    "stays": (refused_or_read(lambda data: stays.read(data, {"id-1": "1"})), [SHEET]),
    "many certificates": (refused_or_read(batches.told), [SHEET, zipped(**{"a.pdf": b"%PDF-1.7", "b.pdf": b"x"})]),
    "template": (
        refused_or_read(packing.unpack),
        [zipped(**{"manifest.json": b'{"form": 1, "files": {}}', "a.html": b"<p>"})],
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_spoiled_file_is_read_or_refused(kind: str) -> None:
    parser, samples = FILES[kind]

    @settings(max_examples=SEVERAL, deadline=None, derandomize=EXAMPLES == 1, database=None)
    @given(spoiled(samples))
    def send(data: bytes) -> None:
        parser(data)

    send()


WORDS: dict[str, Callable[[str], object]] = {
    "cursor": refused_or_read(lambda text: all(can_keep(str(part)) for part in cursors.read(text, str, int))),
    "number": numbers.number,
    "measured": lambda text: numbers.measured(text, ["m", "км"]),
    "percent": percents.read,
    "lines": refused_or_read(batches.rows_of_text),
    "digits of a code": refused_or_read(lambda text: summary.unpacked(summary.taken_apart(text)[0]), summary.Malformed),
    "hash": typed.sha256_of,
    "number of a certificate": typed.number_of,
    "kind": typed.kind_of,
    "X-Road": lambda text: (
        "\n" in text
        or "\r" in text
        or identifiers.message_of(
            Headers({"X-Road-Client": text, "X-Road-Id": text, "X-Road-UserId": text, "X-Road-Issue": text})
        )
    ),
    "path": paths.safe,
}


@pytest.mark.parametrize("kind", WORDS)
def test_a_typed_word_is_read_or_refused(kind: str) -> None:
    looks_right = st.one_of(
        TEXT,
        st.integers(-(10**30), 10**30).map(str),
        st.integers(10**200, 10**480).map(str),
        st.from_regex(r"[A-Z]{2}/[A-Z]{3}/[0-9]{1,4}(/\w+)?", fullmatch=True),
        st.text("0123456789.,+- eEkm%", max_size=30),
        st.binary(max_size=40).map(lambda data: cursors.written(data.decode("latin-1"), 1)),
    )

    @settings(max_examples=SEVERAL, deadline=None, derandomize=EXAMPLES == 1, database=None)
    @given(looks_right)
    def type_in(text: str) -> None:
        WORDS[kind](text)

    type_in()


FIELDS = [
    "iss",
    "client_id",
    "login_hint",
    "target_link_uri",
    "state",
    "id_token",
    "error",
    "grant_type",
    "scope",
    "code",
    "credential",
    "token",
]
FIELDS += [
    "client_assertion",
    "client_assertion_type",
    "lang",
    "cursor",
    "limit",
    "items",
    "text",
    "next",
    "launch",
    "ticket",
    "nonce",
    "number",
    "proof",
]
DOORS = [
    ("GET", "/lti/login"),
    ("POST", "/lti/login"),
    ("POST", "/lti/launch"),
    ("POST", "/lti/launch/proof"),
    ("POST", "/lti/launch/window"),
    ("POST", "/lti/notices"),
    ("GET", "/lti/register/{word}"),
    ("POST", "/oauth/token"),
    ("POST", "/oauth/revoke"),
    ("POST", "/oauth/introspect"),
    ("GET", "/staff/sign-in"),
    ("GET", "/staff/callback"),
    ("GET", "/staff/link/{word}"),
    ("GET", "/verify"),
    ("POST", "/verify"),
    ("POST", "/verify/pdf"),
    ("POST", "/verify/credential"),
    ("GET", "/v/{word}"),
    ("GET", "/s/{word}/learn/roads"),
    ("GET", "/learn/{word}"),
    ("GET", "/credentials/{word}"),
    ("GET", "/credentials/keys/{word}"),
    ("GET", "/mail/{word}"),
    ("GET", "/api/v1/certificates/{word}"),
    ("GET", "/api/v1/changes"),
    ("POST", "/api/v1/completions"),
    ("GET", "/xroad/v1/certificates/{word}"),
    ("GET", "/{word}"),
]


@pytest.fixture
def everybody(tmp_path: Path, sqlite_template: Path) -> Iterator[Bilim]:
    path = copy(sqlite_template, tmp_path / "bilim.sqlite3")
    with application(make_settings(tmp_path, f"sqlite:///{path}")) as app:
        yield app


def test_no_door_breaks_whatever_is_sent_to_it(everybody: Bilim) -> None:
    browser = everybody.test_client()
    headers = st.fixed_dictionaries(
        {},
        optional={
            name: st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=80)
            for name in (
                "Accept-Language",
                "Accept",
                "Authorization",
                "Cookie",
                "Range",
                "If-None-Match",
                "Sec-Fetch-Dest",
                "X-Road-Client",
                "X-Request-Id",
                "User-Agent",
                "Content-Type",
            )
        },
    )
    fields = st.dictionaries(
        st.sampled_from(FIELDS), TEXT.map(lambda text: text.encode("utf-8", "replace")), max_size=5
    )

    @settings(
        max_examples=FEW,
        deadline=None,
        derandomize=EXAMPLES == 1,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(TEXT, fields, headers, st.one_of(st.none(), st.binary(max_size=200)))
    def knock(word: str, sent: dict[str, bytes], said: dict[str, str], body: bytes | None) -> None:
        word = word.encode("utf-8", "replace").decode().replace("/", "").replace("?", "").replace("#", "") or "x"
        kept: dict[str, Any] = {"query_string": sent}
        if method == "POST":
            kept = {"data": body if body is not None else sent}
        answer = browser.open(path.replace("{word}", word), method=method, headers=said, **kept)
        assert answer.status_code < 500, f"{method} {path} {word!r} {sent} {said} {body!r}"

    for method, path in DOORS:  # noqa: B007  read by the function above
        knock()
