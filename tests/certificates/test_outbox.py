import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from certificates import corrections, life, lookup, outbox
from certificates.corrections import About
from certificates.models import Certificate, OutgoingMail
from certificates.standing import ReasonCode
from lms.core import jobs
from lms.core.db import db, reading, transaction
from lms.core.settings import Settings
from lms.core.web import Bilim
from lms.people import mail_addresses
from lms.people.models import MailAddress, Person
from tests.certificates import registered
from tests.conftest import application
from tests.mailbox import Mailbox, serving


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def app(settings: Settings, mailbox: Mailbox) -> Iterator[Bilim]:
    with (
        serving(mailbox) as server,
        application(settings, smtp_url=f"smtp://{server}", mail_from="bilim@academy.example") as made,
    ):
        yield made


@pytest.fixture
def holder(app: Bilim) -> str:
    """Somebody who gave an address and reads Russian; returns the person's id."""
    with transaction():
        person = Person()
        db.session.add(person)
        db.session.flush()
        outbox.ask_to_confirm(mail_addresses.give(person.id, "aigul@mail.example", language="ru"))
        return person.id


@pytest.fixture
def confirmed(holder: str, mailbox: Mailbox) -> str:
    """... and confirmed it."""
    jobs.run_due()
    mailbox.got.clear()
    with transaction():
        mail_addresses.confirm(db.session.get_one(MailAddress, holder))
    return holder


def issue(person_id: str) -> Certificate:
    certificate = registered.issue(registered.open_register(), person_id=person_id)
    with transaction():
        outbox.tell_of_issue(certificate)
    return certificate


def outcomes() -> list[tuple[str, str | None]]:
    with reading():
        rows = db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.queued_at))
        return [(row.kind, row.outcome) for row in rows]


def test_the_first_mail_only_asks_and_its_link_confirms(app: Bilim, holder: str, mailbox: Mailbox) -> None:
    jobs.run_due()

    (message,) = mailbox.got
    path = re.search(r"http://localhost:8000(/mail/\S+)", message.get_content())
    assert path is not None
    browser = app.test_client()
    assert browser.get(path[1]).status_code == 200
    with reading():
        assert db.session.get_one(MailAddress, holder).confirmed_at is None  # looking is not confirming
    assert browser.post(path[1], data={"confirm": "yes"}).status_code == 303
    with reading():
        assert db.session.get_one(MailAddress, holder).confirmed_at is not None


def test_before_it_is_confirmed_an_address_is_told_nothing(holder: str, mailbox: Mailbox) -> None:
    jobs.run_due()
    mailbox.got.clear()
    issue(holder)

    jobs.run_due()

    assert mailbox.got == []


def test_a_holder_is_told_of_a_certificate_once_and_without_a_name(confirmed: str, mailbox: Mailbox) -> None:
    certificate = issue(confirmed)
    with transaction():
        outbox.tell_of_issue(certificate)

    jobs.run_due()
    jobs.run_due()

    (message,) = mailbox.got
    text = message.get_content()
    assert certificate.number in text
    assert f"http://localhost:8000/v/{certificate.code}" in text
    assert "http://localhost:8000/mail/" in text
    assert "Ысакова" not in f"{message['Subject']} {text}"
    assert "Ysakova" not in text
    assert not message.is_multipart()
    assert message["Content-Language"] == "ru"


def test_a_revocation_is_told_and_its_reason_is_not_in_the_mail(confirmed: str, mailbox: Mailbox) -> None:
    certificate = registered.issue(registered.open_register(), person_id=confirmed)
    with transaction():
        life.revoke(certificate.id, reason=ReasonCode.FRAUD, note="secret words", actor=registered.CLERK)

    jobs.run_due()

    (message,) = mailbox.got
    assert "secret" not in message.get_content()
    assert "fraud" not in message.get_content()


def test_a_refused_correction_is_told(confirmed: str, mailbox: Mailbox) -> None:
    certificate = registered.issue(registered.open_register(), person_id=confirmed)
    with transaction():
        again = db.session.get_one(Certificate, certificate.id)
        asked = corrections.ask(again, about=About.OTHER, text="x", forms={}, actor=f"person:{confirmed}")
    with transaction():
        corrections.refuse(asked.id, ground="Because", actor=registered.CLERK)

    jobs.run_due()

    assert len(mailbox.got) == 1
    assert "Because" not in mailbox.got[0].get_content()


def test_a_mail_waits_while_the_server_is_away_and_is_sent_once_when_it_is_back(
    confirmed: str, mailbox: Mailbox
) -> None:
    mailbox.reply = "451 later"
    issue(confirmed)
    jobs.run_due()
    assert outcomes()[-1] == ("certificate", None)
    mailbox.reply = "250 OK"
    with transaction():
        mail_id = db.session.scalars(select(OutgoingMail.id).filter_by(kind="certificate")).one()
        jobs.retry("mail", mail_id)

    jobs.run_due()

    assert len(mailbox.got) == 1
    assert outcomes()[-1] == ("certificate", "sent")


def test_what_is_removed_before_it_is_sent_is_not_sent(confirmed: str, mailbox: Mailbox) -> None:
    issue(confirmed)
    with transaction():
        mail_addresses.remove(confirmed)

    jobs.run_due()

    assert mailbox.got == []
    assert outcomes()[-1] == ("certificate", "dropped")


def test_an_address_can_be_removed_by_the_link_of_any_mail_and_the_link_ends(
    app: Bilim, confirmed: str, mailbox: Mailbox
) -> None:
    issue(confirmed)
    jobs.run_due()
    path = re.search(r"http://localhost:8000(/mail/\S+)", mailbox.got[0].get_content())
    assert path is not None
    browser = app.test_client()

    assert browser.post(path[1], data={"remove": "yes"}).status_code == 200

    with reading():
        assert mail_addresses.of(confirmed) is None
    assert browser.get(path[1]).status_code == 404
    assert browser.get("/mail/guess.guess").status_code == 404


def test_where_no_server_is_set_nothing_is_written_down(settings: Settings) -> None:
    with application(settings):
        with transaction():
            person = Person()
            db.session.add(person)
            db.session.flush()
            address = mail_addresses.give(person.id, "a@b.example", language="ky")
            outbox.ask_to_confirm(address)
            mail_addresses.confirm(address)
        certificate = registered.issue(registered.open_register(), person_id=person.id)
        with transaction():
            outbox.tell_of_issue(certificate)

        with reading():
            assert db.session.scalars(select(OutgoingMail)).all() == []
            assert lookup.by_id(certificate.id) is not None
