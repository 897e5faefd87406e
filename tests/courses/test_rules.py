"""When a module is complete, and with what result."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from courses import tracks
from courses.authoring import read_module
from courses.outline import ModuleOutline
from courses.rules import Done, Facts, RuleState, Work, evaluate, is_complete, result_percent
from tests.courses.conftest import CONTENT


@pytest.fixture(scope="module")
def outline() -> ModuleOutline:
    return read_module(CONTENT / "roads")


def work(percent: int | None, *, number: int = 1, submitted: bool = True) -> Work:
    at = datetime(2026, 3, 3, tzinfo=UTC) if submitted else None
    return Work(submission_id=f"s{number}", number=number, submitted_at=at, mark_percent=percent, comment="")


ALL_READ = frozenset({("RD1", 1), ("RD1", 2)})
COMPLETE = Done(read=ALL_READ, tests={"RD1": (40, 80)}, works=(work(60),))


def met(outline: ModuleOutline, done: Done) -> dict[str, bool]:
    return {rule.code: rule.met for rule in evaluate(outline, done)}


def test_whoever_read_passed_and_wrote_has_completed(outline: ModuleOutline) -> None:
    rules = evaluate(outline, COMPLETE)

    assert met(outline, COMPLETE) == {"units-read": True, "tests-passed": True, "assignment-passed": True}
    assert is_complete(outline, rules)


@pytest.mark.parametrize(
    ("change", "unmet"),
    [
        ({"read": frozenset({("RD1", 1)})}, "units-read"),
        ({"tests": {"RD1": (69,)}}, "tests-passed"),
        ({"tests": {}}, "tests-passed"),
        ({"works": (work(59),)}, "assignment-passed"),
        ({"works": ()}, "assignment-passed"),
    ],
)
def test_one_rule_that_is_not_met_is_enough(outline: ModuleOutline, change: dict[str, object], unmet: str) -> None:
    done = replace(COMPLETE, **change)  # type: ignore[arg-type]

    assert [code for code, is_met in met(outline, done).items() if not is_met] == [unmet]
    assert not is_complete(outline, evaluate(outline, done))


def test_each_rule_brings_its_evidence(outline: ModuleOutline) -> None:
    done = Done(read=frozenset({("RD1", 2)}), tests={"RD1": (40, 67)}, works=(work(None),))

    assert [dict(rule.evidence) for rule in evaluate(outline, done)] == [
        {"read": 1, "of": 2},
        {"passed": 0, "of": 1, "needed_percent": 70, "lowest_percent": 67},
        {"mark_percent": None, "needed_percent": 60, "state": "submitted"},
    ]


@pytest.mark.parametrize(
    ("works", "state"),
    [((), "none"), ((work(None, submitted=False),), "draft"), ((work(None),), "submitted"), ((work(50),), "marked")],
)
def test_the_last_text_says_how_far_it_is(outline: ModuleOutline, works: tuple[Work, ...], state: str) -> None:
    assert evaluate(outline, Done(works=works))[2].evidence["state"] == state


def test_the_result_weighs_tests_and_mark(outline: ModuleOutline) -> None:
    assert result_percent(outline, COMPLETE) == 72  # 80 of 60 and 60 of 40


def test_the_best_test_and_the_best_mark_count(outline: ModuleOutline) -> None:
    done = replace(COMPLETE, tests={"RD1": (100, 70)}, works=(work(100), work(60, number=2)))

    assert result_percent(outline, done) == 100


def test_a_lower_mark_set_over_a_higher_one_counts(outline: ModuleOutline) -> None:
    assert result_percent(outline, replace(COMPLETE, works=(work(30),))) == 60


@pytest.mark.parametrize("change", [{"tests": {}}, {"works": (work(None),)}])
def test_there_is_no_result_while_a_part_is_missing(outline: ModuleOutline, change: dict[str, object]) -> None:
    assert result_percent(outline, replace(COMPLETE, **change)) is None  # type: ignore[arg-type]


def test_without_a_written_task_the_tests_are_the_result(outline: ModuleOutline) -> None:
    without = replace(outline, assignment=None)

    assert result_percent(without, COMPLETE) == 80
    assert [rule.code for rule in evaluate(without, COMPLETE)] == ["units-read", "tests-passed"]


def test_a_module_with_nothing_to_read_is_never_complete(outline: ModuleOutline) -> None:
    empty = replace(outline, units=outline.units[1:], assignment=None)

    assert not is_complete(empty, evaluate(empty, COMPLETE))


def test_attendance_is_asked_for_by_its_hours_and_not_on_a_short_way_without_any(outline: ModuleOutline) -> None:
    asking = replace(outline, pass_rule=replace(outline.pass_rule, attendance_hours=4))

    (before,) = [rule for rule in evaluate(asking, Done()) if rule.code == "attended"]
    (after,) = [rule for rule in evaluate(asking, Done(), Facts(attended_hours=4)) if rule.code == "attended"]

    assert (before.met, before.evidence) == (False, {"hours": 0, "needed_hours": 4})
    assert after.met
    assert "attended" not in [rule.code for rule in evaluate(tracks.outline_of(asking, tracks.RESERVE), Done())]


def test_the_mark_of_a_diary_is_asked_for_by_the_track_that_asks_for_it(outline: ModuleOutline) -> None:
    asking = replace(outline, pass_rule=replace(outline.pass_rule, diary_percent=60))

    def _diary(facts: Facts) -> RuleState:
        return next(rule for rule in evaluate(asking, Done(), facts) if rule.code == "diary-passed")

    none = {"mark_percent": None, "needed_percent": 60, "state": "none"}
    assert (_diary(Facts()).met, _diary(Facts()).evidence) == (False, none)
    assert _diary(Facts(diary_percent=40, diary_waits=True)).evidence["state"] == "submitted"
    assert _diary(Facts(diary_percent=40)).evidence["state"] == "marked"
    assert [_diary(Facts(diary_percent=percent)).met for percent in (59, 60)] == [False, True]
    assert "diary-passed" not in [rule.code for rule in evaluate(tracks.outline_of(asking, tracks.RESERVE), Done())]


def test_the_last_day_belongs_to_the_time_and_the_day_of_completion_decides(outline: ModuleOutline) -> None:
    asking = replace(outline, pass_rule=replace(outline.pass_rule, within_days=30))

    def _in_time(day: date) -> bool:
        facts = Facts(started_on=date(2026, 11, 1), day=day)
        return next(rule.met for rule in evaluate(asking, Done(), facts) if rule.code == "in-time")

    assert [_in_time(date(2026, 12, 1)), _in_time(date(2026, 12, 2))] == [True, False]


def test_a_module_may_ask_for_no_reading(outline: ModuleOutline) -> None:
    asking = replace(outline, pass_rule=replace(outline.pass_rule, asks_reading=False))

    assert [rule.code for rule in evaluate(asking, Done())] == ["tests-passed", "assignment-passed"]
