"""Invented people and their certificates as rows, as many as one likes. The same number is always the same person."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

from certificates import numbering
from certificates.snapshot import Snapshot
from tests.bench.cohort import FIRST, member

A_SERIES = 250_000
"""Certificates of one year, so that numbers keep their six digits."""
MOMENT = "2026-03-02 12:00:00.000000+00:00"
PERSON, ENROLMENT, CERTIFICATE_KIND = "123"
_SYMBOLS = [first + second for first in numbering.CROCKFORD for second in numbering.CROCKFORD]
_NAMES = [member(number).holder for number in range(70)]
CERTIFICATE = (
    *("id", "record_id", "generation", "person_id", "organisation_id", "number", "code", "snapshot", "snapshot_sha256"),
    *(
        "holder_key",
        "template_version",
        "status",
        "file_name",
        "pdf_sha256",
        "unsigned_sha256",
        "reserved_at",
        "issued_at",
    ),
)


def drawn(number: int) -> str:
    """What all of a person is made from; nothing in it tells the number."""
    return sha256(str(number).encode()).hexdigest()


def identifier(kind: str, digest: str) -> str:
    """As a UUID 4 looks. A kind is one hexadecimal digit."""
    return f"{kind}{digest[1:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"


def code_of(digest: str) -> str:
    """The code of a person's certificate."""
    bits = int(digest[32:], 16)
    while True:
        symbols = "".join([_SYMBOLS[bits >> shift & 1023] for shift in range(0, 60, 10)])
        check = numbering._check_symbol(symbols)
        if check in numbering.CROCKFORD:
            return symbols + check
        bits >>= 1


def name_of(number: int) -> dict[str, str]:
    """The name of a person by script."""
    return dict(_NAMES[number % len(_NAMES)])


def certificates(numbers: range, *, organisation_id: str) -> Iterator[tuple[Any, ...]]:
    """A valid certificate of each of these people, in the order of :data:`CERTIFICATE`."""
    written = _written()
    for number in numbers:
        digest, name = drawn(number), _NAMES[number % len(_NAMES)]
        code = code_of(digest)
        register_number = numbering.register_number(2020 + number // A_SERIES, "KG", "PM", number % A_SERIES + 1)
        own = (identifier(CERTIFICATE_KIND, digest), register_number, code, name["Cyrl"], name["Latn"])
        snapshot = "".join([part if kind < 0 else own[kind] for kind, part in written])
        printed = sha256(snapshot.encode()).hexdigest()
        yield (
            own[0],
            identifier(ENROLMENT, digest),
            1,
            identifier(PERSON, digest),
            organisation_id,
            register_number,
            code,
            snapshot,
            printed,
            f"{name['Cyrl']} {name['Latn']}".casefold(),
            1,
            "valid",
            f"certificates/{printed}.pdf",
            printed,
            printed,
            MOMENT,
            MOMENT,
        )


def _written() -> list[tuple[int, str]]:
    """One snapshot in parts: text that is the same in all, or the place of what differs."""
    marked: Snapshot = replace(
        FIRST,
        certificate_id="@0@",
        number="@1@",
        code="@2@",
        holder={"Cyrl": "@3@", "Latn": "@4@"},
        verify_url="https://verify.example.kg/v/@2@",
        template_sha256="0" * 64,
        offline_url="https://verify.example.kg/offline#" + "7" * 780,
    )
    parts = marked.canonical_json().split("@")
    return [(int(part), "") if place % 2 else (-1, part) for place, part in enumerate(parts)]
