"""Why there is no certificate yet: each situation, told as lines with who acts next."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from certificates.eligibility import Reason, ReasonCode
from certificates.standing import Standing, State
from certificates.why import Actor, Point, Repair, Situation, next_actor, points
from courses.records import Delivery, RuleState
from lms.core.jobs import JobState
from tests.certificates.test_eligibility import RECORD

NOW = datetime(2026, 11, 21, tzinfo=UTC)
READ = RuleState(code="units-read", met=True, evidence={"read": 2, "of": 2})
TESTED = RuleState(code="tests-passed", met=True, evidence={})
SUBMITTED = RuleState(code="assignment-passed", met=False, evidence={"state": "submitted", "mark_percent": None})
LEARNING = replace(RECORD, completed_at=None, rules=(READ, replace(TESTED, met=False), SUBMITTED))
DONE = replace(RECORD, rules=(READ, TESTED))


def told(situation: Situation) -> list[tuple[str, bool, str | None]]:
    return [(point.code, point.met, point.actor) for point in points(situation)]


def line(situation: Situation, code: str) -> Point:
    return next(point for point in points(situation) if point.code == code)


def test_who_still_learns_sees_each_rule_and_who_acts() -> None:
    situation = Situation(record=LEARNING, reasons=(Reason(ReasonCode.NOT_COMPLETED),))

    assert told(situation) == [
        ("units-read", True, None),
        ("tests-passed", False, "holder"),
        ("assignment-passed", False, "instructor"),
        ("completed", False, "holder"),
        ("name", True, None),
        ("issuer", True, None),
        ("signer", True, None),
        ("texts", True, None),
        ("made", False, "system"),
    ]
    assert next_actor(points(situation)) == Actor.HOLDER


def test_a_test_without_an_attempt_left_waits_for_the_instructor() -> None:
    situation = Situation(record=replace(LEARNING, stuck_in=("PM1",)), reasons=())

    found = line(situation, "tests-passed")

    assert (found.actor, found.repair, found.about) == (Actor.INSTRUCTOR, Repair.ALLOW_ATTEMPT, ("PM1",))


@pytest.mark.parametrize(
    ("state", "actor", "repair"),
    [
        ("none", Actor.HOLDER, Repair.LEARN),
        ("submitted", Actor.INSTRUCTOR, Repair.MARK_DIARY),
        ("marked", Actor.HOLDER, Repair.LEARN),
    ],
)
def test_a_diary_that_is_handed_in_waits_for_the_instructor(state: str, actor: Actor, repair: Repair) -> None:
    diary = RuleState(code="diary-passed", met=False, evidence={"state": state, "mark_percent": None})
    situation = Situation(record=replace(LEARNING, rules=(READ, TESTED, diary)), reasons=())

    found = line(situation, "diary-passed")

    assert (found.actor, found.repair) == (actor, repair)
    assert next_actor(points(situation)) is actor


def test_rules_that_are_met_without_a_completion_are_looked_at_once_more() -> None:
    situation = Situation(record=replace(DONE, completed_at=None), reasons=(Reason(ReasonCode.NOT_COMPLETED),))

    assert line(situation, "completed").repair is Repair.CHECK


def test_a_reported_completion_shows_none_of_the_rules_that_nobody_had_to_meet() -> None:
    situation = Situation(record=replace(LEARNING, completed_at=NOW), reasons=())

    assert [point.code for point in points(situation)][:2] == ["completed", "name"]


def test_a_mark_that_was_lowered_shows_the_rules_again() -> None:
    lowered = RuleState(code="assignment-passed", met=False, evidence={"state": "marked", "mark_percent": 30})
    record = replace(DONE, rules=(READ, TESTED, lowered))
    situation = Situation(record=record, reasons=(Reason(ReasonCode.SCORE_BELOW_PASS),))

    found = line(situation, "assignment-passed")

    assert (found.met, found.actor) == (False, Actor.HOLDER)
    assert next_actor(points(situation)) is Actor.HOLDER


@pytest.mark.parametrize(
    ("reason", "code", "actor", "repair"),
    [
        (Reason(ReasonCode.NAME_NOT_CONFIRMED, ("Cyrl",)), "name", Actor.HOLDER, Repair.CONFIRM_NAME),
        (Reason(ReasonCode.GLYPH_MISSING, ("𞤀",)), "glyphs", Actor.ACADEMY, Repair.CONFIRM_NAME),
        (Reason(ReasonCode.NO_SERIES, ("PM",)), "issuer", Actor.ACADEMY, None),
        (Reason(ReasonCode.NO_SIGNER), "signer", Actor.ACADEMY, None),
        (Reason(ReasonCode.TEXT_MISSING, ("zh",)), "texts", Actor.ACADEMY, None),
    ],
)
def test_each_obstacle_of_a_certificate_is_a_line_with_who_removes_it(
    reason: Reason, code: str, actor: Actor, repair: Repair | None
) -> None:
    situation = Situation(record=DONE, reasons=(reason,))

    found = line(situation, code)

    assert (found.met, found.actor, found.repair, found.about) == (False, actor, repair, reason.about)
    assert next_actor(points(situation)) is actor


def test_a_score_that_needs_a_person_is_told_and_holds_up_no_certificate() -> None:
    score = Delivery(state="needs-person", trouble="not-enrolled")
    standing = Standing(State.VALID, NOW)
    situation = Situation(record=DONE, reasons=(), score=score, standing=standing)

    found = line(situation, "score")

    assert (found.actor, found.repair, found.about) == (Actor.INSTRUCTOR, Repair.RESEND, ("not-enrolled",))
    assert next_actor(points(situation)) is None


@pytest.mark.parametrize(
    ("job", "code", "actor", "repair"),
    [
        (None, "made", Actor.HOLDER, Repair.MAKE),
        (JobState("running", 0, None, NOW), "being-made", Actor.SYSTEM, None),
        (JobState("needs-person", 1, "signature-missing", NOW), "made", Actor.ACADEMY, Repair.MAKE),
        (JobState("done", 0, None, NOW), "made", Actor.HOLDER, Repair.MAKE),
    ],
)
def test_when_nothing_is_missing_the_job_says_how_far_it_is(
    job: JobState | None, code: str, actor: Actor, repair: Repair | None
) -> None:
    found = line(Situation(record=DONE, reasons=(), job=job), code)

    assert (found.met, found.actor, found.repair) == (False, actor, repair)


@pytest.mark.parametrize("state", [State.SUSPENDED, State.REVOKED, State.EXPIRED])
def test_a_certificate_that_does_not_hold_is_with_the_academy(state: State) -> None:
    situation = Situation(record=DONE, reasons=(), standing=Standing(state, NOW, reason_code="under-review"))

    found = line(situation, "standing")

    assert (found.actor, found.about) == (Actor.ACADEMY, (state.value, "under-review"))
    assert line(situation, "made").met


def test_with_a_valid_certificate_everything_is_met() -> None:
    situation = Situation(
        record=DONE, reasons=(), score=Delivery(state="delivered"), standing=Standing(State.VALID, NOW)
    )

    assert all(point.met for point in points(situation))


def test_who_only_looks_around_reads_one_line() -> None:
    situation = Situation(record=replace(LEARNING, is_test_user=True), reasons=(Reason(ReasonCode.TEST_USER),))

    assert told(situation) == [("learner", False, "nobody")]
