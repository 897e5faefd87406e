"""Certificates printed from a plate are, byte for byte, those that would have been laid out one by one."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from certificates import rendering
from certificates.finishing import Attachment
from certificates.snapshot import Snapshot
from lms.core.errors import Invalid
from tests.certificates import examples
from tests.certificates.conftest import make_snapshot

NAMES = [
    {"Cyrl": "Ысакова Айгүл", "Latn": "Aigul Ysakova"},
    {"Cyrl": "Өмүрбеков Үсөн Ңургазиевич", "Latn": "Usön Omurbekov"},
    {"Cyrl": "Д’Артаньян-Ёлкин “Фуко”", "Latn": "John O'Neill-Šulc Žižek"},
    {"Cyrl": "Ли <Эр> & Co", "Latn": "Li (Er) \\ Co"},
    {"Cyrl": "Ў Қ Ғ Ҳ Ә Ұ І Җ", "Latn": "Ğ Ş Ñ Ä Ý"},
]


@pytest.fixture(autouse=True)
def no_plates() -> Iterator[None]:
    rendering._plates.clear()
    yield
    rendering._plates.clear()


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The numbers of the certificates that were laid out, in order."""
    laid_out: list[str] = []
    lay_out = rendering._lay_out

    def counting(snapshot: Snapshot, *given: Any, **named: Any) -> Any:
        laid_out.append(snapshot.number)
        return lay_out(snapshot, *given, **named)

    monkeypatch.setattr(rendering, "_lay_out", counting)
    return laid_out


def member(number: int, **changes: object) -> Snapshot:
    code = f"{number:07d}MX2DN9"
    return make_snapshot(
        certificate_id=f"3f2c8a52-6f0e-4b52-9a35-{number:012d}",
        number=f"2026-KG-PM{number:06d}",
        code=code,
        verify_url=f"https://verify.example.kg/v/{code}",
        offline_url=examples.offline_url(number),
        **{"holder": NAMES[number % len(NAMES)], "score_percent": 9 + number, **changes},
    )


def both(snapshots: list[Snapshot], **options: Any) -> tuple[list[bytes], list[bytes]]:
    """What the press gives, then what the layout engine gives."""
    printed = list(rendering.render_many(snapshots, **options))
    return printed, [rendering.render(snapshot, **options) for snapshot in snapshots]


def test_a_cohort_is_laid_out_once_and_each_file_is_as_if_it_was_alone(layouts: list[str]) -> None:
    printed = list(rendering.render_many([member(number) for number in range(8)]))

    assert layouts == ["2026-KG-PM000000"]
    assert printed == [rendering.render(member(number)) for number in range(8)]


def test_hanzi_of_one_name_are_not_in_the_file_of_another(layouts: list[str]) -> None:
    first = member(1, holder={"Cyrl": "Ли", "Latn": "Li", "Hani": "李龙"})
    second = member(2, holder={"Cyrl": "Ван", "Latn": "Wang", "Hani": "王鹏"})

    printed, alone = both([first, second])

    assert layouts[:1] == ["2026-KG-PM000001"]
    assert printed == alone


def test_a_name_that_needs_a_smaller_size_is_laid_out_anew(layouts: list[str]) -> None:
    long = member(2, holder={"Cyrl": examples.SIXTY_LETTERS, "Latn": "Aigul"})

    printed, alone = both([member(1), long, member(3)])

    assert layouts[:2] == ["2026-KG-PM000001", "2026-KG-PM000002"]
    assert printed == alone


def test_a_second_name_that_breaks_its_line_is_laid_out_anew() -> None:
    broken = member(2, holder={"Cyrl": "Айгүл", "Latn": "Abdykerimova " * 12})

    printed, alone = both([member(1, holder={"Cyrl": "Айгүл", "Latn": "A"}), broken])

    assert printed == alone


def test_another_day_is_another_plate() -> None:
    later = replace(member(2), completed_on=member(2).issued_on)

    printed, alone = both([member(1), later])

    assert printed == alone


def test_long_titles_are_made_smaller_by_the_same_steps(layouts: list[str]) -> None:
    facts = {name: value for name, value in examples.LONG.items() if name != "holder"} | {
        "titles": {language: text * 3 for language, text in examples.THREE_LINES.items()}
    }

    printed, alone = both([member(number, **facts) for number in (1, 2, 3)])

    assert layouts.count("2026-KG-PM000002") == 1
    assert printed == alone


def test_transcripts_with_other_grades_are_printed_from_the_same_plate(layouts: list[str]) -> None:
    snapshots = [
        replace(examples.everything(), number=f"2026-KG-PM00000{number}", transcript=lines)
        for number in (1, 2)
        for lines in [tuple(replace(line, score_percent=90 + number) for line in examples.transcript(12))]
    ]

    printed, alone = both(snapshots, signatures=examples.SIGNATURES)

    assert layouts.count("2026-KG-PM000002") == 1
    assert printed == alone


def test_each_file_holds_its_own_attachment() -> None:
    def credential(snapshot: Snapshot) -> list[Attachment]:
        data = f"credential of {snapshot.number}".encode() * 40
        return [Attachment("credential.jwt", data, "application/jwt", "Open Badges credential")]

    snapshots = [member(1), member(2), member(3)]

    printed = list(rendering.render_many(snapshots, attachments=credential))

    assert printed == [rendering.render(snapshot, attachments=credential(snapshot)) for snapshot in snapshots]


def test_a_letter_of_no_font_stops_the_row_at_its_certificate() -> None:
    row = rendering.render_many([member(1), member(2, holder={"Cyrl": "Айгүл", "Latn": "𱍊"})])

    assert next(row).startswith(b"%PDF")
    with pytest.raises(Invalid) as refusal:
        next(row)
    assert refusal.value.code == "glyph-missing"


def test_a_plate_that_does_not_reproduce_its_own_file_is_not_used(
    layouts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    proved = rendering.Plate.proved
    monkeypatch.setattr(rendering.Plate, "proved", lambda plate, file, **facts: proved(plate, file + b"x", **facts))

    printed = list(rendering.render_many([member(1), member(2)]))

    assert layouts == ["2026-KG-PM000001", "2026-KG-PM000002"]
    assert printed[1] == rendering.render(member(2))
