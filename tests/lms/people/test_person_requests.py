"""The clocks that the law sets for requests of people."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lms.core.web import Bilim
from lms.people import legal_grounds, person_requests
from lms.people.person_requests import Kind
from tests.conftest import application, make_settings

FRIDAY = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bilim]:
    folder: Path = tmp_path_factory.mktemp("clocks")
    with application(make_settings(folder, f"sqlite:///{folder / 'unused.sqlite3'}")) as made:
        yield made


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        (Kind.DATA, datetime(2026, 11, 27, 9, tzinfo=UTC)),
        (Kind.CORRECTION, datetime(2026, 11, 27, 9, tzinfo=UTC)),
        (Kind.DELETION, datetime(2026, 11, 27, 9, tzinfo=UTC)),
        (Kind.COMPLAINT, datetime(2026, 11, 27, 18, tzinfo=UTC)),
    ],
)
def test_data_is_answered_in_a_week_and_a_complaint_in_five_working_days(app: Bilim, kind: Kind, end: datetime) -> None:
    """Five working days from a Friday end with the next Friday, at midnight in Bishkek."""
    assert person_requests.due(kind, FRIDAY) == end


def test_each_ground_of_a_refusal_names_its_article_in_four_languages() -> None:
    for ground in legal_grounds.known().values():
        assert set(ground.texts) == set(ground.articles) == {"ky", "ru", "zh", "en"}
        assert ground.is_verified is False, "a lawyer's name and day belong beside it first"
    assert all(legal_grounds.of_kind(kind) for kind in Kind)
    assert not legal_grounds.allows("not-our-service", Kind.DATA)
    assert not legal_grounds.allows(None, Kind.DATA)
