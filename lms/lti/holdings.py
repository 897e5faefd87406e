"""What is kept of a person by the ways on which people come here: names, numbers of platforms, launches."""

from typing import Any

from sqlalchemy import delete, func, select, update

from lms.core.db import db
from lms.core.i18n import _l
from lms.lti.models import LaunchSession, PlatformUser, Registration
from lms.people import consents, person_requests
from lms.people.holdings import Holding, register
from lms.people.models import MailAddress, PersonName


def init() -> None:
    """Make them known."""
    register(
        "names",
        Holding(
            title=_l("Forms of the name"),
            shown=_names,
            erased=None,
            why=_l("They stay with the certificates on which they are printed."),
        ),
    )
    register(
        "mail",
        Holding(title=_l("E-mail address"), shown=_mail, erased=_erased_mail, why=_l("It is deleted.")),
    )
    register(
        "learning_systems",
        Holding(
            title=_l("Learning systems from which the person came"),
            shown=_platforms,
            erased=_erased_platforms,
            why=_l("The name as the learning system sent it is deleted. Its number stays, so that results stay hers."),
        ),
    )
    register(
        "requests",
        Holding(
            title=_l("Requests and complaints"),
            shown=_requests,
            erased=None,
            why=_l("They stay as long as the audit, because the law asks how they were answered."),
        ),
    )
    register(
        "consents",
        Holding(
            title=_l("What the person agreed to"),
            shown=_consents,
            erased=None,
            why=_l("It stays with what was agreed to, and shows which text that was."),
        ),
    )


def _requests(person_id: str) -> list[dict[str, Any]]:
    return [
        {
            "kind": str(asked.kind),
            "text": asked.text,
            "asked_at": asked.asked_at.isoformat(),
            "due_at": asked.due_at.isoformat(),
            "decision": str(asked.decision) if asked.decision else None,
            "ground": asked.ground,
            "decided_at": asked.decided_at.isoformat() if asked.decided_at else None,
            "answer": asked.answer,
        }
        for asked in person_requests.of_person(person_id)
    ]


def _consents(person_id: str) -> list[dict[str, Any]]:
    return [
        {
            "what": str(consent.title),
            "text": str(consent.text),
            "version": consent.version,
            "language": consent.language,
            "given_on": consent.given_on.isoformat(),
        }
        for consent in consents.of(person_id)
    ]


def _names(person_id: str) -> list[dict[str, Any]]:
    rows = db.session.scalars(select(PersonName).filter_by(person_id=person_id).order_by(PersonName.created_at))
    return [{"text": row.text, "script": row.script, "source": row.source} for row in rows]


def _mail(person_id: str) -> list[dict[str, Any]]:
    rows = db.session.scalars(select(MailAddress).filter_by(person_id=person_id))
    return [{"address": row.address, "language": row.language} for row in rows]


def _erased_mail(person_id: str) -> int:
    return int(getattr(db.session.execute(delete(MailAddress).filter_by(person_id=person_id)), "rowcount", 0))


def _platforms(person_id: str) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(PlatformUser, Registration.issuer)
        .join(Registration, Registration.id == PlatformUser.registration_id)
        .where(PlatformUser.person_id == person_id)
    )
    launches = db.session.scalar(select(func.count(LaunchSession.id)).filter_by(person_id=person_id)) or 0
    return [
        {"issuer": issuer, "user_id": user.sub, "name": user.name, "launches_of_the_last_days": launches}
        for user, issuer in rows
    ]


def _erased_platforms(person_id: str) -> int:
    """Until a platform sends the name again, at the next launch."""
    named = update(PlatformUser).where(PlatformUser.person_id == person_id, PlatformUser.name.is_not(None))
    done = db.session.execute(named.values(name=None).execution_options(synchronize_session=False))
    return int(getattr(done, "rowcount", 0))
