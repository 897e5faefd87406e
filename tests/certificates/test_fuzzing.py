"""Ten thousand altered copies of genuine files: none passes, none crashes us, none takes more than the cap.

The seed is fixed, so a failure comes back; the number of the copy is in its message.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from certificates import capped
from certificates.seal import Seal, Timed
from certificates.verdicts import TrustedSeal, Verdict
from lms.core import clock
from tests.certificates import pki

SEED = 20261121
COPIES = 10_000
READ_ALOUD = 300
"""Of so many the text is read as well."""
LONGEST_SECONDS = capped.ANSWER_SECONDS

Mutation = Callable[[bytes, random.Random], bytes]


def flip_bits(pdf: bytes, chance: random.Random) -> bytes:
    copy = bytearray(pdf)
    for _ in range(chance.choice((1, 1, 1, 2, 8))):
        copy[chance.randrange(len(copy))] ^= 1 << chance.randrange(8)
    return bytes(copy)


def overwrite(pdf: bytes, chance: random.Random) -> bytes:
    at, length = chance.randrange(len(pdf)), chance.choice((1, 4, 64, 1024))
    return pdf[:at] + chance.randbytes(length) + pdf[at + length :]


def truncate(pdf: bytes, chance: random.Random) -> bytes:
    return pdf[: chance.randrange(len(pdf))]


def cut_out(pdf: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(pdf))
    return pdf[:at] + pdf[at + chance.choice((1, 7, 100, 5000)) :]


def splice(pdf: bytes, chance: random.Random) -> bytes:
    source, target, length = chance.randrange(len(pdf)), chance.randrange(len(pdf)), chance.choice((8, 200, 4000))
    return pdf[:target] + pdf[source : source + length] + pdf[target:]


def append_bytes(pdf: bytes, chance: random.Random) -> bytes:
    return pdf + chance.choice((b"\n", b" ", b"%%EOF\n", chance.randbytes(50), pdf[-600:]))


def append_revision(pdf: bytes, chance: random.Random) -> bytes:
    """One object is drawn anew, with a table of its own, as an editor would save it."""
    before = int(pdf[pdf.rindex(b"startxref") :].split()[1])
    number = chance.randrange(1, 180)
    body = chance.choice((b"<<>>", b"null", b"[]", b"<</Length 3>>\nstream\n0 g\nendstream", b"(text)"))
    at = len(pdf) + 1
    drawn = b"\n%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Prev %d/Root 1 0 R/Size 200>>\nstartxref\n%d\n%%%%EOF\n"
    return pdf + drawn + table % (number, at, before, len(pdf) + len(drawn))


def point_elsewhere(pdf: bytes, chance: random.Random) -> bytes:
    """Tricks with the table of objects."""
    start = pdf.rindex(b"startxref")
    aim = chance.choice((0, 1, start, len(pdf), len(pdf) * 2, chance.randrange(len(pdf)), 2**31, 2**63))
    tail = b"startxref\n%d\n%%%%EOF\n" % aim
    return chance.choice((pdf[:start] + tail, pdf + tail))


def exchange_words(pdf: bytes, chance: random.Random) -> bytes:
    words = (b"/Contents", b"/ByteRange", b"/Type", b"/Root", b"/Prev", b"/Size", b"/Length", b"/Kids", b"/V ", b"/P ", b"endobj", b"stream", b"/DocMDP", b"/AcroForm", b"/Sig")  # fmt: skip
    one, other = chance.sample(words, 2)
    return pdf.replace(one, other, chance.choice((1, -1)))


def disturb_the_seal(pdf: bytes, chance: random.Random) -> bytes:
    """Where no seal covers the bytes: between the angle brackets, and close around them."""
    start = pdf.rindex(b"/Contents <")
    at = chance.randrange(start, pdf.index(b">", start) + 40)
    return pdf[:at] + chance.choice(b"0123456789ABCDEFabcdef <>\n").to_bytes(1, "big") + pdf[at + 1 :]


MUTATIONS: dict[Mutation, int] = {
    flip_bits: 30,
    overwrite: 12,
    truncate: 8,
    cut_out: 12,
    splice: 12,
    append_bytes: 3,
    append_revision: 7,
    point_elsewhere: 4,
    exchange_words: 5,
    disturb_the_seal: 7,
}
"""How often each is tried, of a hundred."""


@pytest.fixture(scope="module")
def authorities() -> Iterator[pki.Pki]:
    with pki.serving(since=datetime(2026, 11, 21, tzinfo=UTC)) as served:
        yield served


def stamped(authorities: pki.Pki, unsealed: bytes) -> bytes:
    """Sealed with a time stamp inside the seal and an archive time stamp over it."""
    with clock.frozen(datetime(2026, 11, 21, 9, 30, tzinfo=UTC)):
        authority = pki.Direct(authorities)
        return pki.with_archive_stamp(authorities.seal.seal(unsealed, with_time=Timed(authority)), authority)


def copies(originals: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    chance = random.Random(seed)
    made = 0
    while made < count:
        original = originals[made % len(originals)]
        (mutation,) = chance.choices(list(MUTATIONS), list(MUTATIONS.values()))
        copy = mutation(original, chance)
        if copy not in originals:
            made += 1
            yield copy


@pytest.mark.timeout(900)  # a minute on an idle core, but not on a busy one
def test_no_altered_copy_of_a_genuine_file_passes_crashes_or_takes_too_long(
    seal: Seal, sealed: bytes, unsealed: bytes, authorities: pki.Pki
) -> None:
    with_time = stamped(authorities, unsealed)
    # Two stamps take three times as long to check as none, so one copy in sixteen has them.
    originals = [sealed] * 15 + [with_time]
    seals = [TrustedSeal(one.fingerprint, one.root.public_bytes(Encoding.DER)) for one in (seal, authorities.seal)]
    time_roots = [authorities.time_root.public_bytes(Encoding.DER)]
    genuine = capped.examine_all([sealed, with_time], seals=seals, time_roots=time_roots, with_contents=False)
    assert [verdict.code for verdict in genuine] == ["AUTHENTIC_BY_SIGNATURE"] * 2

    found: Counter[str] = Counter()
    slowest, before = 0.0, time.monotonic()
    verdicts = capped.examine_all(
        copies(originals, COPIES, SEED), seals=seals, time_roots=time_roots, with_contents=False
    )
    for number, verdict in enumerate(verdicts):
        assert not verdict.is_authentic, f"copy {number} of seed {SEED} passes"
        found[verdict.code] += 1
        now = time.monotonic()
        slowest, before = max(slowest, now - before), now

    assert found.total() == COPIES
    assert slowest < LONGEST_SECONDS
    assert {"TAMPERED", "UNREADABLE", "MODIFIED_CONTAINER", "UNSIGNED_COPY"} <= set(found)


def test_the_text_of_altered_copies_is_read_or_left_out(seal: Seal, sealed: bytes) -> None:
    seals = [TrustedSeal(seal.fingerprint, seal.root.public_bytes(Encoding.DER))]

    verdicts: list[Verdict] = list(capped.examine_all(copies([sealed], READ_ALOUD, SEED + 1), seals=seals))

    assert len(verdicts) == READ_ALOUD
    assert not any(verdict.is_authentic for verdict in verdicts)
    assert any(verdict.contents.lines for verdict in verdicts)
