"""Two organisations in one installation: the first has one of everything, the second nothing but people who are curious."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from certificates import corrections, numbering, register
from certificates.batches import asking
from certificates.batches.asking import Asker
from certificates.dashboards.figures import FIGURES
from certificates.layout import built_in
from certificates.models import Certificate, Export, IssueBatch
from certificates.reports import editions, snapshot
from certificates.reports.models import ReportEdition, ReportRequest
from certificates.studio import versions
from courses import completion, loading
from courses.cohorts import identity
from courses.cohorts.criteria import Criteria
from courses.cohorts.models import Binding, Call, Cohort, Member, Nomination, Plan, RosterImport
from courses.event_models import Event, EventSession
from courses.marking_models import MarkSheet, WorkFile
from courses.models import Enrolment, Submission
from lms.core import clock, files, keys, vault
from lms.core.db import db, new_id, reading, transaction
from lms.core.web import Bilim
from lms.lti import invitations as lti_invitations
from lms.lti.models import Context
from lms.oauth import clients, reach, scopes, tokens
from lms.oauth.models import Client, ClientSecret
from lms.organisations.models import Organisation, Series, Signer
from lms.people import names, person_requests
from lms.signin import invitations, members
from lms.signin.members import Post
from lms.signin.models import StaffMember
from lms.signin.roles import GUESTS, PLATFORM_ADMINISTRATOR, Role
from tests.certificates import registered
from tests.certificates.conftest import make_snapshot
from tests.courses.conftest import CONTENT, Visitor
from tests.platform import MEMBERSHIP, TOOL, Platform
from tests.staff import sign_in_as

SECRET_NAMES = ("Токтогулова", "Ысакова", "Сынакова Үлгү", "Жашырын")
"""Names of people of the first organisation; nobody of the second ever reads one."""
ACTOR = "operator:test"
WORK = "На моей улице пять ям."


@dataclass
class Houses:
    """What the walkers need to know."""

    app: Bilim
    first: str
    """Id of the organisation that has one of everything."""
    second: str
    ids: dict[str, str] = field(default_factory=dict)
    """What really stands in an address, by the argument's name, or by blueprint and argument where a name means several."""
    visitors: dict[str, Visitor] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def staff(self, role: Role, organisation_id: str | None) -> FlaskClient:
        """A browser in which somebody new with this role is signed in."""
        browser = self.app.test_client()
        sign_in_as(browser, _staff(role, organisation_id))
        browser.post("/bureau/purpose", data={"purpose": "inspection", "words": "A walk through the house"})
        return browser


def build(app: Bilim, platform: Platform) -> Houses:
    """Both organisations, with one object of every kind in the first."""
    first = registered.open_register()
    with transaction():
        keys.ensure("lti")
        keys.ensure("oauth")
        loading.load(loading.read_all(CONTENT))
        other = Organisation(code="second-house", country="KG", names={"en": "Second", "ky": "Экинчи", "ru": "Вторая"})
        db.session.add_all([other, Series(country="KG", code="RD", organisation_id=first)])
        db.session.flush()
        second = other.id
    houses = Houses(app, first, second)
    _launch_everybody(houses, platform)
    _learn(houses)
    _certify(houses)
    _plan(houses)
    _report(houses)
    _administer(houses)
    _admit_programs(houses)
    return houses


def _launch_everybody(houses: Houses, platform: Platform) -> None:
    stranger = Platform(url=platform.url, issuer="https://lms.second.example", client_id="bilim-at-second")
    houses.ids["registration_id"] = platform.register()
    stranger.register()
    everybody = {
        "trainee": (platform, "person-17", "Learner"),
        "teacher": (platform, "teacher-1", "Instructor"),
        "other trainee": (stranger, "person-17", "Learner"),
        "other teacher": (stranger, "teacher-1", "Instructor"),
    }
    for who, (came_from, sub, role) in everybody.items():
        name = "Айгүл Токтогулова" if came_from is platform else "Башка Киши"
        houses.visitors[who] = _launched(houses.app, came_from, sub, role, name)
    houses.ids["launch"] = houses.visitors["trainee"].prefix.rpartition("/")[2]


def _launched(app: Bilim, platform: Platform, sub: str, role: str, name: str) -> Visitor:
    browser = app.test_client()
    claims: dict[str, Any] = {
        "sub": sub,
        "name": name,
        "roles": [f"{MEMBERSHIP}{role}"],
        "target_link_uri": f"{TOOL}/learn/roads",
    }
    answer = platform.launch(browser, launch_presentation={"locale": "en"}, **claims)
    assert answer.status_code == 303, answer.text
    head, _slash, launch = answer.location.partition("/s/")
    assert head == "" or head == TOOL
    return Visitor(browser, sub, f"/s/{launch.partition('/')[0]}")


def _learn(houses: Houses) -> None:
    """The first trainee has done a bit of everything, and her teacher too. The curious have opened their own module."""
    for who in ("other trainee", "trainee"):
        houses.visitors[who].get("/learn/roads")
    trainee, teacher = houses.visitors["trainee"], houses.visitors["teacher"]
    trainee.read_all()
    trainee.take_test()
    trainee.submit_work(WORK)
    seminar: dict[str, Any] = {
        "form_id": new_id(),
        "kind": "seminar",
        "title-ky": "Жашырын семинар",
        "title-ru": "Жашырын семинар",
        "place-ru": "Аудитория 4",
        "day": (clock.now() + timedelta(days=30)).date().isoformat(),
        "from": "09:00",
        "to": "10:30",
        "zone": "Asia/Bishkek",
        "hours": "2",
    }
    assert teacher.post("/teach/roads/visits/new", **seminar).status_code == 303
    with transaction():
        person_id = db.session.scalars(select(Enrolment.person_id).join(Submission)).one()
        enrolment = db.session.scalars(select(Enrolment).filter_by(person_id=person_id)).one()
        submission = db.session.scalars(select(Submission)).one()
        files.store("works/walk", b"%PDF-1.4 walk")
        work_file = WorkFile(
            submission_id=submission.id, sha256="0" * 64, name="a.pdf", kind="pdf", size=13, stored_as="works/walk"
        )
        event = db.session.scalars(select(Event)).one()
        lines = MarkSheet(person_id=event.made_by_id, module_id=enrolment.module_id, lines=[])
        db.session.add_all([work_file, lines])
        names.confirm(person_id, {"Cyrl": "Ысакова Айгүл", "Latn": "Aigul Ysakova", "Hani": ""})
        completion.report(
            issuer="https://lms.academy.example",
            client_id="bilim-at-academy",
            user_id="person-17",
            module_slug="roads",
            score_percent=87,
            completed_at=datetime(2026, 11, 20, 6, tzinfo=UTC),
            source=ACTOR,
        )
        db.session.flush()
        houses.ids |= {
            "person_id": person_id,
            "enrolment_id": enrolment.id,
            "record_id": enrolment.id,
            "submission_id": submission.id,
            "file_id": work_file.id,
            "sheet_id": lines.id,
            "event_id": event.id,
            "session_id": db.session.scalars(select(EventSession.id)).one(),
        }


def _certify(houses: Houses) -> None:
    code, first = numbering.new_code(), houses.first
    with transaction():
        number = register.next_number("KG", 2026, "RD")
        snapshot = make_snapshot(certificate_id=new_id(), number=number, code=code)
        record, person = houses.ids["record_id"], houses.ids["person_id"]
        reserved = register.reserve(snapshot, record_id=record, person_id=person, organisation_id=first, actor=ACTOR)
    issued = registered.finish(reserved)
    with transaction():
        found = db.session.get_one(Certificate, issued.id)
        asked = corrections.ask(
            found, about=corrections.About.OTHER, text="Жашырын", forms={}, actor=f"person:{found.person_id}"
        )
        version = versions.draft(first, title="Жашырын үлгү", layout=built_in(), actor=ACTOR)
        cohort = db.session.scalars(select(Context.id).join(Enrolment).where(Enrolment.id == record)).one()
        about = {"organisation_id": first, "cohort_id": cohort, "module_slug": "roads", "actor": ACTOR}
        batch = IssueBatch(id=new_id(), title="Жашырын", **about)
        export = Export(id=new_id(), title="Жашырын", expires_at=clock.now() + timedelta(days=1), **about)
        asker = Asker("staff:somebody-of-the-first-house", {"en": "First"}, "en")
        verified = asking.start(new_id(), asking.of_text(code), asker)
        db.session.add_all([batch, export])
        db.session.flush()
        houses.ids |= {
            "certificate_id": issued.id,
            "code": code,
            "certificates.number": issued.number,
            "sha256": issued.pdf_sha256 or "",
            "correction_id": asked.id,
            "version_id": version.id,
            "signer_id": db.session.scalars(select(Signer.id).filter_by(organisation_id=first)).first() or "",
            "certificate_cohorts.cohort_id": cohort,
            "certificate_cohorts.batch_id": batch.id,
            "export_id": export.id,
            "batch_id": verified.id,
            "organisation_id": first,
        }


def _plan(houses: Houses) -> None:
    first, day = houses.first, date(2026, 3, 1)
    person = {"name": "Сынакова Үлгү", "gender": "f", "region": "KG-B", "level": "local", "agency_id": first}
    with transaction():
        plan = Plan(
            organisation_id=first, programme="walk", title="Walk", modules=["roads"], year=2026, offered=1, places=1
        )
        db.session.add(plan)
        db.session.flush()
        call = Call(
            plan_id=plan.id,
            title="Call",
            opens_on=day,
            closes_on=day,
            criteria=Criteria().document(),
            seed_commitment="0" * 64,
            seed_encrypted=vault.encrypt(b"0" * 64, "selection-seed"),
            published_at=clock.now(),
            order_number="1",
            ordered_on=day,
        )
        cohort = Cohort(
            plan_id=plan.id, academy_id=first, host_id=first, title="Жашырын топ", starts_on=day, ends_on=day, places=1
        )
        db.session.add_all([call, cohort])
        db.session.flush()
        nominated = {"service_years": 3, "post_group": "senior", "languages": [], "made_by": ACTOR}
        consent = {"consent_version": "2026-1", "consent_language": "ky", "consented_on": day}
        key = identity.key_of("00000000000001", email=None, name="x")
        nomination = Nomination(call_id=call.id, number=1, person_key=key, **person, **nominated, **consent)
        member = Member(cohort_id=cohort.id, person_key=key, **person)
        roster = RosterImport(cohort_id=cohort.id, made_by=ACTOR, is_trial=True, finished_at=clock.now())
        db.session.add_all([nomination, member, roster])
        db.session.flush()
        binding = Binding(
            cohort_id=cohort.id,
            member_id=member.id,
            person_id=houses.ids["person_id"],
            verdict="same",
            ground="decision",
            decided_by=ACTOR,
        )
        db.session.add(binding)
        db.session.flush()
        houses.ids |= {
            "plan_id": plan.id,
            "call_id": call.id,
            "nomination_id": nomination.id,
            "cohort_id": cohort.id,
            "import_id": roster.id,
            "binding_id": binding.id,
        }


def _report(houses: Houses) -> None:
    """An edition of a report, and one that is being made."""
    about = {"organisation_id": houses.first, "period": "2025"}
    figures = snapshot.canonical(
        {"organisation": {"names": {"en": "First"}}, "lines": [{"by": "all", "key": "", **dict.fromkeys(FIGURES, 1)}]}
    )
    files.store("reports/walk", b"%PDF-1.4 walk")
    kept = {"en.pdf": {"name": "reports/walk", "sha256": "0" * 64, "bytes": 13}}
    edition = {"number": 1, "figures": figures, "figures_sha256": snapshot.digest(figures), "differences": []}
    with transaction():
        made = {"reason": "", "files": kept, "made_at": clock.now(), "made_by": ACTOR}
        chained = {"previous_hash": editions.NO_EDITION, "hash": "1" * 64}
        asked = ReportRequest(id=new_id(), reason="", asked_by=ACTOR, **about)
        db.session.add_all([ReportEdition(id=1, **about, **edition, **made, **chained), asked])
        houses.ids |= {"reports.request_id": asked.id, "edition_id": "1"}


def _administer(houses: Houses) -> None:
    staff_id = _staff(Role.ACADEMY_ADMINISTRATOR, houses.first, name="Жашырын Кызматкер")
    with transaction():
        member = db.session.get_one(StaffMember, staff_id)
        invited, _address = invitations.invite(
            "Жашырын Конок", Post(Role.ACADEMY_ADMINISTRATOR, houses.first, None), actor=ACTOR
        )
        platform_invited, _url = lti_invitations.invite(note="Жашырын", actor=ACTOR)
        asked = person_requests.ask(
            houses.ids["person_id"], person_requests.Kind.DELETION, asked_by=ACTOR, language="ky"
        )
        houses.ids |= {
            "staff_id": staff_id,
            "grant_id": member.grants[0].id,
            "invitation_id": invited.id,
            "lti_administration.invitation_id": platform_invited.id,
            "request_id": asked.id,
        }


def _admit_programs(houses: Houses) -> None:
    for who, organisation_id in (("first", houses.first), ("second", houses.second)):
        with transaction():
            made, _secret = clients.admit(
                name=f"Program of the {who} house",
                scope=tuple(scopes.SCOPES),
                actor=ACTOR,
                platforms=[houses.ids["registration_id"]] if who == "first" else ["-"],
                modules=[reach.EVERY],
                organisation_id=organisation_id,
            )
            token = tokens.mint(made, made.scope)
        houses.tokens[who] = token
        if who == "first":
            houses.ids["client_id"] = made.id
    with reading():
        secret = select(ClientSecret.id).join(Client).where(Client.id == houses.ids["client_id"])
        houses.ids["secret_id"] = db.session.scalars(secret).one()


def _staff(role: Role, organisation_id: str | None, *, name: str = "Мисал Үлгүбаева") -> str:
    ends_at = clock.now() + timedelta(days=30) if role in GUESTS else None
    with transaction():
        member = members.admit(name, actor=ACTOR)
        members.give(
            member, Post(role, None if role is PLATFORM_ADMINISTRATOR else organisation_id, ends_at), actor=ACTOR
        )
        return member.id
