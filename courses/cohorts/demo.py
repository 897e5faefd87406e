"""Invented plans, nominees and a cohort that tell of the programme of 2024 and 2025; ``flask courses load-demo-cohorts``.

Numbers of places are those the agency named (50 offered, 500 sent in 2024, 700 planned for 2025). Nobody in it exists:
personal numbers begin with nine zeros, addresses end in ``.example``.
"""

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import click
from sqlalchemy import select

from courses.cohorts import calls, draws, groups, identity, protocol
from courses.cohorts.criteria import Criteria
from courses.cohorts.models import Call, Nomination, Plan, Quota
from courses.cohorts.wording import REGIONS
from lms.core import clock, vault
from lms.core.db import db, insert_once, new_id, transaction
from lms.organisations.kinds import Kind
from lms.organisations.models import Organisation

ACTOR = "operator:demonstration"
PROGRAMME = "china-72"
DONOR = "Көрсөтмө донор / Демонстрационный донор"
MODULES = ["public-management", "urban-governance", "e-government"]
BUREAU, HOST, ACADEMY = "demonstration-bureau", "demonstration-host", "demonstration-academy"
BODIES: dict[str, tuple[str, dict[str, str]]] = {
    BUREAU: (
        "KG",
        {
            "ky": "Көрсөтмө мамлекеттик кызмат бюросу",
            "ru": "Демонстрационное бюро государственной службы",
            "zh": "示范公务员局",
            "en": "Demonstration Civil Service Bureau",
        },
    ),
    HOST: (
        "CN",
        {
            "ky": "Көрсөтмө кабыл алуучу институт",
            "ru": "Демонстрационный принимающий институт",
            "zh": "示范接待学院",
            "en": "Demonstration Host Institute",
        },
    ),
    "demonstration-ministry": (
        "KG",
        {
            "ky": "Көрсөтмө министрлик",
            "ru": "Демонстрационное министерство",
            "zh": "示范部",
            "en": "Demonstration Ministry",
        },
    ),
    "demonstration-city-hall": (
        "KG",
        {
            "ky": "Көрсөтмө мэрия",
            "ru": "Демонстрационная мэрия",
            "zh": "示范市政府",
            "en": "Demonstration City Hall",
        },
    ),
    "demonstration-district": (
        "KG",
        {
            "ky": "Көрсөтмө райондук администрация",
            "ru": "Демонстрационная районная администрация",
            "zh": "示范区政府",
            "en": "Demonstration District Administration",
        },
    ),
}
KINDS = {BUREAU: Kind.BUREAU, HOST: Kind.HOST, "demonstration-ministry": Kind.MINISTRY}
"""The others are agencies."""
AGENCIES = {
    "demonstration-ministry": "central",
    "demonstration-city-hall": "local",
    "demonstration-district": "regional",
}
CRITERIA = Criteria(
    least_service_years=1,
    post_groups=("chief", "senior"),
    languages=("ky",),
    months_since_training=24,
    points_per_service_year=2,
    most_service_points=20,
    language_points={"en": 5, "zh": 10},
    level_points={"local": 5},
    never_trained_points=10,
)
_GIVEN = ("Үлгү", "Мисал", "Сынак", "Көрсөтмө", "Нуска", "Болжол", "Ойдон", "Жасалма")
_FAMILY = ("Мисалов", "Үлгүбаев", "Сынаков", "Нускабаев", "Ойлонов", "Болжолов", "Жасалмаев")
_LATIN = dict(
    zip((*_GIVEN, *_FAMILY), ["Ulgu", "Misal", "Synak", "Korsotmo", "Nuska", "Boljol", "Oidon", "Jasalma", "Misalov", "Ulgubaev", "Synakov", "Nuskabaev", "Oilonov", "Boljolov", "Jasalmaev"], strict=True)
)  # fmt: skip


@click.command("load-demo-cohorts")
def command() -> None:
    """Load invented plans, nominees and a cohort; again changes nothing."""
    with transaction():
        people = load()
    click.echo(f"demonstration cohorts: {people} people on rosters" if people else "demonstration cohorts: unchanged")


def load() -> int:
    """How many people came onto rosters; 0 if everything was there. In the caller's transaction."""
    bodies = {code: _organisation(code, *facts) for code, facts in BODIES.items()}
    past, is_new = _plan(bodies, year=2024, offered=50, places=500)
    if not is_new:
        return 0
    present, _is_new = _plan(bodies, year=2025, offered=500, places=700)
    call = _call(past, "2024: 500", opens_on=date(2024, 2, 1), closes_on=date(2024, 3, 15))
    db.session.add_all(_nominees(call, bodies, 560))
    later = _call(present, "2025: 700", opens_on=date(2025, 2, 1), closes_on=date(2025, 3, 15))
    db.session.add_all(_nominees(later, bodies, 60))
    db.session.flush()
    protocol.select_by_criteria(call, past, actor=ACTOR)
    protocol.order(call, number="00-Д/2024", on=date(2024, 3, 25), actor=ACTOR)
    values: dict[str, Any] = {"title": "2024", "starts_on": date(2024, 4, 15), "ends_on": date(2024, 11, 30)}
    values |= {"places": 500, "host_id": bodies[HOST].id, "academy_id": _academy()}
    cohort = groups.make(past, values, call=call, actor=ACTOR)
    db.session.flush()
    people = groups.members(cohort)
    for number, member in enumerate(people, 1):
        member.passport_encrypted = identity.encrypted_passport(f"XX{number:07d}")
        member.passport_until = date(2030, 12, 31)
    return len(people)


def _organisation(code: str, country: str, names: dict[str, str]) -> Organisation:
    facts = {"country": country, "names": names, "kind": KINDS.get(code, Kind.AGENCY)}
    body, _is_new = insert_once(Organisation, {"code": code}, facts)
    return body


def _academy() -> str | None:
    return db.session.scalar(select(Organisation.id).filter_by(code=ACADEMY))


def _plan(bodies: dict[str, Organisation], *, year: int, offered: int, places: int) -> tuple[Plan, bool]:
    values = {"title": f"Кытай: 72 саат, {year}", "modules": MODULES, "offered": offered, "places": places}
    unique = {"organisation_id": bodies[BUREAU].id, "programme": PROGRAMME, "year": year}
    plan, is_new = insert_once(Plan, unique, {**values, "least_women": places * 2 // 5, "funded_by": DONOR})
    if is_new:
        each, rest = divmod(places, len(REGIONS))
        db.session.add_all(
            Quota(plan_id=plan.id, dimension="region", share=region, places=each + (number < rest))
            for number, region in enumerate(REGIONS)
        )
    return plan, is_new


def _call(plan: Plan, title: str, *, opens_on: date, closes_on: date) -> Call:
    seed = draws.commitment(f"demonstration {title}")
    call = Call(
        id=new_id(),
        plan_id=plan.id,
        title=title,
        opens_on=opens_on,
        closes_on=closes_on,
        criteria=CRITERIA.document(),
        seed_commitment=draws.commitment(seed),
        seed_encrypted=vault.encrypt(seed.encode(), calls.SEED_PURPOSE),
        published_at=clock.now(),
    )
    db.session.add(call)
    return call


def _nominees(call: Call, bodies: dict[str, Organisation], number: int) -> Iterator[Nomination]:
    chance = random.Random(call.title)  # noqa: S311  invented people, the same each time
    regions, agencies = list(REGIONS), list(AGENCIES)
    for place in range(1, number + 1):
        given, family, agency = chance.choice(_GIVEN), chance.choice(_FAMILY), chance.choice(agencies)
        is_woman = place % 2 == 0
        ending = "а" if is_woman else ""
        personal_number = f"{place + 10_000 * (number > 100):014d}"
        yield Nomination(
            id=new_id(),
            call_id=call.id,
            number=place,
            name=f"{given} {family}{ending}",
            latin_name=f"{_LATIN[given]} {_LATIN[family]}{'a' if is_woman else ''}",
            gender="f" if is_woman else "m",
            region=regions[place % len(regions)],
            level=AGENCIES[agency],
            agency_id=bodies[agency].id,
            email=f"nominee-{place}@demonstration.example",
            number_encrypted=identity.encrypted_number(personal_number),
            person_key=identity.key_of(personal_number, email=None, name=""),
            service_years=chance.randint(1, 15),
            post_group=chance.choice(("chief", "senior")),
            languages=["ky", "ru", *chance.sample(["en", "zh"], chance.randint(0, 1))],
            last_training_on=None if chance.random() < 0.9 else date(2019, 5, 20),
            consent_version=calls.CONSENT_VERSION,
            consent_language=chance.choice(("ky", "ru")),
            consented_on=call.opens_on,
            made_by=ACTOR,
        )
