"""What a file is, its content says; what it is not, is said too. Any bytes end in a report or a reason, soon."""

import codecs
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from courses.exchange import drafting, reading
from courses.exchange.wording import REFUSALS, REMARKS, Unreadable
from tests.certificates.batches.uploads import sheet
from tests.courses.exchange.files import GIFT, answer, moodle
from tests.courses.exchange.test_aiken import QUESTION
from tests.courses.exchange.test_qti import CANVAS, CHOICE, VERSION_3, correct, item, package
from tests.courses.exchange.test_spreadsheet import HEADING

ITEM = item(CHOICE, correct("A"))
SAMPLES = {
    "GIFT": GIFT.encode(),
    "Aiken": QUESTION.format("B").encode(),
    "Moodle XML": moodle("shortanswer", answer("x", "100")).encode(),
    "QTI item": VERSION_3.encode(),
    "QTI 1.2": CANVAS.format(kind="essay_question", asked="", said="").encode(),
    "QTI package": package({"a.xml": ITEM}),
    "XLSX": sheet(HEADING, ("1", "Столица?", "Ош", "Бишкек", None, "Б", None)),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_content_says_what_a_file_is(name: str) -> None:
    read = reading.read(SAMPLES[name])

    assert read.format == name
    assert len(read.entries) == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-empty"),
        (b" \n", "file-empty"),
        ("Просто письмо.".encode(), "file-unknown"),
        (b"%PDF-1.7 {}", "file-unknown"),
        (b"PK\x03\x04 nothing", "archive-damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "sheet-encrypted"),
        (b"<?xml version='1.0'?><html/>", "xml-unknown"),
        (b"<assessmentTest/>", "test-without-items"),
        (b"<quiz", "xml-damaged"),
        (b'<!DOCTYPE quiz [<!ENTITY a "x">]><quiz>&a;</quiz>', "xml-entities"),
        (b'<!DOCTYPE quiz [<!ENTITY a SYSTEM "file:///etc/passwd">]><quiz>&a;</quiz>', "xml-entities"),
        (b"<quiz>" + b"<a>" * 200, "xml-too-large"),
        (b"x" * 20_000_001, "file-too-large"),
        (b"\x00\x01\x02\x00", "not-text"),
    ],
)
def test_what_is_not_read_is_refused_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        reading.read(data)

    assert caught.value.code == code
    assert caught.value.sentence


@pytest.mark.parametrize(
    ("encoding", "named", "is_guessed"),
    [
        ("utf-8", "utf-8", False),
        ("utf-8-sig", "utf-8", False),
        ("utf-16", "utf-16", False),
        ("utf-16-le", "utf-16-le", True),
        ("utf-16-be", "utf-16-be", True),
        ("windows-1251", "windows-1251", True),
        ("koi8-r", "koi8-r", True),
        ("cp866", "cp866", True),
    ],
)
def test_the_encodings_of_teachers_are_recognised_and_guesses_are_said(
    encoding: str, named: str, is_guessed: bool
) -> None:
    text = "::Столица::Как называется столица Кыргызстана? {=Бишкек ~Ош ~Каракол}\r\n"
    read = reading.read(text.encode(encoding))

    assert (read.encoding, read.is_encoding_guessed) == (named, is_guessed)
    assert read.entries[0].draft is not None
    assert read.entries[0].draft.text == "Как называется столица Кыргызстана?"


def test_western_letters_are_not_taken_for_cyrillic() -> None:
    read = reading.read("::Q::Où est né l'élève? {=à Genève ~à Paris}".encode("cp1252"))

    assert read.encoding == "cp1252"
    assert read.entries[0].draft is not None
    assert read.entries[0].draft.text == "Où est né l'élève?"


def test_xml_in_another_encoding_is_read() -> None:
    text = moodle("shortanswer", answer("Ош", "100"))
    for name in ("windows-1251", "utf-16"):
        data = text.replace('encoding="UTF-8"', f'encoding="{name}"').encode(name)
        draft = reading.read(data).entries[0].draft
        assert draft is not None
        assert draft.accepted == ("Ош",)


def test_every_code_has_a_sentence_that_names_its_facts() -> None:
    facts = dict.fromkeys(("what", "count", "most", "type", "value", "column", "line", "fault"), "x")

    assert all(sentence.format(**facts) for sentence in REFUSALS.values())
    assert all(REMARKS.values())


def _read_soon(data: bytes) -> None:
    begun = time.process_time()
    try:
        read = reading.read(data)
    except Unreadable:
        pass
    else:
        assert all((each.draft is None) == (each.refusal is not None) for each in read.entries)
        drafting.draft(read.entries, "ru", entries=[], used=set())
    assert time.process_time() - begun < 5


FUZZED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FUZZED
@given(st.binary(max_size=400))
@example(codecs.BOM_UTF16_LE + b"{")
@example(b"::a::b {#..} {#:} {#1..}")
def test_any_bytes_end_in_a_report_or_a_reason(data: bytes) -> None:
    _read_soon(data)


@FUZZED
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_spoilt_files_end_in_a_report_or_a_reason(name: str, draw: st.DataObject) -> None:
    sample = SAMPLES[name]
    place = draw.draw(st.integers(0, len(sample) - 1))
    end = draw.draw(st.integers(place, min(place + 60, len(sample))))
    _read_soon(sample[:place] + draw.draw(st.binary(max_size=12)) + sample[end:])


@FUZZED
@given(st.text(alphabet="{}=~#%:\\->*.[]()/$\n \tаb1,ANSWER", max_size=300))
def test_any_text_of_gift_and_aiken_ends_in_a_report(text: str) -> None:
    _read_soon(f"::q::{text}".encode())
    _read_soon(f"Вопрос\nA) {text}\nANSWER: A".encode())


@pytest.mark.parametrize(
    "text",
    [
        "::q::" + "{" * 300_000,
        "::q::a {" + "=a->b " * 100_000 + "}",
        "::q::a {" + "~%50%" * 100_000 + "}",
        "{\n\n" * 100_000,
        "::" * 300_000,
        "::q::" + "<b" * 200_000 + "{=a ~b}",
        "::q::[html]" + "<b>" * 30_000 + "{=a ~b}",
        "\\\\" * 300_000 + "{=}",
        "A) x\n" * 100_000 + "ANSWER: A",
    ],
)
def test_long_nonsense_takes_no_long_time(text: str) -> None:
    _read_soon(text.encode())
