"""The trainees of a course as their instructor sees them: how far each is, and whether the score has arrived."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from courses import catalogue, enrolment, facts, grouping, part_scores, parts, progress, rules, scores
from courses.catalogue import Edition
from courses.models import Completion, Enrolment, PartScore, ScoreDelivery
from courses.outline import ModuleOutline, Texts
from courses.rules import Done, RuleState
from courses.tracks import WHOLE
from lms.core import alphabet, jobs
from lms.core.circuits import BUSY, PAUSED
from lms.core.db import db
from lms.core.i18n import locale
from lms.core.jobs import JobState
from lms.lti.models import LaunchSession, PlatformUser
from lms.people import names

PAGE_SIZE = 50


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Whether a score has reached the gradebook.

    ``state`` is ``waiting``, ``retry``, ``needs-person``, ``delivered``, or ``none`` where there is no gradebook.
    """

    state: str
    trouble: str | None = None
    """Code of what went wrong, for ``retry`` and ``needs-person``."""
    at: datetime | None = None
    percent: int | None = None


@dataclass(frozen=True, kw_only=True)
class Trainee:
    """One line of the list."""

    enrolment_id: str
    name: str
    """Empty where the platform sends no names."""
    done: Done
    rules: tuple[RuleState, ...]
    result_percent: int | None
    completed_at: datetime | None
    delivery: Delivery | None
    """None before completion."""
    stuck_in: tuple[str, ...]
    """Codes of units whose test has no attempt left."""
    track: str
    outline: ModuleOutline
    """As the person takes the module, in the version that was completed, else in the one that is taught."""

    def rule(self, code: str) -> RuleState | None:
        """The state of one rule."""
        return next((rule for rule in self.rules if rule.code == code), None)


@dataclass(frozen=True, kw_only=True)
class Roster:
    """One page of trainees, by name."""

    trainees: tuple[Trainee, ...]
    count: int
    page: int
    pages: int


def of_course(launch: LaunchSession, edition: Edition, *, page: int, group_id: str | None = None) -> Roster:
    """The trainees of the course from which this launch came, or of one group; a fixed number of queries."""
    here = [*enrolment.seen_from(launch, edition), *grouping.in_group(group_id)]
    enrolments = list(db.session.scalars(select(Enrolment).where(*here)))
    known = names_of([each.person_id for each in enrolments])
    enrolments.sort(key=lambda each: (alphabet.place(known.get(each.person_id)), each.started_at))
    pages = max(1, -(-len(enrolments) // PAGE_SIZE))
    page = min(max(page, 1), pages)
    shown = enrolments[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Roster(trainees=_trainees(shown, edition, known), count=len(enrolments), page=page, pages=pages)


def trainee(enrolled: Enrolment, edition: Edition) -> Trainee:
    """One trainee."""
    return _trainees([enrolled], edition, names_of([enrolled.person_id]))[0]


def parts_of(enrolled: Enrolment, edition: Edition) -> list[tuple[Texts, Delivery]]:
    """Parts of the module that have links and scores of their own, by title, and whether each score has arrived."""
    told = part_scores.told_of(enrolled.id)
    waiting = jobs.states_of(part_scores.JOB, [row.id for row, _part in told])
    return [
        (parts.titles_of(edition.outline, part), delivery_of(waiting.get(row.id), row if row.outcome else None))
        for row, part in told
    ]


def trainees(enrolments: list[Enrolment], edition: Edition) -> tuple[Trainee, ...]:
    """These trainees, in their order; a fixed number of queries."""
    return _trainees(enrolments, edition, names_of([each.person_id for each in enrolments]))


def names_of(person_ids: list[str]) -> dict[str, str]:
    """Names for lists that only instructors see, in the script of the language that is spoken now if known.

    Where no form could stand on a certificate - signs that no name has, scripts that are mixed - what the platform says.
    """
    known = names.known_as(person_ids, prefer={"zh": "Hani", "en": "Latn"}.get(locale(), "Cyrl"))  # type: ignore[arg-type]
    unnamed = set(person_ids) - known.keys()
    return known | _as_platforms_say(unnamed) if unnamed else known


def _as_platforms_say(person_ids: set[str]) -> dict[str, str]:
    said = select(PlatformUser.person_id, PlatformUser.name).where(
        PlatformUser.person_id.in_(person_ids), PlatformUser.name.is_not(None)
    )
    return {row.person_id: row.name for row in db.session.execute(said)}


def _trainees(shown: list[Enrolment], edition: Edition, known: dict[str, str]) -> tuple[Trainee, ...]:
    ids = [each.id for each in shown]
    done, completed, delivered = progress.of_many(ids), _completions(shown), _deliveries(shown)
    versions = catalogue.editions({(edition.module_id, row.version_id) for row in completed.values()})
    taught = {each.id: versions[completed[each.id].version_id] if each.id in completed else edition for each in shown}
    outlines = {each.id: taught[each.id].on(each.track).outline for each in shown}
    asked = facts.gathered((each, outlines[each.id]) for each in shown)
    return tuple(
        _trainee(
            each,
            name=known.get(each.person_id, ""),
            outline=outlines[each.id],
            asked=asked,
            done=done[each.id],
            completion=completed.get(each.id),
            delivery=delivered[each.id] if each.id in completed else None,
        )
        for each in shown
    )


def _completions(shown: list[Enrolment]) -> dict[str, Completion]:
    """The completion of the track on which each is, by enrolment."""
    rows = db.session.scalars(select(Completion).where(Completion.enrolment_id.in_([each.id for each in shown])))
    found = {(row.enrolment_id, row.track): row for row in rows}
    return {each.id: found[each.id, each.track] for each in shown if (each.id, each.track) in found}


def _deliveries(shown: list[Enrolment]) -> dict[str, Delivery]:
    """Whether the score of the track on which each is has arrived; that of the short way goes with those of parts."""
    ids = [each.id for each in shown if each.track == WHOLE]
    short = part_scores.of_short_way([each.id for each in shown if each.track != WHOLE])
    jobs_of_scores, delivered = jobs.states_of("score", ids), scores.deliveries(ids)
    jobs_of_parts = jobs.states_of(part_scores.JOB, [row.id for row in short.values()])
    found = {each: delivery_of(jobs_of_scores.get(each), delivered.get(each)) for each in ids}
    for each, row in short.items():
        found[each] = delivery_of(jobs_of_parts.get(row.id), row if row.outcome else None)
    return {each.id: found.get(each.id, Delivery(state="none")) for each in shown}


def _trainee(
    enrolled: Enrolment,
    *,
    name: str,
    outline: ModuleOutline,
    asked: facts.Gathered,
    done: Done,
    completion: Completion | None,
    delivery: Delivery | None,
) -> Trainee:
    reported = completion.reported_percent if completion else None
    return Trainee(
        enrolment_id=enrolled.id,
        name=name,
        done=done,
        rules=rules.evaluate(outline, done, facts.of(enrolled, outline, completion, known=asked)),
        result_percent=reported if reported is not None else rules.result_percent(outline, done),
        completed_at=completion.completed_at if completion else None,
        delivery=delivery,
        stuck_in=rules.stuck_in(outline, done, enrolled.extra_attempts),
        track=enrolled.track,
        outline=outline,
    )


def delivery_of(job: JobState | None, delivered: ScoreDelivery | PartScore | None) -> Delivery:
    """How a score stands, from its job and from what became of it when it was last done with."""
    if job and job.status == "needs-person":
        return Delivery(state="needs-person", trouble=job.last_error)
    if job and job.status in ("waiting", "running"):
        is_retry = bool(job.attempts) or job.last_error in (PAUSED, BUSY)
        return Delivery(state="retry" if is_retry else "waiting", trouble=job.last_error if is_retry else None)
    if delivered is None or delivered.outcome == "not-wanted":
        return Delivery(state="none")
    return Delivery(state="delivered", at=delivered.at, percent=delivered.score_percent)
