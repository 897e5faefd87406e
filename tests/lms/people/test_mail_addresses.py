import pytest
from sqlalchemy import select

from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.errors import Invalid, NotFound
from lms.core.web import Bilim
from lms.people import mail_addresses
from lms.people.models import MailAddress, Person


@pytest.fixture
def person_id(app: Bilim) -> str:
    with transaction():
        person = Person()
        db.session.add(person)
        db.session.flush()
        return person.id


def give(person_id: str, address: str) -> MailAddress:
    with transaction():
        return mail_addresses.give(person_id, address, language="ky")


@pytest.mark.parametrize("typed", ["aigul@mail.example", "  a.b+c@sub.mail.example ", "айгүл@почта.example"])
def test_an_address_is_kept_as_it_was_meant(person_id: str, typed: str) -> None:
    assert give(person_id, typed).address == typed.strip()


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "aigul",
        "a@b",
        "a b@c.example",
        "a@b.example, c@d.example",
        "<a@b.example>",
        "a@b.example\nBcc: x",
        "a" * 250 + "@b.example",
    ],
)
def test_what_is_no_address_is_refused(person_id: str, typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        give(person_id, typed)

    assert refusal.value.code == "address-not-valid"


def test_another_address_has_to_be_confirmed_anew_and_ends_the_old_link(person_id: str) -> None:
    first = give(person_id, "a@b.example")
    with transaction():
        mail_addresses.confirm(db.session.get_one(MailAddress, person_id))
    old_token = mail_addresses.token_of(first)

    second = give(person_id, "c@d.example")

    assert second.confirmed_at is None
    with reading():
        with pytest.raises(NotFound):
            mail_addresses.by_token(old_token)
        assert mail_addresses.by_token(mail_addresses.token_of(second)).address == "c@d.example"


def test_the_same_address_again_stays_confirmed(person_id: str) -> None:
    give(person_id, "a@b.example")
    with transaction():
        mail_addresses.confirm(db.session.get_one(MailAddress, person_id))

    assert give(person_id, "a@b.example").confirmed_at is not None


def test_a_link_cannot_be_made_from_a_key_alone(person_id: str) -> None:
    row = give(person_id, "a@b.example")

    with reading(), pytest.raises(NotFound):
        mail_addresses.by_token(f"{row.key}.{'0' * 32}")


def test_the_audit_names_no_address(person_id: str) -> None:
    give(person_id, "a@b.example")
    with transaction():
        mail_addresses.remove(person_id)

    with reading():
        lines = list(db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)))
        assert [line.action for line in lines] == ["person.mail-given", "person.mail-removed"]
        assert all("@" not in f"{line.subject} {line.actor} {line.facts}" for line in lines)
        assert mail_addresses.of(person_id) is None
