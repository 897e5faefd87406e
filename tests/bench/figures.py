"""How long the figures take with so many people: ``python -m tests.bench.figures 100000`` (SQLite; ``--postgresql`` too)."""

import random
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from flask_migrate import upgrade
from sqlalchemy import insert, select, text

from certificates.dashboards import counting
from certificates.models import Certificate
from courses import loading
from courses.cohorts.models import Binding, Call, Cohort, Member, Nomination, Plan, Quota
from courses.cohorts.wording import REGIONS
from courses.models import Completion, Enrolment, Module
from courses.training import Scope
from lms.core.db import db, new_id, reading, transaction
from lms.lti.models import Deployment, Registration, ResourceLink
from lms.organisations.models import Organisation
from lms.people.models import Person
from tests.certificates.academy import module
from tests.conftest import application, make_settings

AGENCIES = 60
BEGUN = datetime(2024, 4, 15, 6, tzinfo=UTC)


def main(people: int, url: str) -> None:
    with (
        TemporaryDirectory() as folder,
        application(make_settings(Path(folder), url or f"sqlite:///{folder}/b.sqlite3")),
    ):
        upgrade()
        fill(people)
        with transaction():
            db.session.execute(text("ANALYZE"))
        for _try in range(3):
            wall, cpu = time.perf_counter(), time.process_time()
            with reading():
                found = counting.count(Scope(organisations=None)).everybody
            print(f"{time.perf_counter() - wall:.2f} s, {time.process_time() - cpu:.2f} s CPU here, {found}")
        print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB at most")


def fill(people: int) -> None:
    """Invented people: four cohorts, of whom nine in ten begin, eight complete and have their certificate."""
    chance = random.Random(1)
    with transaction():
        body, agencies = _bodies()
        modules = _modules(chance)
        cohorts = [_cohort(body, year, people // 4, sorted(modules)) for year in (2023, 2024, 2025, 2026)]
        links = _platform()
        drafts = [
            list(_person(chance, cohorts[place % 4], agencies, place, modules, links, body)) for place in range(people)
        ]
        for table, number in (
            (Person, 0),
            (Nomination, 1),
            (Member, 2),
            (Binding, 3),
            (Enrolment, 4),
            (Completion, 5),
            (Certificate, 6),
        ):
            lines = [row for draft in drafts for kind, row in draft if kind == number]
            for start in range(0, len(lines), 5000):
                db.session.execute(insert(table), lines[start : start + 5000])


def _bodies() -> tuple[str, list[str]]:
    names = dict.fromkeys(("ky", "ru", "zh", "en"), "Invented body")
    rows = [
        Organisation(id=new_id(), code=f"body-{number}", country="KG", names=names) for number in range(AGENCIES + 1)
    ]
    db.session.add_all(rows)
    db.session.flush()
    return rows[0].id, [row.id for row in rows[1:]]


def _modules(chance: random.Random) -> dict[str, tuple[str, str]]:

    slugs = ["public-management", "urban-governance", "e-government"]
    loading.load([replace(module(), slug=slug, code=slug[:2].upper()) for slug in slugs])
    db.session.flush()
    chance.shuffle(slugs)
    return {row.slug: (row.id, row.current_version_id) for row in db.session.scalars(select(Module))}


def _cohort(body: str, year: int, places: int, modules: list[str]) -> tuple[str, str]:
    plan = Plan(
        id=new_id(),
        organisation_id=body,
        programme="c",
        title=str(year),
        modules=modules,
        year=year,
        offered=places,
        places=places,
    )
    db.session.add(plan)
    db.session.flush()
    call = Call(
        id=new_id(),
        plan_id=plan.id,
        title=str(year),
        opens_on=date(year, 2, 1),
        closes_on=date(year, 3, 1),
        criteria={},
        seed_commitment="0" * 64,
        seed_encrypted=b"-",
        published_at=BEGUN,
        ordered_on=date(year, 4, 1),
    )
    db.session.add_all(
        [call, *(Quota(plan_id=plan.id, dimension="region", share=region, places=places // 9) for region in REGIONS)]
    )
    db.session.flush()
    cohort = Cohort(
        id=new_id(),
        plan_id=plan.id,
        call_id=call.id,
        title=str(year),
        starts_on=date(year, 4, 15),
        ends_on=date(year, 11, 30),
        places=places,
    )
    db.session.add(cohort)
    db.session.flush()
    return call.id, cohort.id


def _platform() -> tuple[str, str]:
    registration = Registration(
        id=new_id(), issuer="https://lms.example", client_id="c", auth_url="-", token_url="-", jwks_url="-"
    )
    db.session.add(registration)
    db.session.flush()
    deployment = Deployment(id=new_id(), registration_id=registration.id, deployment_id="1", is_approved=True)
    db.session.add(deployment)
    db.session.flush()
    link = ResourceLink(id=new_id(), registration_id=registration.id, deployment_id=deployment.id, resource_link_id="1")
    db.session.add(link)
    db.session.flush()
    return registration.id, link.id


def _person(chance, cohort, agencies, place, modules, links, body) -> Iterator[tuple[int, dict[str, object]]]:  # type: ignore[no-untyped-def]
    person, nomination, member = new_id(), new_id(), new_id()
    who = {
        "name": "Үлгү Мисалов",
        "latin_name": "Ulgu Misalov",
        "gender": "fm"[place % 2],
        "region": chance.choice(list(REGIONS)),
        "level": chance.choice(["central", "regional", "local"]),
        "agency_id": chance.choice(agencies),
        "email": None,
        "number_encrypted": None,
        "person_key": sha256(str(place).encode()).hexdigest(),
    }
    yield 0, {"id": person}
    yield (
        1,
        {
            **who,
            "id": nomination,
            "call_id": cohort[0],
            "number": place,
            "service_years": 3,
            "post_group": "senior",
            "languages": [],
            "last_training_on": None,
            "consent_version": "1",
            "consent_language": "ky",
            "consented_on": date(2024, 2, 2),
            "made_by": "x",
            "outcome": "selected",
        },
    )
    yield 2, {**who, "id": member, "cohort_id": cohort[1], "nomination_id": nomination}
    if chance.random() > 0.95:
        return
    yield (
        3,
        {
            "id": new_id(),
            "cohort_id": cohort[1],
            "member_id": member,
            "person_id": person,
            "verdict": "same",
            "ground": "decision",
            "decided_by": "x",
        },
    )
    for _slug, (module_id, version_id) in modules.items():
        enrolment, end = new_id(), BEGUN + timedelta(days=chance.randint(10, 200))
        yield (
            4,
            {
                "id": enrolment,
                "person_id": person,
                "module_id": module_id,
                "registration_id": links[0],
                "resource_link_row_id": links[1],
                "started_at": BEGUN,
            },
        )
        if chance.random() > 0.9:
            continue
        yield (
            5,
            {
                "id": new_id(),
                "enrolment_id": enrolment,
                "version_id": version_id,
                "completed_at": end,
                "source": "x",
                "recorded_at": end,
            },
        )
        code = sha256(enrolment.encode()).hexdigest()
        yield (
            6,
            {
                "id": new_id(),
                "record_id": enrolment,
                "person_id": person,
                "organisation_id": body,
                "number": code[:30],
                "code": code[:13],
                "snapshot": "{}",
                "snapshot_sha256": code,
                "template_version": 1,
                "status": "valid",
                "reserved_at": end,
                "issued_at": end + timedelta(hours=chance.randint(0, 80)),
            },
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
