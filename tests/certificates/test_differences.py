from certificates import differences
from certificates.differences import Difference, Field
from certificates.verdicts import Attachment, Contents
from tests.certificates.conftest import make_snapshot

SNAPSHOT = make_snapshot()
LINES = (
    "Ысакова Айгүл Өмүрбековна",
    "Обучение по модулю «Государственное управление»",
    "24",
    "87\u00a0%",
    "20.11.2026",
    "21.11.2026",
    "2026-KG-PM000123",
    "7Q4M-X2DN-9TVC-Z",
)
ISSUED = Contents(None, LINES)


def told(*lines: str, may_see: bool = True) -> tuple[Difference, ...]:
    return differences.between(ISSUED, Contents(None, lines), SNAPSHOT, may_see=may_see)


def changed(old: str, new: str, *, may_see: bool = True) -> tuple[Difference, ...]:
    return told(*(line.replace(old, new) for line in LINES), may_see=may_see)


def test_the_same_text_in_another_order_is_no_difference() -> None:
    assert told(*reversed(LINES)) == ()


def test_another_name_is_told_beside_the_true_one() -> None:
    assert changed("Айгүл", "Гүлнара") == (
        Difference(Field.HOLDER, "Ысакова Гүлнара Өмүрбековна", "Ысакова Айгүл Өмүрбековна"),
    )


def test_a_name_that_has_nothing_in_common_is_paired_by_its_place() -> None:
    assert changed("Ысакова Айгүл Өмүрбековна", "Bakyt") == (
        Difference(Field.HOLDER, "Bakyt", "Ысакова Айгүл Өмүрбековна"),
    )


def test_another_result_is_told_without_the_true_one() -> None:
    assert changed("87", "97") == (Difference(Field.RESULT, "97\u00a0%", None),)


def test_who_does_not_know_the_code_learns_which_field_and_not_its_value() -> None:
    assert changed("Айгүл", "Гүлнара", may_see=False) == (
        Difference(Field.HOLDER, "Ысакова Гүлнара Өмүрбековна", None),
    )


def test_each_field_is_called_by_its_name() -> None:
    fields = {
        "Государственное": Field.TITLES,
        "24": Field.HOURS,
        "20.11.2026": Field.COMPLETED_ON,
        "21.11.2026": Field.ISSUED_ON,
        "PM000123": Field.NUMBER,
        "9TVC": Field.CODE,
    }

    assert {word: changed(word, "0000")[0].field for word in fields} == fields


def test_text_that_was_added_is_told_as_such() -> None:
    (added,) = told(*LINES, "with distinction")

    assert added == Difference(Field.OTHER, "with distinction", None)
    assert not differences.contradicts([added])


def test_text_that_was_left_out_is_told_as_such() -> None:
    assert told(*LINES[:2], *LINES[3:]) == (Difference(Field.HOURS, None, "24"),)


def test_another_attachment_contradicts() -> None:
    ours, theirs = (Contents(None, LINES, (Attachment("credential.jwt", data),)) for data in (b"a", b"b"))

    found = differences.between(ours, theirs, SNAPSHOT, may_see=False)

    assert found == (Difference(Field.ATTACHMENT, None, "credential.jwt"),)
    assert differences.contradicts(found)


def test_the_code_is_found_wherever_it_is_printed() -> None:
    for line in ("7Q4M-X2DN-9TVC-Z", "https://verify.example.kg/v/7Q4MX2DN9TVCZ", "Code 7q4mx2dn9tvcz here"):
        assert differences.mentioned_code(Contents(None, ("Certificate", line))) == "7Q4MX2DN9TVCZ"
    assert differences.mentioned_code(Contents(None, ("7Q4M-X2DN-9TVC-0", ""))) is None


def test_a_flood_of_differences_is_cut_off() -> None:
    assert len(told(*LINES, *(f"line {number}" for number in range(1000)))) == differences.MOST
