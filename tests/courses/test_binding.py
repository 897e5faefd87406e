"""Who is who: certain by a confirmed address, else decided by a person, and undone by one."""

from datetime import date

import pytest

from courses.cohorts import binding, demo, groups, status
from courses.cohorts.models import Cohort, Member, Plan
from lms.core import clock
from lms.core.db import db, reading, transaction
from lms.core.errors import Conflict
from lms.core.web import Bilim
from lms.organisations.models import Organisation
from lms.people.models import MailAddress
from tests.courses.conftest import Visitor

ACTOR = "staff:1"


@pytest.fixture
def cohort(app: Bilim) -> tuple[Cohort, Plan]:
    """Two people on a roster; the learner of the fixtures takes the module of the plan."""
    with transaction():
        bureau = Organisation(code=demo.BUREAU, country="KG", names={"en": "Bureau"})
        db.session.add(bureau)
        db.session.flush()
        plan = Plan(
            organisation_id=bureau.id, programme="x", title="X", modules=["roads"], year=2026, offered=0, places=2
        )
        db.session.add(plan)
        db.session.flush()
        days = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 2, 1)}
        made = groups.make(plan, {"title": "X", "places": 2, **days}, actor=ACTOR)
        for name, address in (("Айгүл Мисалова", "one@demonstration.example"), ("Нуска Сынаков", None)):
            db.session.add(
                Member(
                    cohort_id=made.id,
                    name=name,
                    gender="f",
                    region="KG-N",
                    level="local",
                    agency_id=bureau.id,
                    email=address,
                    person_key=name,
                )
            )
    return made, plan


def person_of(visitor: Visitor) -> str:
    with reading():
        return next(iter(binding.learners_of(["roads"])))


def test_a_confirmed_address_binds_and_an_unconfirmed_one_does_not(
    trainee: Visitor, cohort: tuple[Cohort, Plan]
) -> None:
    trainee.get("/learn/roads")
    person_id = person_of(trainee)
    with transaction():
        given = MailAddress(person_id=person_id, address="One@demonstration.example", language="ky")
        db.session.add(given)
        db.session.flush()
        before = binding.bind_certain(*cohort, actor=ACTOR)
        given.confirmed_at = clock.now()
        db.session.flush()
        after = binding.bind_certain(*cohort, actor=ACTOR)
        db.session.flush()
        again = binding.bind_certain(*cohort, actor=ACTOR)
        arrived = status.of_cohort(*cohort).everybody.arrived

    assert (before, after, again, arrived) == (0, 1, 0, 1)


def test_a_decision_is_recorded_once_and_can_be_undone(trainee: Visitor, cohort: tuple[Cohort, Plan]) -> None:
    trainee.get("/learn/roads")
    person_id = person_of(trainee)
    with transaction():
        one, other = groups.members(cohort[0])
        binding.decide(*cohort, member_id=one.id, person_id=person_id, verdict="same", actor=ACTOR)
        db.session.flush()
        with pytest.raises(Conflict):
            binding.decide(*cohort, member_id=other.id, person_id=person_id, verdict="same", actor=ACTOR)
        binding.undo(cohort[0], binding.in_force(cohort[0])[0].id, actor="staff:2")
        db.session.flush()
        binding.decide(*cohort, member_id=other.id, person_id=person_id, verdict="same", actor=ACTOR)
        db.session.flush()
        lines = sorted((name, row.undone_by) for row, name in binding.history(cohort[0]))

    assert lines == [("Айгүл Мисалова", "staff:2"), ("Нуска Сынаков", None)]
