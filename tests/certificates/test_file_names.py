from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates import file_names
from tests.certificates.conftest import make_snapshot


def test_a_file_is_called_by_its_number_and_its_holder() -> None:
    assert file_names.of_certificate(make_snapshot()) == "2026-KG-PM000123 Ысакова Айгүл Өмүрбековна.pdf"


def test_without_a_cyrillic_form_another_one_is_taken() -> None:
    assert file_names.of_certificate(make_snapshot(holder={"Latn": "Li Ming"})) == "2026-KG-PM000123 Li Ming.pdf"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "-..-etc-passwd"),
        ("a/b\\c:d", "a-b-c-d"),
        ('what?*"<>|', "what------"),
        ("line\nbreak\x00\u202eabc", "line break abc"),
        (" . hidden . ", "hidden"),
        ("...", "certificate"),
        ("", "certificate"),
    ],
)
def test_a_name_leads_nowhere_else(name: str, safe: str) -> None:
    assert file_names.safe(name) == safe


@given(st.text(max_size=400))
def test_every_name_can_be_kept_by_every_system(name: str) -> None:
    safe = file_names.safe(name)

    assert 0 < len(safe.encode()) <= 180
    assert not set(safe) & set('/\\:*?"<>|\n\r\0')
    assert safe.strip(" .") == safe


def test_a_browser_gets_the_letters_and_other_programs_the_number() -> None:
    header = file_names.disposition("Айгүл.pdf", fallback="1.pdf")

    assert header == "attachment; filename=\"1.pdf\"; filename*=UTF-8''%D0%90%D0%B9%D0%B3%D2%AF%D0%BB.pdf"
    assert unquote(header.rpartition("''")[2]) == "Айгүл.pdf"
