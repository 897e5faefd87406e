"""An invented academy with one module, a seal, and people who complete it, for tests of issuing and of pages."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from certificates import cli, lookup, printing
from certificates.badges import making
from certificates.models import Certificate
from courses import completion, loading
from courses.models import Enrolment, Module
from courses.outline import Lesson, ModuleOutline, PassRule, Section, Unit
from lms.core.db import db, insert_once, new_id, transaction
from lms.core.web import Bilim
from lms.lti.models import Deployment, PlatformUser, Registration, ResourceLink
from lms.organisations import loading as organisations
from lms.people import names
from lms.people.models import Person

ISSUER, CLIENT = "https://lms.academy.example", "bilim-at-academy"
COMPLETED_AT = datetime(2026, 11, 20, 19, 30, tzinfo=UTC)
"""Already the 21st in Bishkek."""
AIGUL = {"Cyrl": "Ысакова Айгүл Өмүрбековна", "Latn": "Aigul Ysakova"}


@dataclass(frozen=True)
class Learner:
    """One person in the module."""

    person_id: str
    record_id: str
    sub: str

    def complete(self, score_percent: int = 87) -> None:
        with transaction():
            completion.report(
                issuer=ISSUER,
                client_id=CLIENT,
                user_id=self.sub,
                module_slug="public-management",
                score_percent=score_percent,
                completed_at=COMPLETED_AT,
                source="client:test",
            )

    def confirm_name(self, **forms: str) -> None:
        with transaction():
            names.confirm(self.person_id, forms or AIGUL)


def open_academy(app: Bilim) -> None:
    """Everything that issuing needs, beside people."""
    with transaction():
        organisations.load(organisations.DEMO.read_text("utf-8"))
        loading.load([module()])
    make_seal(app)


def make_seal(app: Bilim) -> str:
    result = app.test_cli_runner().invoke(cli.cli, ["make-authority"])
    assert result.exit_code == 0, result.output
    return result.output


def module(*, series: str = "PM") -> ModuleOutline:
    lesson = Lesson(title="Unit", sections=(Section(title="Section", markdown="Text"),))
    unit = Unit(
        code="PM1",
        titles={"ky": "Бөлүм", "ru": "Раздел", "zh": "单元", "en": "Unit"},
        hours=4,
        is_reserve_track=False,
        lessons=dict.fromkeys(("ky", "ru", "zh", "en"), lesson),
        outcomes={},
        key_terms=(),
        sources=(),
        review={},
        to_verify=(),
        figures=(),
        questions=(),
    )
    return ModuleOutline(
        slug="public-management",
        code="PM",
        series=series,
        titles={
            "ky": "Мамлекеттик башкаруу",
            "ru": "Государственное управление",
            "zh": "公共管理",
            "en": "Public Management",
        },
        summary={},
        hours=24,
        pass_rule=PassRule(tests_percent=70, assignment_percent=60, tests_weight=60, assignment_weight=40),
        units=(unit,),
        assignment=None,
    )


def enrol(*, is_trial: bool = False) -> Learner:
    """Somebody new, launched from the platform, who has done nothing yet."""
    with transaction():
        module_id = db.session.scalars(select(Module.id)).one()
        person, sub = Person(), new_id()
        registration, _ = insert_once(
            Registration,
            {"issuer": ISSUER, "client_id": CLIENT},
            {"auth_url": "https://a", "token_url": "https://t", "jwks_url": "https://j"},
        )
        deployment, _ = insert_once(
            Deployment, {"registration_id": registration.id, "deployment_id": "1"}, {"is_approved": True}
        )
        link, _ = insert_once(
            ResourceLink,
            {"deployment_id": deployment.id, "resource_link_id": "link"},
            {"registration_id": registration.id},
        )
        db.session.add(person)
        db.session.flush()
        db.session.add(PlatformUser(registration_id=registration.id, sub=sub, person_id=person.id))
        enrolment = Enrolment(
            person_id=person.id,
            module_id=module_id,
            registration_id=registration.id,
            resource_link_row_id=link.id,
            is_trial=is_trial,
        )
        db.session.add(enrolment)
        db.session.flush()
        return Learner(person.id, enrolment.id, sub)


def graduate() -> Learner:
    """Somebody who has completed the module and confirmed the name, before any job ran."""
    learner = enrol()
    learner.complete()
    learner.confirm_name()
    return learner


def printed_again(issued: Certificate) -> bytes:
    """The page of a certificate with its credential, before it is sealed."""
    snapshot = lookup.snapshot_of(issued)
    return printing.printed(snapshot, making.attachments_of(snapshot, issued.organisation_id))
