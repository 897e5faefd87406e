"""Completing a module: recorded once, however often and by however many at once it is found to be true.

What is completed is the track on which the person is (docs/adr/0033): the whole module or its short way, each once.
Three things can make the last rule true - a section read, a test finished, a mark given - and each asks for a review.
The module's own server may report it too.
"""

from datetime import datetime

from sqlalchemy import select

from courses import catalogue, enrolment, facts, part_scores, progress, rules, track_records, tracks
from courses.catalogue import Edition
from courses.models import Completion, Enrolment, Module
from lms.core import audit, changes, clock
from lms.core.db import db, insert_once
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.i18n import _l
from lms.lti.models import PlatformUser, Registration
from lms.organisations import issuers

RECORDED = "completion.recorded"
"""What other systems hear of it; see ``lms.core.changes``."""


def of(enrolment_id: str, track: str) -> Completion | None:
    """The completion of one track, if there is one."""
    return db.session.scalar(select(Completion).filter_by(enrolment_id=enrolment_id, track=track))


def review(enrolment_id: str) -> None:
    """Record the completion of the person's track if every rule is met now; what is recorded already is told anew.

    The enrolment is held meanwhile: without that, two transactions that each meet one of the last two rules would
    both miss the other's work, and the completion would never be recorded (PostgreSQL, read committed).
    """
    held = enrolment.locked(enrolment_id)
    completed = enrolment.tracks_completed(enrolment_id)
    for track in completed:
        enrolment.tell(enrolment_id, track)
    if held.track not in completed:
        _record_if_complete(held)
    part_scores.review(enrolment_id)


def report(
    *,
    issuer: str,
    client_id: str,
    user_id: str,
    module_slug: str,
    score_percent: int | None,
    completed_at: datetime,
    source: str,
    track: str | None = None,
) -> tuple[Completion, bool]:
    """A module's own server says that a person completed it. The first report stands; further ones change nothing.

    :param issuer: with ``client_id`` the platform's registration; ``user_id`` is its ``sub`` for the person.
    :param source: who reports, such as ``client:ID``.
    :param track: what was completed, see :mod:`courses.tracks`; None for the track that the person is on.
    :returns: the completion, and whether this report made it.
    :raises NotFound: ``platform-unknown``, ``person-unknown``, ``module-unknown``, ``enrolment-unknown``.
    :raises Conflict: ``enrolment-is-trial`` for instructors and test users.
    :raises Invalid: ``completed-in-future``, ``score-out-of-range``, ``track-not-offered``.
    """
    _refuse_impossible(score_percent, completed_at)
    held = _enrolment_reported(issuer, client_id, user_id, module_slug)
    if held.is_trial:
        raise Conflict("enrolment-is-trial", _l("This person only looked around as instructor or test user."))
    edition, track = _edition_of(held), track or held.track
    if not tracks.is_offered(edition.outline, track):
        raise Invalid("track-not-offered", _l("This module cannot be taken so."))
    if recorded := of(held.id, track):
        return recorded, False
    completion = _record(
        held, edition, track=track, completed_at=completed_at, source=source, reported_percent=score_percent
    )
    part_scores.review(held.id)
    return completion, True


def _record_if_complete(held: Enrolment) -> None:
    edition = _edition_of(held)
    outline = edition.on(held.track).outline
    if rules.is_complete(outline, rules.evaluate(outline, progress.of(held.id), facts.of(held, outline))):
        _record(held, edition, track=held.track, completed_at=clock.now(), source="lessons", reported_percent=None)


def _record(
    held: Enrolment,
    edition: Edition,
    *,
    track: str,
    completed_at: datetime,
    source: str,
    reported_percent: int | None,
) -> Completion:
    values = {
        "version_id": edition.version_id,
        "completed_at": completed_at,
        "source": source,
        "reported_percent": reported_percent,
    }
    completion, is_new = insert_once(Completion, {"enrolment_id": held.id, "track": track}, values)
    if is_new:
        audit.record(
            "module.completed", subject=f"enrolment:{held.id}", actor=source, version=edition.version_id, track=track
        )
        organisation_id = issuers.of_platform(held.registration_id)
        changes.note(
            RECORDED,
            record_id=track_records.ensure(held.id, track),
            subject=completion.id,
            organisation_id=organisation_id,
        )
        enrolment.tell(held.id, track)
    return completion


def _edition_of(held: Enrolment) -> Edition:
    version_id = db.session.scalars(select(Module.current_version_id).filter_by(id=held.module_id)).one()
    return catalogue.edition(held.module_id, version_id)


def _refuse_impossible(score_percent: int | None, completed_at: datetime) -> None:
    if score_percent is not None and not 0 <= score_percent <= 100:
        raise Invalid("score-out-of-range", _l("The score must be from 0 to 100 percent."))
    if completed_at > clock.now():
        raise Invalid("completed-in-future", _l("The completion lies in the future. Check the clock of the sender."))


def platform_id(issuer: str, client_id: str) -> str | None:
    """The registration of a platform under one of its client ids; None if there is none."""
    return db.session.scalar(select(Registration.id).filter_by(issuer=issuer, client_id=client_id))


def _enrolment_reported(issuer: str, client_id: str, user_id: str, module_slug: str) -> Enrolment:
    registration_id = platform_id(issuer, client_id)
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
