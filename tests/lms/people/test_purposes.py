import pytest

from lms.core.errors import Invalid
from lms.people import purposes


def test_a_purpose_is_a_code_and_the_words_beside_it() -> None:
    kept = purposes.stated("competition", "  Конкурс\n№ 12 ")

    assert kept == "competition: Конкурс № 12"
    assert purposes.in_words(kept) == (purposes.PURPOSES["competition"], "Конкурс № 12")


def test_a_purpose_of_another_form_is_shown_as_it_is() -> None:
    assert purposes.in_words("service: monthly") == ("service: monthly", "")
    assert purposes.in_words("audit") == ("audit", "")
    assert purposes.in_words("report") == (purposes.PURPOSES["report"], "")


@pytest.mark.parametrize(
    ("code", "words"), [("curiosity", "Just to look"), ("report", "   a  "), ("report", "x" * 301)]
)
def test_without_a_purpose_of_the_list_and_words_nothing_is_shown(code: str, words: str) -> None:
    with pytest.raises(Invalid, match="purpose-missing"):
        purposes.stated(code, words)
