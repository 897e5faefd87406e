"""The way through a module, and where a person is on it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from courses.authoring import read_module
from courses.outline import ModuleOutline
from courses.rules import Done, Work
from courses.steps import Step, path
from tests.courses.conftest import CONTENT

FIRST = Step(kind="section", unit_code="RD1", number=1)
SECOND = Step(kind="section", unit_code="RD1", number=2)
TEST = Step(kind="test", unit_code="RD1")
TASK = Step(kind="assignment")
ALL_READ = Done(read=frozenset({("RD1", 1), ("RD1", 2)}))
SUBMITTED = Work(
    submission_id="s1", number=1, submitted_at=datetime(2026, 3, 3, tzinfo=UTC), mark_percent=None, comment=""
)


@pytest.fixture(scope="module")
def outline() -> ModuleOutline:
    return read_module(CONTENT / "roads")


def test_the_way_goes_through_what_is_written_and_ends_with_the_task(outline: ModuleOutline) -> None:
    assert path(outline, Done()).steps == (FIRST, SECOND, TEST, TASK)


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        (Done(), FIRST),
        (Done(read=frozenset({("RD1", 1)})), SECOND),
        (Done(read=frozenset({("RD1", 2)})), FIRST),
        (ALL_READ, TEST),
        (replace(ALL_READ, tests={"RD1": (69,)}), TEST),
        (replace(ALL_READ, tests={"RD1": (70,)}), TASK),
        (replace(ALL_READ, tests={"RD1": (10, 20, 30)}), TASK),
        (replace(ALL_READ, tests={"RD1": (10, 20)}, open_tests=frozenset({"RD1"})), TEST),
        (replace(ALL_READ, tests={"RD1": (70,)}, works=(SUBMITTED,)), None),
        (replace(ALL_READ, tests={"RD1": (70,)}, works=(replace(SUBMITTED, mark_percent=20),)), TASK),
        (replace(ALL_READ, tests={"RD1": (70,)}, works=(replace(SUBMITTED, mark_percent=60),)), None),
    ],
)
def test_the_next_step_is_the_first_that_is_not_done_and_can_be_done(
    outline: ModuleOutline, done: Done, expected: Step | None
) -> None:
    assert path(outline, done).next == expected


def test_one_more_attempt_opens_the_test_again(outline: ModuleOutline) -> None:
    done = replace(ALL_READ, tests={"RD1": (10, 20, 30)})

    assert path(outline, done, extra_attempts=1).next == TEST


def test_steps_know_their_neighbours(outline: ModuleOutline) -> None:
    way = path(outline, Done())

    assert (way.before(FIRST), way.after(FIRST), way.after(TASK)) == (None, SECOND, None)


def test_a_step_that_is_done_stays_done(outline: ModuleOutline) -> None:
    way = path(outline, Done(read=frozenset({("RD1", 2)})))

    assert [way.state_of(step) for step in way.steps] == ["now", "done", "todo", "todo"]
