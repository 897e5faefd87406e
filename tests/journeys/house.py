"""A house with something of everything in it, so that none of its pages is empty: people of each kind, and what they made."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import select

from certificates import corrections
from certificates.badges import sharing
from certificates.corrections import About
from certificates.layout import built_in
from certificates.models import Certificate
from certificates.reports.models import ReportRequest
from certificates.studio import versions
from courses import loading, visits_loading, visits_reading
from courses.cohorts import demo
from courses.cohorts.models import Cohort, Nomination, Plan
from courses.event_models import EventSession
from courses.marking_models import WorkFile
from courses.models import Enrolment, Submission
from lms.core import clock, jobs, keys
from lms.core.db import db, new_id, reading, transaction
from lms.core.web import Bilim
from lms.lti import invitations as platform_invitations
from lms.lti.models import PlatformUser, Registration
from lms.oauth import clients
from lms.organisations import loading as organisations
from lms.organisations.models import Organisation
from lms.people import mail_addresses
from lms.signin import invitations as staff_invitations
from lms.signin.members import Post
from lms.signin.roles import Role
from script.answers import CONTENT, right_answers
from script.journey import NAME, SENTENCE
from tests import staff
from tests.certificates.academy import make_seal
from tests.certificates.batches import uploads
from tests.courses.conftest import Visitor
from tests.platform import CLAIM, MEMBERSHIP, TOOL
from tests.registrar import Registrar, moodle
from tests.shortened import shortened

ACTOR = "staff:test"
MODULE = "public-management"
UNIT = "pm1"
PDF = b"%PDF-1.7\nOne page."
DL_SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
STAFF = {
    "officer": (Role.BUREAU_OFFICER, demo.BUREAU),
    "administrator": (Role.ACADEMY_ADMINISTRATOR, demo.ACADEMY),
    "platform administrator": (Role.PLATFORM_ADMINISTRATOR, None),
    "host": (Role.HOST_COORDINATOR, demo.HOST),
    "auditor": (Role.AUDITOR, None),
}


@dataclass
class House:
    """Who is in it, and what stands where in the addresses of its pages."""

    app: Bilim
    platform: Registrar
    launched: dict[str, Visitor] = field(default_factory=dict)
    """By who they are: those who came by a launch."""
    staff: dict[str, FlaskClient] = field(default_factory=dict)
    """By who they are: those who signed in."""
    places: dict[str, str] = field(default_factory=dict)
    """By the name of an argument, or of an endpoint and an argument: ``code``, ``mail.address/token``."""

    def client(self, who: str) -> FlaskClient:
        """The browser of somebody, or one of a stranger."""
        if who in self.launched:
            return self.launched[who].browser
        return self.staff[who] if who in self.staff else self.app.test_client()

    def cookies(self, who: str) -> dict[str, str]:
        """What the browser of somebody keeps."""
        return {cookie.key: cookie.value for cookie in (self.client(who)._cookies or {}).values()}

    def launch(self, who: str, **claims: Any) -> Visitor:
        """Let somebody come from the platform."""
        browser = self.app.test_client()
        answer = self.platform.launch(
            browser, **{"sub": who, "target_link_uri": f"{TOOL}/learn/{MODULE}", "name": "Мисал Үлгүбаева", **claims}
        )
        prefix = re.search(r"/s/[^/]+", answer.location or "")
        assert prefix, answer.text
        self.launched[who] = Visitor(browser, who, prefix[0])
        return self.launched[who]


@contextmanager
def furnished(app: Bilim, folder: Path) -> Iterator[House]:
    """The house, on an empty database."""
    app.config["WTF_CSRF_ENABLED"] = False
    _lay_ground(app, folder)
    with moodle() as platform:
        platform.register(policy="approve", product_family_code="moodle")
        house = House(app, platform)
        _admit_staff(house)
        _teach(house)
        _hold_a_seminar(house)
        jobs.run_due()
        _certify(house)
        _train_abroad(house)
        _report(house)
        _administer(house)
        jobs.run_due()
        yield house


def _lay_ground(app: Bilim, folder: Path) -> None:
    with transaction():
        keys.ensure("lti")
        organisations.load(organisations.DEMO.read_text("utf-8"))
        visits_loading.load(list(visits_reading.read_all(CONTENT).values()))
        loading.load(loading.read_all(shortened(folder / "content")))
        demo.load()
    make_seal(app)


def _admit_staff(house: House) -> None:
    for who, (role, organisation) in STAFF.items():
        client = house.app.test_client()
        house.places["staff_id"] = staff.sign_in(client, role, organisation and _organisation(organisation))
        house.staff[who] = client


def _teach(house: House) -> None:
    """One trainee is on the way - failed once, a second attempt begun - and another has finished and was marked."""
    learner = house.launch("trainee", launch_presentation={"locale": "ky"})
    holder = house.launch("holder")
    teacher = house.launch("instructor", roles=[f"{MEMBERSHIP}Instructor"], name="Нурлан Асанов")
    house.launch("guest", sub="nobody-yet", name=None)
    for visitor in (learner, holder):
        _read(visitor)
        _take_test(visitor, {})
        visitor.post(f"/learn/{MODULE}/assignment/files", file=(BytesIO(PDF), "Отчёт.pdf"))
        visitor.post(f"/learn/{MODULE}/assignment", text=SENTENCE * 80, action="submit")
    learner.post(f"/learn/{MODULE}/{UNIT}/test")
    _take_test(holder, right_answers(MODULE, UNIT), attempt=2)
    house.places |= {
        "slug": MODULE,
        "unit": UNIT,
        "number": "1",
        "_part": UNIT,
        "unit_slug": UNIT,
        "file_id": _file_of("holder"),
    }
    house.places |= {"submission_id": _of(Submission, "trainee"), "record_id": _of(Enrolment, "holder")}
    house.places["marking.file/submission_id"] = _of(Submission, "holder")
    house.places |= {"enrolment_id": _of(Enrolment, "trainee"), "person_id": _person("holder")}
    work = f"/teach/{MODULE}/work/{_of(Submission, 'holder')}"
    assert teacher.post(work, percent=82, comment="Жакшы иш.", seen=0).status_code == 303
    sheet = uploads.sheet(
        ("Text [text]", "Name", "Mark [mark]", "So far [seen]"), (house.places["submission_id"], "", "71", "0")
    )
    sent = teacher.post(f"/teach/{MODULE}/marks", file=(BytesIO(sheet), "marks.xlsx"))
    house.places["sheet_id"] = _last(sent.location)
    _open_further_launches(house)


def _open_further_launches(house: House) -> None:
    instructor = {"roles": [f"{MEMBERSHIP}Instructor"], "sub": "instructor"}
    about = {f"{CLAIM}for_user": {"user_id": "holder"}}
    house.launch("reviewer", **instructor, **about, message_type="LtiSubmissionReviewRequest")
    house.launch(
        "chooser", **instructor, message_type="LtiDeepLinkingRequest", **{DL_SETTINGS: _what_may_be_chosen(house)}
    )
    house.launch(
        "subject",
        **about,
        sub="holder",
        message_type="LtiDataPrivacyLaunchRequest",
        context=None,
        resource_link=None,
        ags=None,
    )


def _what_may_be_chosen(house: House) -> dict[str, object]:
    return {
        "deep_link_return_url": f"{house.platform.url}/return",
        "accept_types": ["ltiResourceLink", "link"],
        "accept_presentation_document_targets": ["iframe"],
        "accept_multiple": True,
    }


def _hold_a_seminar(house: House) -> None:
    """A session of today whose codes are shown, and a study visit."""
    teacher, root = house.launched["instructor"], f"/teach/{MODULE}/visits"
    today = f"{clock.now() + timedelta(hours=6):%Y-%m-%d}"
    titles: dict[str, Any] = {"title-ky": "Айылдагы кеңешүү", "title-ru": "Совет в деревне", "place-ru": "Аудитория 4"}
    hours: dict[str, Any] = {"from": "09:00", "to": "10:30", "zone": "Asia/Bishkek", "hours": "2"}
    visit: dict[str, Any] = {"kind": "visit", "programme": "hangzhou-seven-days", "day": today, "form_id": str(uuid4())}
    event_id = _last(teacher.post(f"{root}/new", **visit).location)
    seminar = _last(
        teacher.post(f"{root}/new", kind="seminar", day=today, form_id=str(uuid4()), **titles, **hours).location
    )
    with reading():
        session_id = db.session.scalars(select(EventSession.id).filter_by(event_id=seminar)).one()
    teacher.post(f"{root}/{seminar}/sessions/{session_id}/codes", action="open")
    house.places |= {"event_id": event_id, "session_id": session_id, "day": "1"}
    house.places |= {f"{name}/event_id": seminar for name in ("visits.here_page", "teach_attendance.leader")}
    house.places |= {f"teach_attendance.{name}/event_id": seminar for name in ("people", "count")}


def _certify(house: House) -> None:
    """The holder has a certificate, shares it and asks for a correction; the academy looks at its cohort."""
    name: dict[str, Any] = {**NAME, "Hani": "", "is-right": "yes"}
    house.launched["holder"].post(f"/certificates/{MODULE}/name", **name)
    jobs.run_due()
    with transaction():
        certificate = db.session.scalars(select(Certificate)).one()
        shared = sharing.share(certificate)
        forms = {**NAME, "Latn": "Ornokova Jangylgul", "Hani": ""}
        actor = f"person:{certificate.person_id}"
        correction = corrections.ask(certificate, about=About.NAME, text="", forms=forms, actor=actor)
        address = mail_addresses.give(certificate.person_id, "holder@mail.example", language="ky")
        house.places |= {
            "certificate_id": certificate.id,
            "code": certificate.code,
            "correction_id": correction.id,
            "token": shared.token,
            "mail.address/token": mail_addresses.token_of(address),
            "deed": "revoke",
        }
    _work_on_the_cohort(house)
    _verify_many(house)


def _work_on_the_cohort(house: House) -> None:
    client, root = house.staff["administrator"], "/admin/certificates/cohorts"
    page = client.get(f"{root}/").text
    found = re.search(rf"{root}/([^/\"]+)/{MODULE}", page)
    assert found, page
    house.places["certificate_cohorts.one/cohort_id"] = found[1]
    for deed, place in (("issue", "certificate_cohorts.batch/batch_id"), ("export", "export_id")):
        sent = client.post(f"{root}/{found[1]}/{MODULE}/{deed}", data={"id": new_id()})
        house.places[place] = _last(sent.location)


def _verify_many(house: House) -> None:
    lines = f"{house.places['code']}\n7Q4MX2DN9TVCZ\n=1"
    sent = house.staff["officer"].post("/bureau/verify-many/", data={"text": lines, "id": new_id()})
    house.places["batch_id"] = _last(sent.location)


def _train_abroad(house: House) -> None:
    """The invented plans, calls and cohorts, and a roster that was tried."""
    with reading():
        cohort = db.session.scalars(select(Cohort)).one()
        house.places |= {
            "plan_id": db.session.scalars(select(Plan.id).filter_by(year=2025)).one(),
            "cohort_id": cohort.id,
            "call_id": cohort.call_id or "",
            "nomination_id": db.session.scalars(select(Nomination.id).filter_by(call_id=cohort.call_id)).first() or "",
        }
    roster = uploads.sheet(
        ("Name", "Gender", "Region", "Level", "Agency", "E-mail"), ("1", "f", "KG-GB", "local", "", "")
    )
    form = {"id": new_id(), "trial": "yes", "file": (BytesIO(roster), "roster.xlsx")}
    sent = house.staff["officer"].post(f"/bureau/cohorts/{cohort.id}/roster", data=form)
    house.places["import_id"] = _last(sent.location)


def _report(house: House) -> None:
    """The report of a year that is made, and one that waits."""
    officer, organisation = house.staff["officer"], _organisation(demo.BUREAU)
    for period in ("2024", "2025"):
        jobs.run_due()
        form = {"id": new_id(), "organisation": organisation, "period": period}
        house.places["request_id"] = _last(officer.post("/bureau/reports/", data=form).location)
    with reading():
        edition = db.session.scalars(select(ReportRequest.edition_id).where(ReportRequest.period == "2024")).one()
    house.places["edition_id"] = str(edition)


def _administer(house: House) -> None:
    """A program, a template in work, and invitations that nobody has taken up."""
    academy = _organisation(demo.ACADEMY)
    house.places |= {
        "organisation_id": academy,
        "what": "planned",
        "staff.link/token": _last(staff.one_time_link(house.places["staff_id"])),
    }
    with transaction():
        client, _secret = clients.admit(name="Personnel register", scope=["certificates:read"], actor=ACTOR)
        draft = versions.draft(academy, title="Жаңы үлгү", layout=built_in(), actor=ACTOR)
        _row, registering = platform_invitations.invite(note="Academy", actor=ACTOR)
        _invitation, inviting = staff_invitations.invite("范例讲", Post(Role.AUDITOR, None, None), actor=ACTOR)
        registration_id = db.session.scalars(select(Registration.id)).one()
        house.places |= {"client_id": client.id, "version_id": draft.id, "registration_id": registration_id}
    described = urlencode(house.platform.sent())
    house.places |= {"secret": f"{_last(registering)}?{described}", "staff.invitation/token": _last(inviting)}


def _read(visitor: Visitor) -> None:
    number = 1
    while visitor.post(f"/learn/{MODULE}/{UNIT}/{number}").status_code == 303:
        number += 1


def _take_test(visitor: Visitor, answers: dict[int, list[tuple[str, str]]], attempt: int = 1) -> None:
    root = f"/learn/{MODULE}/{UNIT}/test"
    visitor.post(root)
    for number, given in answers.items():
        fields: dict[str, Any] = {}
        for name, value in given:
            fields.setdefault(name, []).append(value)
        assert visitor.post(f"{root}/{number}", **fields).status_code == 303
    assert visitor.post(f"{root}/finish", attempt=attempt).status_code == 303


def _organisation(code: str) -> str:
    with reading():
        return db.session.scalars(select(Organisation.id).filter_by(code=code)).one()


def _person(sub: str) -> str:
    with reading():
        return db.session.scalars(select(PlatformUser.person_id).filter_by(sub=sub)).one()


def _of(model: Any, sub: str) -> str:
    """The row of somebody."""
    with reading():
        mine = select(Enrolment.id).filter_by(person_id=_person(sub))
        found = mine if model is Enrolment else select(model.id).where(model.enrolment_id.in_(mine))
        return str(db.session.scalars(found).one())


def _file_of(sub: str) -> str:
    work = _of(Submission, sub)
    with reading():
        return db.session.scalars(select(WorkFile.id).filter_by(submission_id=work)).one()


def _last(address: str | None) -> str:
    assert address, "the form was not taken"
    return address.partition("?")[0].rstrip("/").rpartition("/")[2]
