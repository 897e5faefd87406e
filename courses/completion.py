"""Completing a module: recorded once, however often and by however many at once it is found to be true.

Three things can make the last rule true - a section read, a test finished, a mark given - and each asks for a review.
The module's own server may report it too.
"""

from datetime import datetime

from sqlalchemy import select

from courses import catalogue, enrolment, part_scores, progress, rules
from courses.catalogue import Edition
from courses.models import Completion, Enrolment, Module
from lms.core import audit, clock, jobs
from lms.core.db import db, insert_once
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.i18n import _l
from lms.lti.models import PlatformUser, Registration


def of(enrolment_id: str) -> Completion | None:
    """The completion, if there is one."""
    return db.session.scalar(select(Completion).filter_by(enrolment_id=enrolment_id))


def review(enrolment_id: str) -> None:
    """Record the completion if every rule is met now; if it is recorded already, let its result be told anew.

    The enrolment is held meanwhile: without that, two transactions that each meet one of the last two rules would
    both miss the other's work, and the completion would never be recorded (PostgreSQL, read committed).
    """
    held = enrolment.locked(enrolment_id)
    part_scores.review(enrolment_id)
    if of(enrolment_id):
        _tell(enrolment_id)
        return
    edition = _edition_of(held)
    if rules.is_complete(edition.outline, rules.evaluate(edition.outline, progress.of(enrolment_id))):
        _record(held, edition, completed_at=clock.now(), source="lessons", reported_percent=None)


def report(
    *,
    issuer: str,
    client_id: str,
    user_id: str,
    module_slug: str,
    score_percent: int | None,
    completed_at: datetime,
    source: str,
) -> tuple[Completion, bool]:
    """A module's own server says that a person completed it. The first report stands; further ones change nothing.

    :param issuer: with ``client_id`` the platform's registration; ``user_id`` is its ``sub`` for the person.
    :param source: who reports, such as ``client:ID``.
    :returns: the completion, and whether this report made it.
    :raises NotFound: ``platform-unknown``, ``person-unknown``, ``module-unknown``, ``enrolment-unknown``.
    :raises Conflict: ``enrolment-is-trial`` for instructors and test users.
    :raises Invalid: ``completed-in-future``, ``score-out-of-range``.
    """
    _refuse_impossible(score_percent, completed_at)
    held = _enrolment_reported(issuer, client_id, user_id, module_slug)
    if held.is_trial:
        raise Conflict("enrolment-is-trial", _l("This person only looked around as instructor or test user."))
    if recorded := of(held.id):
        return recorded, False
    return _record(
        held, _edition_of(held), completed_at=completed_at, source=source, reported_percent=score_percent
    ), True


def _record(
    held: Enrolment, edition: Edition, *, completed_at: datetime, source: str, reported_percent: int | None
) -> Completion:
    values = {
        "version_id": edition.version_id,
        "completed_at": completed_at,
        "source": source,
        "reported_percent": reported_percent,
    }
    completion, is_new = insert_once(Completion, {"enrolment_id": held.id}, values)
    if is_new:
        audit.record("module.completed", subject=f"enrolment:{held.id}", actor=source, version=edition.version_id)
        _tell(held.id)
    return completion


def _tell(enrolment_id: str) -> None:
    """The gradebook and the certificate follow, each by its own job."""
    jobs.queue("score", enrolment_id)
    jobs.queue("record-changed", enrolment_id)


def _edition_of(held: Enrolment) -> Edition:
    version_id = db.session.scalars(select(Module.current_version_id).filter_by(id=held.module_id)).one()
    return catalogue.edition(held.module_id, version_id)


def _refuse_impossible(score_percent: int | None, completed_at: datetime) -> None:
    if score_percent is not None and not 0 <= score_percent <= 100:
        raise Invalid("score-out-of-range", _l("The score must be from 0 to 100 percent."))
    if completed_at > clock.now():
        raise Invalid("completed-in-future", _l("The completion lies in the future. Check the clock of the sender."))


def _enrolment_reported(issuer: str, client_id: str, user_id: str, module_slug: str) -> Enrolment:
    registration_id = db.session.scalar(select(Registration.id).filter_by(issuer=issuer, client_id=client_id))
    if registration_id is None:
        raise NotFound("platform-unknown", _l("No platform is registered with this issuer and client."))
    person_id = db.session.scalar(
        select(PlatformUser.person_id).filter_by(registration_id=registration_id, sub=user_id)
    )
    if person_id is None:
        raise NotFound("person-unknown", _l("This person has never opened anything here from that platform."))
    module_id = catalogue.current(module_slug).module_id
    found = db.session.scalar(select(Enrolment.id).filter_by(person_id=person_id, module_id=module_id))
    if found is None:
        raise NotFound("enrolment-unknown", _l("This person has never opened this module."))
    return enrolment.locked(found)
