"""What is kept, taken along, asked and answered: pages of a launch, the queue of administrators, the clock of the law."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

from sqlalchemy import select, update

from courses.cohorts import identity
from courses.cohorts.models import Binding, Call, Cohort, Member, Nomination, Plan
from courses.models import Submission
from lms.core import clock, jobs
from lms.core.audit import AuditEvent
from lms.core.db import db, new_id, reading, transaction
from lms.lti.models import LaunchSession
from lms.organisations.models import Organisation
from lms.people import escalation, holdings
from lms.people.person_requests import PersonRequest
from lms.signin.models import StaffMember
from lms.signin.roles import AUDITOR, PLATFORM_ADMINISTRATOR
from tests.courses.conftest import Visitor, enrolment_of, launched, module, platform, trainee
from tests.mailbox import Mailbox, serving
from tests.staff import sign_in

__all__ = ["launched", "module", "platform", "trainee"]


def ask(visitor: Visitor, kind: str, text: str = "", request_id: str | None = None) -> int:
    return visitor.post("/rights/", id=request_id or new_id(), kind=kind, text=text).status_code


def asked() -> list[tuple[str, str]]:
    with reading():
        rows = db.session.scalars(select(PersonRequest).order_by(PersonRequest.asked_at))
        return [(str(row.kind), row.text) for row in rows]


def test_a_person_takes_everything_along(trainee: Visitor) -> None:
    trainee.take_test()
    trainee.submit_work()

    answer = trainee.post("/rights/export")

    assert answer.mimetype == "application/zip"
    with ZipFile(BytesIO(answer.data)) as archive:
        kept = json.loads(archive.read("data.json"))
        page = archive.read("data.html").decode()
    assert kept["courses"][0]["texts"][0]["text"] == "На моей улице пять ям."
    assert "На моей улице пять ям." in page
    assert "<script" not in page
    with reading():
        assert "personal-data.exported" in set(db.session.scalars(select(AuditEvent.action)))


def test_a_request_is_sent_once_and_says_when_it_is_answered(trainee: Visitor) -> None:
    request_id = new_id()

    codes = [ask(trainee, "data", "Who sees my mark?", request_id) for _ in range(2)]
    codes += [ask(trainee, "deletion"), ask(trainee, "deletion")]
    wrong = [ask(trainee, "complaint", " "), ask(trainee, "sabotage", "x"), ask(trainee, "data", "x" * 2_001)]

    assert codes == [303, 303, 303, 303]
    assert wrong == [422, 422, 422]
    assert asked() == [("data", "Who sees my mark?"), ("deletion", "")]
    page = trainee.get("/rights/").text
    assert page.count("Waits for an answer") == 2
    assert "Who looked at my records" in page


def test_nobody_fills_the_queue_alone(trainee: Visitor) -> None:
    codes = [ask(trainee, "complaint", f"Complaint {number}") for number in range(11)]

    assert codes == [303] * 10 + [409]


def test_an_administrator_answers_and_a_refusal_has_its_ground(trainee: Visitor) -> None:
    ask(trainee, "correction", "My birthday is wrong.")
    ask(trainee, "complaint", "The page is slow.")
    office = trainee.browser.application.test_client()
    stranger = trainee.browser.application.test_client()
    sign_in(stranger, AUDITOR)
    sign_in(office, PLATFORM_ADMINISTRATOR)
    page = office.get("/admin/rights/?lang=en").text
    forms = dict(re.findall(r'<h3>([^:]+):.+?action="(/admin/rights/[^"]+)"', page, re.S))
    correction, complaint = forms["Correct my data"], forms["Complaint"]

    no_ground = office.post(correction, data={"decision": "refused", "answer": "No."})
    other_ground = office.post(correction, data={"decision": "refused", "answer": "No.", "ground": "not-our-service"})
    refused = office.post(correction, data={"decision": "refused", "answer": "We keep none.", "ground": "not-our-data"})
    empty = office.post(complaint, data={"decision": "granted", "answer": " "})
    granted = office.post(complaint, data={"decision": "granted", "answer": "It is faster now."})
    twice = office.post(complaint, data={"decision": "granted", "answer": "Again."})

    assert [each.status_code for each in (no_ground, other_ground, refused, empty, granted, twice)] == [
        *(422, 422, 303),
        *(422, 303, 409),
    ]
    assert stranger.get("/admin/rights/").status_code == 403
    page = trainee.get("/rights/").text
    assert "We do not keep this data. Ask whoever keeps it." in page
    assert "Article 17" in page
    assert "We keep none." in page
    assert "It is faster now." in page


def test_deletion_that_is_granted_deletes_what_the_law_does_not_keep(trainee: Visitor) -> None:
    trainee.submit_work()
    ask(trainee, "deletion")
    office = trainee.browser.application.test_client()
    sign_in(office, PLATFORM_ADMINISTRATOR)
    (path,) = re.findall(r'action="(/admin/rights/[^"]+)"', office.get("/admin/rights/").text)

    assert office.post(path, data={"decision": "granted", "answer": ""}).status_code == 303

    with reading():
        assert [row.text for row in db.session.scalars(select(Submission))] == [""]


def test_what_the_bureau_keeps_is_hers_to_read_once_it_is_known_who_she_is(trainee: Visitor) -> None:
    nominate(enrolment_of(trainee.sub).person_id)

    with ZipFile(BytesIO(trainee.post("/rights/export").data)) as archive:
        kept = json.loads(archive.read("data.json"))
    page = trainee.get("/rights/").text

    assert kept["cohorts"]["rosters"][0]["name"] == "Сынакова Үлгү"
    assert kept["cohorts"]["nominations"][0]["service_years"] == 3
    assert "00000000000001" not in json.dumps(kept)
    assert [(each["version"], each["language"]) for each in kept["consents"]] == [("2026-1", "ru")]
    assert "I agree that my agency nominates me" in page
    with transaction():
        erased = holdings.known()["cohorts"].erased
        assert erased is not None
        assert erased(enrolment_of(trainee.sub).person_id) == 2
    with reading():
        row = db.session.scalars(select(Member)).one()
        assert (row.name, row.email, row.passport_encrypted) == ("Сынакова Үлгү", None, None)


def nominate(person_id: str) -> None:
    """She was nominated, is on a roster, and somebody decided that it is her."""
    day = date(2026, 3, 1)
    with transaction():
        body = Organisation(code="bureau", country="KG", names={"en": "Bureau"})
        db.session.add(body)
        db.session.flush()
        person = {
            "name": "Сынакова Үлгү",
            "gender": "f",
            "region": "KG-B",
            "level": "local",
            "agency_id": body.id,
            "email": "u@agency.example",
            "person_key": identity.key_of("00000000000001", email=None, name=""),
            "number_encrypted": identity.encrypted_number("00000000000001"),
        }
        plan = Plan(organisation_id=body.id, programme="x", title="X", modules=[], year=2026, offered=1, places=1)
        db.session.add(plan)
        db.session.flush()
        fixed = {"criteria": {}, "seed_commitment": "", "seed_encrypted": b"", "published_at": clock.now()}
        call = Call(plan_id=plan.id, title="Spring", opens_on=day, closes_on=day, **fixed)
        cohort = Cohort(plan_id=plan.id, title="First", starts_on=day, ends_on=day, places=1)
        db.session.add_all([call, cohort])
        db.session.flush()
        facts = {"service_years": 3, "post_group": "senior", "languages": [], "made_by": "staff:1"}
        consent = {"consent_version": "2026-1", "consent_language": "ru", "consented_on": day}
        passport = identity.encrypted_passport("XX1234567")
        member = Member(cohort_id=cohort.id, passport_encrypted=passport, **person)
        db.session.add_all([Nomination(call_id=call.id, number=1, **person, **facts, **consent), member])
        db.session.flush()
        decision = {"verdict": "same", "ground": "decision", "decided_by": "staff:1"}
        db.session.add(Binding(cohort_id=cohort.id, member_id=member.id, person_id=person_id, **decision))


def test_what_is_overdue_stands_on_top_and_is_told_once(trainee: Visitor) -> None:
    ask(trainee, "complaint", "The page is slow.")
    office = trainee.browser.application.test_client()
    sign_in(office, PLATFORM_ADMINISTRATOR)
    with transaction():
        db.session.execute(update(StaffMember).values(email="boss@mail.example", language="en"))
        db.session.execute(update(LaunchSession).values(expires_at=clock.now() + timedelta(days=90)))

    box, app = Mailbox(), trainee.browser.application
    with serving(box) as server, clock.frozen(clock.now() + timedelta(days=20)):
        sending = {"smtp_url": f"smtp://{server}", "mail_from": "bilim@academy.example"}
        app.extensions["bilim.settings"] = replace(app.extensions["bilim.settings"], **sending)
        for _ in range(2):
            with transaction():
                jobs.queue(escalation.JOB, escalation.JOB)
            jobs.run_due()
        page = trainee.get("/rights/").text

    assert [(letter["To"], letter["Subject"]) for letter in box.got] == [
        ("boss@mail.example", "Bilim: requests of people are overdue")
    ]
    assert "Токтогулова" not in str(box.got[0])
    assert "Whoever runs Bilim knows it." in page
    with reading():
        assert db.session.scalars(select(PersonRequest.escalated_at)).one() is not None
