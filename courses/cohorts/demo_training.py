"""What became of the invented cohort of 2024: who arrived, began and completed; ``flask courses load-demo-training``.

Completions are written as rows, not walked through; certificates are issued for real, by the worker, one after another.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import click
from sqlalchemy import select

from courses.cohorts.binding import SAME
from courses.cohorts.demo import ACTOR, MODULES, PROGRAMME
from courses.cohorts.models import Binding, Cohort, Member, Plan
from courses.models import Completion, Enrolment, Module
from lms.core import clock, jobs
from lms.core.db import Base, db, insert_once, new_id, transaction
from lms.lti.models import Deployment, Registration, ResourceLink, State
from lms.organisations import issuers
from lms.organisations.models import Organisation
from lms.people.models import Person, PersonName

PLATFORM = "https://lms-2024.demonstration.example"
ACADEMY = "demonstration-academy"
BEGINNING = datetime(2024, 4, 15, 3, tzinfo=UTC)
ARRIVED, COMPLETED = 0.95, 0.955
"""Shares: of the roster, and of those who began a module."""
JOBS_A_SECOND = 1
"""So that a certificate that somebody waits for does not wait behind all of these."""


@click.command("load-demo-training")
@click.option(
    "--people", type=click.IntRange(1, 500), default=500, show_default=True, help="Of the cohort of 2024, at most."
)
def command(people: int) -> None:
    """Let the invented cohort of 2024 have learned; again changes nothing."""
    try:
        with transaction():
            completed = load(people)
    except LookupError as missing:
        raise click.ClickException(str(missing)) from missing
    click.echo(
        f"demonstration training: {completed} modules completed" if completed else "demonstration training: unchanged"
    )


def load(people: int) -> int:
    """How many modules were completed; 0 if it was done before. In the caller's transaction.

    :raises LookupError: without the demonstration cohorts.
    """
    cohort = db.session.scalar(
        select(Cohort).join(Plan, Plan.id == Cohort.plan_id).where(Plan.programme == PROGRAMME, Plan.year == 2024)
    )
    if cohort is None:
        raise LookupError("load-demo-cohorts comes first")
    link, is_new = _link()
    if not is_new:
        return 0
    modules = [row for row in db.session.scalars(select(Module).order_by(Module.slug)) if row.slug in MODULES]
    members = db.session.scalars(
        select(Member).filter_by(cohort_id=cohort.id, left_at=None).order_by(Member.person_key).limit(people)
    ).all()
    made = list(_learned(cohort, members, modules, link))
    for kind in (Person, PersonName, Binding, Enrolment, Completion):
        db.session.add_all(row for row in made if isinstance(row, kind))
        db.session.flush()
    completions = [row for row in made if isinstance(row, Completion)]
    for place, completion in enumerate(completions):
        jobs.queue("record-changed", completion.enrolment_id, delay_seconds=60 + place // JOBS_A_SECOND)
    return len(completions)


def _learned(
    cohort: Cohort, members: Sequence[Member], modules: Sequence[Module], link: ResourceLink
) -> Iterator[Base]:
    chance = random.Random(2024)  # noqa: S311  invented people, the same each time
    for member in members:
        if chance.random() > ARRIVED:
            continue
        person = Person(id=new_id())
        yield person
        yield from _names(member, person)
        yield Binding(
            cohort_id=cohort.id,
            member_id=member.id,
            person_id=person.id,
            verdict=SAME,
            ground="decision",
            decided_by=ACTOR,
        )
        begin = BEGINNING + timedelta(days=chance.randint(0, 20), hours=chance.randint(0, 9))
        for module in modules:
            enrolment = _enrolment(person, module, link, begin)
            yield enrolment
            begin += timedelta(days=chance.randint(12, 55), hours=chance.randint(0, 9))
            if chance.random() < COMPLETED:
                yield Completion(
                    enrolment_id=enrolment.id,
                    version_id=module.current_version_id,
                    completed_at=begin,
                    source=ACTOR,
                    reported_percent=chance.randint(70, 98),
                )


def _names(member: Member, person: Person) -> Iterator[PersonName]:
    for script, text in (("Cyrl", member.name), ("Latn", member.latin_name)):
        if text:
            yield PersonName(person_id=person.id, script=script, text=text, source="holder", confirmed_at=clock.now())


def _enrolment(person: Person, module: Module, link: ResourceLink, begin: datetime) -> Enrolment:
    return Enrolment(
        id=new_id(),
        person_id=person.id,
        module_id=module.id,
        registration_id=link.registration_id,
        resource_link_row_id=link.id,
        started_at=begin,
    )


def _link() -> tuple[ResourceLink, bool]:
    """A link of a learning system that is closed: nobody can be launched from it."""
    addresses = {"auth_url": PLATFORM, "token_url": PLATFORM, "jwks_url": PLATFORM}
    about = {**addresses, "name": "Demonstration 2024", "state": State.DISABLED}
    registration, _is_new = insert_once(Registration, {"issuer": PLATFORM, "client_id": "bilim"}, about)
    academy = db.session.scalar(select(Organisation).filter_by(code=ACADEMY))
    if academy is not None:
        issuers.assign(registration.id, academy, actor=ACTOR)
    deployment, _is_new = insert_once(
        Deployment, {"registration_id": registration.id, "deployment_id": "1"}, {"is_approved": True}
    )
    return insert_once(
        ResourceLink,
        {"deployment_id": deployment.id, "resource_link_id": "demonstration"},
        {"registration_id": registration.id},
    )
