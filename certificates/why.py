"""Why there is no certificate yet: every rule from the first section to the sealed file, with who has to act next. Pure.

The rules of the module are those of ``courses``, everything behind them is :mod:`certificates.eligibility`; here they stand
in one row, in the order in which a certificate comes about, each with its evidence and what can be done about it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from certificates.eligibility import Reason, ReasonCode
from certificates.standing import Standing, State
from courses.records import CourseRecord, Delivery, RuleState
from lms.core.jobs import JobState


class Actor(StrEnum):
    """Who acts next."""

    HOLDER = "holder"
    INSTRUCTOR = "instructor"
    ACADEMY = "academy"
    SYSTEM = "system"
    """It happens by itself."""
    NOBODY = "nobody"
    """It stays so, and rightly."""


class Repair(StrEnum):
    """What can be done from the page itself."""

    LEARN = "learn"
    CONFIRM_NAME = "confirm-name"
    CHECK = "check"
    """Look once more whether every rule is met."""
    RESEND = "resend"
    MAKE = "make"
    ALLOW_ATTEMPT = "allow-attempt"
    MARK = "mark"
    MARK_DIARY = "mark-diary"


@dataclass(frozen=True, kw_only=True)
class Point:
    """One line: met, or who acts and how."""

    code: str
    met: bool
    actor: Actor | None = None
    """None for what is met."""
    repair: Repair | None = None
    about: tuple[str, ...] = ()
    """Characters, languages, codes of units or of what went wrong; what it means follows from the code."""
    rule: RuleState | None = None
    """Of a rule of the module."""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """All that is known of one person and one record."""

    record: CourseRecord
    reasons: tuple[Reason, ...]
    score: Delivery | None = None
    """None before completion."""
    job: JobState | None = None
    """Of making the certificate."""
    standing: Standing | None = None
    """Of the newest certificate, issued or just reserved; None without one."""


def points(situation: Situation) -> tuple[Point, ...]:
    """Every line, in the order in which a certificate comes about."""
    if situation.record.is_test_user:
        return (Point(code="learner", met=False, actor=Actor.NOBODY),)
    return tuple(point for part in _PARTS for point in part(situation))


def next_actor(lines: tuple[Point, ...]) -> Actor | None:
    """Who acts first; None if everything is met. A score that has not arrived holds up no certificate."""
    open_lines = (line for line in lines if not line.met and line.code != "score")
    return next((line.actor for line in open_lines), None)


def _of_module(situation: Situation) -> Iterator[Point]:
    """The rules; not those of a completion that the module's own server reported, which leaves all of ours unmet."""
    record = situation.record
    is_reported = record.completed_at is not None and not all(rule.met for rule in record.rules)
    if is_reported and not _has(situation, ReasonCode.SCORE_BELOW_PASS):
        return
    for rule in record.rules:
        actor, repair, about = _about(rule, record) if not rule.met else (None, None, ())
        yield Point(code=rule.code, met=rule.met, actor=actor, repair=repair, about=about, rule=rule)


def _about(rule: RuleState, record: CourseRecord) -> tuple[Actor, Repair | None, tuple[str, ...]]:
    if rule.code == "tests-passed" and record.stuck_in:
        return Actor.INSTRUCTOR, Repair.ALLOW_ATTEMPT, record.stuck_in
    if rule.code == "assignment-passed" and rule.evidence.get("state") == "submitted":
        return Actor.INSTRUCTOR, Repair.MARK, ()
    if rule.code == "diary-passed" and rule.evidence.get("state") == "submitted":
        return Actor.INSTRUCTOR, Repair.MARK_DIARY, ()
    if rule.code == "attended":
        return Actor.INSTRUCTOR, None, ()
    if rule.code == "in-time":
        return Actor.ACADEMY, None, ()
    return Actor.HOLDER, Repair.LEARN, ()


def _of_completion(situation: Situation) -> Iterator[Point]:
    record = situation.record
    if record.completed_at is not None:
        yield Point(code="completed", met=True)
    elif record.rules and all(rule.met for rule in record.rules):
        yield Point(code="completed", met=False, actor=Actor.SYSTEM, repair=Repair.CHECK)
    else:
        yield Point(code="completed", met=False, actor=Actor.HOLDER)


def _of_score(situation: Situation) -> Iterator[Point]:
    score = situation.score
    if score is None or score.state == "none":
        return
    trouble = (score.trouble,) if score.trouble else ()
    if score.state == "needs-person":
        yield Point(code="score", met=False, actor=Actor.INSTRUCTOR, repair=Repair.RESEND, about=trouble)
    elif score.state == "delivered":
        yield Point(code="score", met=True)
    else:
        repair = Repair.RESEND if score.state == "retry" else None
        yield Point(code="score", met=False, actor=Actor.SYSTEM, repair=repair, about=trouble)


def _of_certificate(situation: Situation) -> Iterator[Point]:
    """What a certificate that is there or being made was checked for already is met."""
    if situation.standing is not None:
        yield Point(code="name", met=True)
        yield Point(code="issuer", met=True)
        return
    yield _point(situation, "name", ReasonCode.NAME_NOT_CONFIRMED, Actor.HOLDER, Repair.CONFIRM_NAME)
    if _has(situation, ReasonCode.GLYPH_MISSING):
        yield _point(situation, "glyphs", ReasonCode.GLYPH_MISSING, Actor.ACADEMY, Repair.CONFIRM_NAME)
    yield _point(situation, "issuer", ReasonCode.NO_SERIES, Actor.ACADEMY, None)
    if not _has(situation, ReasonCode.NO_SERIES):
        yield _point(situation, "signer", ReasonCode.NO_SIGNER, Actor.ACADEMY, None)
        yield _point(situation, "texts", ReasonCode.TEXT_MISSING, Actor.ACADEMY, None)


def _of_making(situation: Situation) -> Iterator[Point]:
    standing, job = situation.standing, situation.job
    if standing is not None and standing.is_issued:
        yield Point(code="made", met=True)
        if standing.state is not State.VALID:
            about = (standing.state.value, *((standing.reason_code,) if standing.reason_code else ()))
            yield Point(code="standing", met=False, actor=Actor.ACADEMY, about=about)
        return
    if standing is None and situation.reasons:
        yield Point(code="made", met=False, actor=Actor.SYSTEM)
    elif job is not None and job.status == "needs-person":
        about = (job.last_error,) if job.last_error else ()
        yield Point(code="made", met=False, actor=Actor.ACADEMY, repair=Repair.MAKE, about=about)
    elif job is not None and job.status in ("waiting", "running"):
        yield Point(code="being-made", met=False, actor=Actor.SYSTEM)
    else:
        yield Point(code="made", met=False, actor=Actor.HOLDER, repair=Repair.MAKE)


def _has(situation: Situation, code: ReasonCode) -> bool:
    return any(reason.code is code for reason in situation.reasons)


def _point(situation: Situation, code: str, reason: ReasonCode, actor: Actor, repair: Repair | None) -> Point:
    found = next((each for each in situation.reasons if each.code is reason), None)
    if found is None:
        return Point(code=code, met=True)
    return Point(code=code, met=False, actor=actor, repair=repair, about=found.about)


_PARTS = (_of_module, _of_completion, _of_score, _of_certificate, _of_making)
