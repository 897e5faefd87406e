"""Each day: what nobody has answered in the time of the law is told to whoever runs the platform, once."""

from collections.abc import Callable, Sequence

import structlog

from lms.core import audit, clock, jobs, mail, settings
from lms.core.db import db, new_id, reading, transaction
from lms.core.errors import RemoteFailure
from lms.core.i18n import _, _n, use_language
from lms.core.mail import Letter
from lms.people import person_requests
from lms.people.person_requests import PersonRequest

JOB = "rights-escalation"
PAGE = "/admin/rights/"
Addresses = Callable[[], Sequence[tuple[str, str]]]
"""E-mail address and language of everybody who is to be told."""

log = structlog.get_logger()


def _nobody() -> Sequence[tuple[str, str]]:
    return ()


_addresses: list[Addresses] = [_nobody]


def init(addresses: Addresses) -> None:
    """Say who is told; this room knows no staff."""
    _addresses[0] = addresses


@jobs.daily(JOB)
def escalate(_subject: str) -> None:
    """Mark what became overdue, then write about it. A mail that fails is not sent again: the page says it, too."""
    count = _mark()
    if not count or not mail.is_on():
        return
    with reading():
        told = list(_addresses[0]())
    for address, language in told:
        try:
            mail.send(_letter(address, language, count))
        except RemoteFailure as failure:
            log.warning("rights-escalation-not-sent", code=failure.code)


def _mark() -> int:
    """How many became overdue since the last time."""
    with transaction():
        new = [row for row in person_requests.overdue() if row.escalated_at is None]
        for row in new:
            _note(row)
        return len(new)


def _note(row: PersonRequest) -> None:
    row.escalated_at = clock.now()
    audit.record(f"{row.kind}.overdue", subject=f"person:{row.person_id}", actor="operator:daily", request=row.id)
    db.session.flush()


def _letter(address: str, language: str, count: int) -> Letter:
    """Without a name: mail travels far."""
    with use_language(language):
        return Letter(
            to=address,
            subject=_("Bilim: requests of people are overdue"),
            text=_n(
                "%(num)s request of a person is overdue. The law sets its time. Answer it: %(url)s",
                "%(num)s requests of people are overdue. The law sets their time. Answer them: %(url)s",
                count,
                url=f"{settings.current().public_url}{PAGE}",
            ),
            key=new_id(),
            language=language,
        )
