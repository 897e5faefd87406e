"""People who completed a module, on rosters of two bureaus, with and without a document: for tests of the register of training."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from certificates import numbering, register
from certificates.models import Certificate
from courses import loading
from courses.cohorts import identity
from courses.cohorts.models import Binding, Cohort, Member, Plan
from lms.core.db import db, new_id, transaction
from lms.organisations.models import Organisation
from tests.certificates import academy, registered
from tests.certificates.academy import Learner
from tests.certificates.conftest import make_snapshot

FOUR = ("ky", "ru", "zh", "en")
NUMBER = "00000000000017"
DONOR = "=HYPERLINK(0) Көрсөтмө донор"
CLERK = "staff:clerk"


@dataclass(frozen=True)
class School:
    """What stands there."""

    bureau_id: str
    """Whose plan Aigul is trained by."""
    other_bureau_id: str
    """Whose plan nobody is trained by."""
    academy_id: str
    agency_id: str
    aigul: Learner
    """On the roster, with a document."""
    bakyt: Learner
    """On no roster and without a document."""
    document: Certificate


def open_school() -> School:
    """Two who completed the module; one of them by the plan of a bureau that a donor pays for."""
    academy_id = registered.open_register()
    with transaction():
        loading.load([academy.module()])
        bureau, other, agency = (_body(code) for code in ("bureau", "other-bureau", "city-hall"))
    aigul, bakyt = academy.graduate(), academy.enrol()
    bakyt.complete()
    bakyt.confirm_name(Cyrl="Мисалов Бакыт", Latn="Bakyt Misalov")
    with transaction():
        _on_roster(bureau, agency, aigul.person_id)
    return School(bureau, other, academy_id, agency, aigul, bakyt, _document(academy_id, aigul))


def _body(code: str) -> str:
    made = Organisation(
        id=new_id(), code=code, country="KG", names={language: f"{code} {language}" for language in FOUR}
    )
    db.session.add(made)
    db.session.flush()
    return str(made.id)


def _on_roster(bureau_id: str, agency_id: str, person_id: str) -> None:
    plan = Plan(
        id=new_id(),
        organisation_id=bureau_id,
        programme="china-72",
        title="China 2026",
        modules=["public-management"],
        year=2026,
        offered=1,
        places=1,
        funded_by=DONOR,
    )
    cohort = Cohort(
        id=new_id(),
        plan_id=plan.id,
        academy_id=db.session.scalars(select(Organisation.id).filter_by(code="demonstration-academy")).one(),
        title="First cohort",
        starts_on=date(2026, 4, 1),
        ends_on=date(2026, 11, 30),
        places=1,
    )
    member = Member(
        id=new_id(),
        cohort_id=cohort.id,
        name="Ысакова Айгүл",
        gender="f",
        region="KG-B",
        level="local",
        agency_id=agency_id,
        number_encrypted=identity.encrypted_number(NUMBER),
        person_key=identity.key_of(NUMBER, email=None, name=""),
    )
    for row in (plan, cohort, member):
        db.session.add(row)
        db.session.flush()
    db.session.add(
        Binding(
            cohort_id=cohort.id,
            member_id=member.id,
            person_id=person_id,
            verdict="same",
            ground="decision",
            decided_by=CLERK,
        )
    )


def _document(organisation_id: str, learner: Learner) -> Certificate:
    with transaction():
        number = register.next_number("KG", 2026, "PM")
        reserved = register.reserve(
            make_snapshot(certificate_id=new_id(), number=number, code=numbering.new_code()),
            record_id=learner.record_id,
            person_id=learner.person_id,
            organisation_id=organisation_id,
            actor=CLERK,
        )
    return registered.finish(reserved)
