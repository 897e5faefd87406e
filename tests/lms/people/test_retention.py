"""What goes by itself: rules as data, counted before anything is deleted."""

import json
import re
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from lms.core import clock, files
from lms.core.audit import AuditEvent
from lms.core.db import db, new_id, reading, transaction
from lms.core.web import Bilim
from lms.people import mail_addresses, person_requests, retention
from lms.people.models import MailAddress, Person
from lms.people.person_requests import Decision, Kind, PersonRequest
from lms.signin import invitations
from lms.signin.models import Invitation, StaffSession
from lms.signin.roles import AUDITOR
from tests.staff import Post, sign_in

PAGE = Path(__file__).resolve().parents[3] / "docs" / "privacy.md"


def test_the_table_for_people_says_what_the_rules_say() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| (.+?) \| (\d+) \| (yes|no) \| (.+?) \|$", PAGE.read_text("utf-8"), re.M)

    assert rows == [
        (rule.code, rule.of, str(rule.days), "yes" if rule.is_applied else "no", rule.ground)
        for rule in retention.rules().values()
    ]
    assert all("[to verify]" in rule.ground for rule in retention.rules().values() if not rule.is_verified)


def test_what_is_over_is_counted_first_and_only_rules_that_are_on_delete(app: Bilim) -> None:
    assert retention.without_finding() == set()
    fill(app)
    run = app.test_cli_runner()
    with clock.frozen(clock.now() + timedelta(days=2_000)):
        counted = json.loads(run.invoke(args=["privacy", "retention", "--dry-run"]).output)
        there = kept()
        applied = json.loads(run.invoke(args=["privacy", "retention"]).output)

    found = {code: line["found"] for code, line in counted.items() if line["found"]}
    assert found == {
        "one-time-links": 1,
        "staff-sessions": 1,
        "staff-invitations": 1,
        "unconfirmed-addresses": 1,
        "lost-works": 1,
        "answered-requests": 1,
    }
    assert there == (1, 1, 1, True)
    assert {code: number for code, number in applied.items() if number} == {
        code: number for code, number in found.items() if code != "answered-requests"
    }
    assert kept() == (0, 0, 0, False)
    with reading():
        assert len(db.session.scalars(select(PersonRequest)).all()) == 1, "switched off"
        assert "retention.applied" in set(db.session.scalars(select(AuditEvent.action)))


def test_what_was_stored_a_moment_ago_is_left_alone(app: Bilim) -> None:
    files.store("works/a/b", b"x")

    retention.apply(actor="operator:test")

    assert files.exists("works/a/b")


def fill(app: Bilim) -> None:
    sign_in(app.test_client(), AUDITOR)
    files.store("works/a/b", b"x")
    with transaction():
        person = Person()
        db.session.add(person)
        db.session.flush()
        mail_addresses.give(person.id, "a@mail.example", language="ky")
        invitations.invite("Мисал", Post(AUDITOR, None, None), actor="operator:test")
        asked = person_requests.ask(person.id, Kind.DELETION, asked_by="x", language="ky", request_id=new_id())
        person_requests.decide(asked, Decision.GRANTED, answer="", decided_by="staff:1")


def kept() -> tuple[int, int, int, bool]:
    with reading():
        tables = (StaffSession, Invitation, MailAddress)
        sessions, invited, addresses = (len(db.session.scalars(select(table)).all()) for table in tables)
    return sessions, invited, addresses, files.exists("works/a/b")
