"""A person in a module: made when it is first opened, moved along when it is opened from another link.

A launch opens the module that its link is bound to and no other, else work in one module would be scored in the
gradebook column of another.
"""

import re

from sqlalchemy import ColumnElement, select

from courses import catalogue, part_scores, parts, track_records
from courses.catalogue import Edition
from courses.models import Completion, Enrolment
from courses.tracks import WHOLE
from lms.core import jobs
from lms.core.db import db, insert_once
from lms.core.errors import NotFound
from lms.core.i18n import _l
from lms.lti.models import LaunchSession, ResourceLink

TARGET = re.compile(r"/(?:learn|teach)/(?P<slug>[^/?]+)(?:/(?P<part>[^/?]+)(?=\?|$))?")
"""Addresses of modules and of their parts, as a platform signs them."""


def module_of(launch: LaunchSession) -> str:
    """The module that this launch was signed for: by its target, else by ``custom.module``, else as its link is bound.

    :raises NotFound: ``module-not-chosen``.
    """
    signed = TARGET.match(launch.landing_path)
    slug = (signed and signed["slug"]) or launch.custom.get("module") or launch.resource_link.module_slug
    if not slug:
        raise NotFound(
            "module-not-chosen",
            _l("This link does not say which module it opens. Ask your instructor to choose a module for it."),
        )
    return str(slug)


def part_of(launch: LaunchSession, edition: Edition) -> str | None:
    """The part of the module that this launch was signed for; None for the whole of it."""
    signed = TARGET.match(launch.landing_path)
    part = (signed and signed["part"]) or launch.custom.get("part")
    if not part and not signed and not launch.custom.get("module"):
        part = launch.resource_link.part
    return parts.known(edition.outline, part)


def edition_here(launch: LaunchSession, slug: str) -> Edition:
    """The module that this launch may use.

    :raises NotFound: ``module-unknown``; ``module-not-here`` if the launch was signed for another module.
    """
    edition = catalogue.current(slug)
    if module_of(launch) != slug:
        raise NotFound(
            "module-not-here", _l("This link opens another module. Go back to your course and open it there.")
        )
    return edition


def of(launch: LaunchSession, edition: Edition) -> Enrolment | None:
    """The enrolment of the person who is here now."""
    return db.session.scalar(select(Enrolment).filter_by(person_id=launch.person_id, module_id=edition.module_id))


def is_settled(enrolment: Enrolment | None, launch: LaunchSession, edition: Edition) -> bool:
    """Whether entering would change nothing, so that a page can be shown without writing."""
    part = part_of(launch, edition)
    link = launch.resource_link
    if enrolment is None or (link.module_slug, link.part) != (edition.slug, part):
        return False
    if enrolment.track != _track(enrolment, part):
        return False
    if _is_trial(launch):
        return True
    if enrolment.is_trial or (part and not part_scores.is_known(enrolment.id, link.id)):
        return False
    return all(getattr(enrolment, name) == value for name, value in _moving(launch, part).items())


def enter(launch: LaunchSession, edition: Edition) -> Enrolment:
    """Enrol the person who is here now, or move the enrolment to the link it was opened from."""
    part = part_of(launch, edition)
    _bind(launch, edition.slug, part)
    enrolment, is_new = insert_once(
        Enrolment,
        {"person_id": launch.person_id, "module_id": edition.module_id},
        {**_place(launch), "is_trial": _is_trial(launch), "track": parts.track_of(part) or WHOLE},
    )
    enrolment.track = _track(enrolment, part)
    if _is_trial(launch):
        return enrolment
    track_records.ensure(enrolment.id, enrolment.track)
    if not is_new:
        _move(enrolment, launch, part)
    if part:
        db.session.flush()  # what is kept of the part asks the database
        part_scores.opened(enrolment.id, launch.resource_link.id)
    return enrolment


def locked(enrolment_id: str) -> Enrolment:
    """The enrolment, held until the end of the transaction, so that two changes at once see each other."""
    return db.session.scalars(
        select(Enrolment).filter_by(id=enrolment_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def seen_from(launch: LaunchSession, edition: Edition) -> list[ColumnElement[bool]]:
    """Conditions for the enrolments that an instructor of this launch may see: this module, this course, no trials."""
    return [Enrolment.module_id == edition.module_id, *in_course(launch)]


def in_course(launch: LaunchSession) -> list[ColumnElement[bool]]:
    """Conditions for the enrolments of the course, or of the link where a platform names none; no trials."""
    if launch.context_row_id is not None:
        here = Enrolment.context_row_id == launch.context_row_id
    else:
        here = Enrolment.resource_link_row_id == launch.resource_link_row_id
    return [here, Enrolment.is_trial.is_(False)]


def seen(launch: LaunchSession, edition: Edition, enrolment_id: str) -> Enrolment:
    """An enrolment that an instructor of this launch may see.

    :raises NotFound: ``trainee-unknown``, also if it exists elsewhere.
    """
    found = db.session.scalar(select(Enrolment).where(Enrolment.id == enrolment_id, *seen_from(launch, edition)))
    if found is None:
        raise NotFound("trainee-unknown", _l("There is no such trainee in this course."))
    return found


def _track(enrolment: Enrolment, part: str | None) -> str:
    """The track after a launch of this link: its own; any for a part; and whoever completed the whole stays on it."""
    wanted = parts.track_of(part)
    if wanted in (None, enrolment.track) or WHOLE in tracks_completed(enrolment.id):
        return enrolment.track
    return str(wanted)


def tracks_completed(enrolment_id: str) -> list[str]:
    """The tracks whose completion is recorded."""
    return list(db.session.scalars(select(Completion.track).filter_by(enrolment_id=enrolment_id)))


def _is_trial(launch: LaunchSession) -> bool:
    return launch.is_instructor or launch.is_test_user


def _place(launch: LaunchSession) -> dict[str, str | None]:
    return {
        "registration_id": launch.registration_id,
        "context_row_id": launch.context_row_id,
        "resource_link_row_id": launch.resource_link_row_id,
    }


def _moving(launch: LaunchSession, part: str | None) -> dict[str, str | None]:
    """Where the enrolment belongs after this launch. A link to a part never takes the score of the whole module."""
    place = _place(launch)
    if part:
        del place["resource_link_row_id"]
    return place


def _bind(launch: LaunchSession, slug: str, part: str | None) -> None:
    link = db.session.get_one(ResourceLink, launch.resource_link_row_id)  # of this transaction
    if (link.module_slug, link.part) != (slug, part):
        link.module_slug, link.part = slug, part


def _move(enrolment: Enrolment, launch: LaunchSession, part: str | None) -> None:
    """Into another gradebook column the score goes anew; who looked around before is a trainee from now on."""
    has_moved = not part and enrolment.resource_link_row_id != launch.resource_link_row_id
    was_trial, enrolment.is_trial = enrolment.is_trial, False
    for name, value in _moving(launch, part).items():
        setattr(enrolment, name, value)
    if has_moved or was_trial:
        for track in tracks_completed(enrolment.id):
            tell(enrolment.id, track)


def tell(enrolment_id: str, track: str) -> None:
    """The gradebook and the certificate of what was completed follow, each by its own job. The score of the short way
    goes with those of parts.
    """
    if track == WHOLE:
        jobs.queue("score", enrolment_id)
    jobs.queue("record-changed", track_records.ensure(enrolment_id, track))
