"""The key of personal numbers changes, in the middle of everything, and nobody is lost or doubled."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from courses.cohorts import identity, rotation
from courses.cohorts.models import Call, Cohort, Member, Nomination, Plan
from lms.core import clock
from lms.core.db import db, reading, transaction
from lms.core.errors import Unavailable
from lms.core.web import Bilim
from lms.organisations.models import Organisation
from lms.people import number_keys
from lms.people.number_keys import ROOT, PeopleKey

DAY = date(2026, 3, 1)
PEOPLE = 5


def number(place: int) -> str:
    return f"{place:014d}"


@pytest.fixture
def people(app: Bilim) -> None:
    """Nominated and on a roster; the last one without a personal number."""
    with transaction():
        body = Organisation(code="bureau", country="KG", names={"en": "Bureau"})
        db.session.add(body)
        db.session.flush()
        plan = Plan(organisation_id=body.id, programme="x", title="X", modules=[], year=2026, offered=9, places=9)
        db.session.add(plan)
        db.session.flush()
        fixed: dict[str, Any] = {"criteria": {}, "seed_commitment": "", "seed_encrypted": b""}
        days = {"opens_on": DAY, "closes_on": DAY, "published_at": clock.now()}
        call = Call(plan_id=plan.id, title="Spring", **days, **fixed)
        cohort = Cohort(plan_id=plan.id, title="First", starts_on=DAY, ends_on=DAY, places=9)
        db.session.add_all([call, cohort])
        db.session.flush()
        for place in range(1, PEOPLE + 1):
            add(call, cohort, body.id, None if place == PEOPLE else number(place))


def add(call: Call, cohort: Cohort, agency_id: str, personal_number: str | None) -> None:
    name, email = f"Сынакова {personal_number}", None if personal_number else "u@agency.example"
    person: dict[str, Any] = {
        "name": name,
        "email": email,
        "gender": "f",
        "region": "KG-B",
        "level": "local",
        "agency_id": agency_id,
        "person_key": identity.key_of(personal_number, email=email, name=name),
        "number_encrypted": identity.encrypted_number(personal_number),
    }
    facts = {"service_years": 3, "post_group": "senior", "languages": [], "made_by": "staff:1"}
    consent = {"consent_version": "2026-1", "consent_language": "ru", "consented_on": DAY}
    last = int(personal_number or PEOPLE)
    db.session.add(Nomination(call_id=call.id, number=last, **person, **facts, **consent))
    passport = identity.encrypted_passport(f"XX{last}")
    db.session.add(Member(cohort_id=cohort.id, passport_encrypted=passport, **person))


def read() -> list[tuple[str | None, str, bool]]:
    """Number and passport of each on the roster, and whether the nomination is known by the same hash."""
    with reading():
        nominated = set(db.session.scalars(select(Nomination.person_key)))
        members = db.session.scalars(select(Member).order_by(Member.name)).all()
        return [
            (
                identity.number(row.number_encrypted),
                identity.passport(row.passport_encrypted),
                row.person_key in nominated,
            )
            for row in members
        ]


def found(place: int) -> int:
    with reading():
        keys = identity.keys_of(number(place), email=None, name="")
        return len(db.session.scalars(select(Member).where(Member.person_key.in_(keys))).all())


EXPECTED = [*((number(place), f"XX{place}", True) for place in range(1, PEOPLE)), (None, f"XX{PEOPLE}", True)]


def keys_in_use() -> set[str]:
    with reading():
        return {*db.session.scalars(select(Member.number_key)), *db.session.scalars(select(Nomination.number_key))}


def test_a_change_that_was_stopped_goes_on_and_both_keys_read_meanwhile(people: None, app: Bilim) -> None:
    number_keys.register("cohorts", stopping_after_two())
    with pytest.raises(KeyboardInterrupt):
        number_keys.rotate(actor="operator:test", batch=1)
    rotation.init()

    half = keys_in_use()
    assert len(half) == 2
    assert ROOT in half
    assert (read(), [found(place) for place in range(1, PEOPLE)]) == (EXPECTED, [1] * 4)

    told = json.loads(app.test_cli_runner().invoke(args=["people", "rotate-key"]).output)

    assert told == {"key": (half - {ROOT}).pop(), "people": PEOPLE - 2}
    assert keys_in_use() == {told["key"]}
    assert (read(), [found(place) for place in range(1, PEOPLE)]) == (EXPECTED, [1] * 4)


def stopping_after_two() -> number_keys.Move:
    done = iter(range(2))

    def _move(key: number_keys.Key, batch: int) -> int:
        if next(done, None) is None:
            raise KeyboardInterrupt
        return rotation.move(key, batch)

    return _move


def test_an_old_key_is_destroyed_after_its_day_of_rest_and_not_before(people: None, app: Bilim) -> None:
    first, _moved = number_keys.rotate(actor="operator:test")
    with reading():
        old = db.session.scalars(select(Member.number_encrypted).where(Member.number_encrypted.is_not(None))).first()
    number_keys.rotate(actor="operator:test")
    number_keys.tidy(number_keys.JOB)
    assert secret_of(first) is not None

    with clock.frozen(clock.now() + timedelta(days=2)):
        number_keys.tidy(number_keys.JOB)

    assert secret_of(first) is None
    assert read() == EXPECTED
    with reading(), pytest.raises(Unavailable) as refused:
        identity.number(old)
    assert refused.value.code == "people-key-missing"


def secret_of(key_id: str) -> bytes | None:
    with reading():
        return db.session.get_one(PeopleKey, key_id).secret_encrypted
