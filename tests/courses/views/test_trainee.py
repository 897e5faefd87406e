"""The way of a trainee through a module, without script."""

from sqlalchemy import func, select

from courses.models import StepRead
from lms.core.db import db, reading
from tests.courses.conftest import Visitor


def _count(model: type) -> int:
    with reading():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_trainee_lands_on_the_overview_with_one_next_step(trainee: Visitor) -> None:
    page = trainee.get("/learn/roads")

    assert page.status_code == 200
    assert "Дороги" in page.text
    assert page.text.count('class="button next"') == 1
    assert f'href="{trainee.prefix}/learn/roads/rd1/1"' in page.text


def test_reading_on_leads_through_the_sections_to_the_test(trainee: Visitor) -> None:
    first = trainee.post("/learn/roads/rd1/1")
    second = trainee.post("/learn/roads/rd1/2")

    assert first.location == f"{trainee.prefix}/learn/roads/rd1/2"
    assert second.location == f"{trainee.prefix}/learn/roads/rd1/test"
    assert _count(StepRead) == 2
