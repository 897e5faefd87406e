"""The summary of a certificate, its letters and its digits. Pure."""

from dataclasses import replace
from datetime import date

import pytest

from certificates.offline import letters, summary
from certificates.offline.summary import Malformed
from tests.certificates import examples
from tests.certificates.conftest import make_snapshot

SIGNATURE = bytes(range(64))


@pytest.mark.parametrize(
    ("text", "bytes_taken"),
    [
        ("Ысакова Айгүл Өмүрбековна", 25),
        ("Aigul Ysakova", 13),
        ("艾古丽", 2 + 6),
        ("公共管理 (2)", 2 + 8 + 4),
        ("«Ё» — №5", 8),
        ("𠀋", 2 + 4),
        ("學" * 300, 2 + 510 + 2 + 90),
        ("", 0),
    ],
)
def test_a_text_takes_few_bytes_and_comes_back(text: str, bytes_taken: int) -> None:
    assert len(letters.packed(text)) == bytes_taken
    assert letters.unpacked(letters.packed(text)) == text


@pytest.mark.parametrize("data", [b"\xff", b"\xfd", b"\xfe", b"\xfe\x00", b"\xfe\x02\x00\x41", b"\xfe\x01\xd8\x00"])
def test_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        letters.unpacked(data)


def test_a_summary_says_what_is_printed() -> None:
    snapshot = make_snapshot(valid_until=date(2031, 11, 21))

    digits = summary.written(summary.packed(snapshot, kid="offline-1"), SIGNATURE)
    facts, signature = summary.taken_apart(digits)
    read = summary.unpacked(facts)

    assert signature == SIGNATURE
    assert len(digits) == 569
    assert read.key == "8168e949" == summary.key_mark("offline-1")
    assert read.issuer == summary.issuer_mark(snapshot.issuer)
    assert (read.number, read.code) == ("2026-KG-PM000123", "7Q4MX2DN9TVCZ")
    assert (read.issued_on, read.completed_on) == (date(2026, 11, 21), date(2026, 11, 20))
    assert (read.valid_until, read.hours) == (date(2031, 11, 21), 24)
    assert read.holder == {"Cyrl": "Ысакова Айгүл Өмүрбековна", "Latn": "Aigul Ysakova", "Hani": "艾古丽"}
    assert read.titles == {
        "ky": "Мамлекеттик башкаруу",
        "ru": "Государственное управление",
        "zh": "公共管理",
        "en": "Public Management",
    }


def test_no_result_is_in_a_summary() -> None:
    one, other = (summary.packed(make_snapshot(score_percent=score), kid="k") for score in (60, 100))

    assert one == other


def test_without_a_last_day_a_summary_has_none() -> None:
    facts = summary.packed(make_snapshot(), kid="k")

    assert summary.unpacked(facts).valid_until is None


def test_long_texts_give_up_translations_and_keep_the_name_and_the_original_title() -> None:
    long = make_snapshot(**examples.LONG)

    read = summary.unpacked(summary.packed(long, kid="k"))

    assert read.holder == long.holder
    assert read.titles == {"ky": long.titles["ky"]}


def test_texts_without_end_are_cut_and_say_so() -> None:
    endless = replace(make_snapshot(), titles={"ky": "Башкаруу " * 60})

    read = summary.unpacked(summary.packed(endless, kid="k"))

    assert read.titles["ky"].startswith("Башкаруу Башкаруу")
    assert read.titles["ky"].endswith("…")


@pytest.mark.parametrize(
    "digits",
    ["", "0", "17", "12a", "-5", " 123", "1" * 4001, "9" * 300, "１" * 300, str(2**700), str(1 << 720)],
)
def test_what_is_no_summary_is_refused(digits: str) -> None:
    with pytest.raises(Malformed):
        facts, _signature = summary.taken_apart(digits)
        summary.unpacked(facts)


def test_a_summary_that_was_cut_off_is_refused() -> None:
    facts = summary.packed(make_snapshot(), kid="k")
    refused = 0
    for length in range(len(facts) - 1, 30, -1):
        with pytest.raises(Malformed):
            summary.unpacked(facts[:length])
        refused += 1

    assert refused > 100
