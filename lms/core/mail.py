"""Mail by SMTP: short texts, one person each, never an attachment. Off unless a server is set.

Passwords and texts travel encrypted: ``smtps://`` begins with TLS, ``smtp://`` demands STARTTLS, except towards hosts that the
operator trusts as private (``BILIM_TRUSTED_PRIVATE_HOSTS``).
"""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import SplitResult, unquote, urlsplit

from lms.core import clock, settings
from lms.core.errors import RemoteFailure
from lms.core.i18n import _l

TIMEOUT_SECONDS = 20
SMTP_PERMANENT = 500
"""Replies from here on are refusals for good (RFC 5321, section 4.2.1)."""


@dataclass(frozen=True)
class Letter:
    """One mail to one address."""

    to: str
    subject: str
    text: str
    key: str
    """Names it for good, so that a mail that is sent twice after a crash is seen as one by the reader's program."""
    language: str


def is_on() -> bool:
    """Whether this installation sends mail."""
    return bool(settings.current().smtp_url)


def send(letter: Letter) -> None:
    """Hand a mail to the server.

    :raises RemoteFailure: ``mail-server-away`` (try again) or ``mail-refused`` (this address or sender is not accepted).
    """
    server = urlsplit(settings.current().smtp_url)
    message = _message(letter)
    try:
        with _connected(server) as connection:
            if server.username:
                connection.login(unquote(server.username), unquote(server.password or ""))
            connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        reply = max((code for code, _text in error.recipients.values()), default=0)
        raise _failure(server, reply) from error
    except smtplib.SMTPResponseException as error:
        raise _failure(server, error.smtp_code) from error
    except (OSError, smtplib.SMTPException) as error:
        raise _failure(server, 0) from error


def _connected(server: SplitResult) -> smtplib.SMTP:
    host = str(server.hostname)
    context = ssl.create_default_context()
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(host, server.port or 465, timeout=TIMEOUT_SECONDS, context=context)
    connection = smtplib.SMTP(host, server.port or 587, timeout=TIMEOUT_SECONDS)
    if not _is_trusted(server):
        connection.starttls(context=context)
    return connection


def _is_trusted(server: SplitResult) -> bool:
    trusted = settings.current().trusted_private_hosts
    return server.hostname in trusted or f"{server.hostname}:{server.port}" in trusted


def _message(letter: Letter) -> EmailMessage:
    sender = settings.current().mail_from
    message = EmailMessage()
    message["From"] = f"Bilim <{sender}>"
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{letter.key}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)  # forgets every Content- header that stood there before
    message["Content-Language"] = letter.language
    return message


def _failure(server: SplitResult, reply: int) -> RemoteFailure:
    """Without the address: logs name nobody."""
    is_final = reply >= SMTP_PERMANENT
    return RemoteFailure(
        "mail-refused" if is_final else "mail-server-away",
        _l("The mail could not be sent."),
        asked=f"SMTP {server.hostname}",
        status_code=reply or None,
        retryable=not is_final,
    )
