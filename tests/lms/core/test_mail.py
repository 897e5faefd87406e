import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lms.core import mail
from lms.core.errors import RemoteFailure
from lms.core.mail import Letter
from lms.core.settings import Settings
from lms.core.web import Bilim
from tests.conftest import application
from tests.mailbox import Mailbox, serving

LETTER = Letter("aigul@mail.example", "Күбөлүк даяр", "Ысакова үчүн шилтеме:\nhttps://x\n", "key-1", "ky")


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox) -> Iterator[str]:
    """Address of the server."""
    with serving(mailbox) as address:
        yield address


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Mail needs no database."""
    return f"sqlite:///{tmp_path / 'unused.sqlite3'}"


@pytest.fixture
def app(settings: Settings, server: str) -> Iterator[Bilim]:
    with application(settings, smtp_url=f"smtp://{server}", mail_from="bilim@academy.example") as made:
        yield made


def test_a_letter_arrives_with_its_letters(app: Bilim, mailbox: Mailbox) -> None:
    mail.send(LETTER)

    (message,) = mailbox.got
    assert mailbox.recipients == ["aigul@mail.example"]
    assert message["Subject"] == "Күбөлүк даяр"
    assert message["From"] == "Bilim <bilim@academy.example>"
    assert message["Message-ID"] == "<key-1@academy.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == LETTER.text
    assert not message.is_multipart()


def test_a_password_is_given_as_it_was_before_it_stood_in_an_address(
    settings: Settings, server: str, mailbox: Mailbox
) -> None:
    with application(settings, smtp_url=f"smtp://bilim:p%40ss@{server}", mail_from="b@a.example"):
        mail.send(LETTER)

    assert mailbox.logins == [(b"bilim", b"p@ss")]
    assert len(mailbox.got) == 1


@pytest.mark.parametrize(
    ("reply", "code", "retryable"),
    [("550 no such mailbox", "mail-refused", False), ("451 try later", "mail-server-away", True)],
)
def test_what_a_server_refuses_for_good_is_told_apart_from_what_it_refuses_now(
    app: Bilim, mailbox: Mailbox, reply: str, code: str, retryable: bool
) -> None:
    mailbox.reply = reply

    with pytest.raises(RemoteFailure) as failure:
        mail.send(LETTER)

    assert (failure.value.code, failure.value.retryable) == (code, retryable)
    assert "aigul" not in f"{failure.value} {failure.value.facts} {failure.value.asked}"


def test_a_server_that_is_away_is_asked_again_later(settings: Settings) -> None:
    with application(settings, smtp_url="smtp://127.0.0.1:9", mail_from="b@a.example"):
        with pytest.raises(RemoteFailure) as failure:
            mail.send(LETTER)

        assert (failure.value.code, failure.value.retryable) == ("mail-server-away", True)


def test_towards_a_host_that_is_not_trusted_nothing_is_sent_without_tls(
    settings: Settings, server: str, mailbox: Mailbox
) -> None:
    changes = {"smtp_url": f"smtp://{server}", "mail_from": "b@a.example", "trusted_private_hosts": frozenset()}
    with application(settings, **changes):
        with pytest.raises(RemoteFailure) as failure:
            mail.send(LETTER)

        assert isinstance(failure.value.__cause__, smtplib.SMTPException)
        assert mailbox.got == []


def test_a_line_break_in_a_subject_makes_no_header(app: Bilim) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        mail.send(Letter("a@b.example", "Hello\nBcc: c@d.example", "x", "k", "en"))


def test_without_a_server_mail_is_off(settings: Settings) -> None:
    with application(settings):
        assert not mail.is_on()
