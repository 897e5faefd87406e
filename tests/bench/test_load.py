"""The crowd that ``script/bench load`` puts into a database is one that the product takes for its own."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from certificates import lookup
from courses import records
from lms.core.db import db, reading
from lms.core.settings import Settings
from lms.core.web import Bilim
from lms.people import names
from tests.bench import bulk, crowd, filling, load, people
from tests.bench.sites import DATABASE, OTHERS, WEB


def test_somebody_of_the_crowd_has_completed_and_is_certified(
    app: Bilim, client: FlaskClient, settings: Settings
) -> None:
    around, _cohort_id = bulk._surroundings()
    with filling.connected(settings.database_url) as connection:
        people.fill(connection, range(3), around, certified=True)
        people.fill(connection, range(3, 5), around, certified=False)
    person_ids = [crowd.identifier(crowd.PERSON, crowd.drawn(number)) for number in range(5)]

    with reading():
        completed = [records.of_person(person_id)[0].completed_at is not None for person_id in person_ids]
        certified = [len(lookup.of_person(person_id)) for person_id in person_ids]
        first = names.confirmed(person_ids[0])
        rows = {
            table.name: db.session.scalar(select(func.count()).select_from(db.metadata.tables[table.name]))
            for table in people.DONE
        }

    assert (completed, certified) == ([True, True, True, False, False], [1, 1, 1, 0, 0])
    assert first == {"Cyrl": "Ысакова Айгүл Өмүрбековна", "Latn": "Ysakova"}
    assert (rows["course_answer"], rows["job"], (rows["audit_event"] or 0) >= 6) == (12, 6, True)
    assert client.get(f"/v/{crowd.code_of(crowd.drawn(2))}").status_code == 200


@pytest.mark.parametrize(("few", "many", "wanted"), [(2.0, 2.4, 1.2), (4.0, 4.0, 1.0)])
def test_growth_is_told_for_each_click_and_for_the_mix(few: float, many: float, wanted: float) -> None:
    crowds = []
    for cost in (few, many):
        one = load.Crowd(site=None, learners=[])  # type: ignore[arg-type]
        for measured in one.measured.values():
            measured.cpu_ms = {WEB: [cost, cost], DATABASE: [0.0, 0.0], OTHERS: [0.0, 0.0]}
        crowds.append(one)

    growth = load._growth(*crowds)

    assert growth["mix"] == wanted
    assert growth["lesson"] == {"median": wanted, "worst": wanted}
