"""The path through a module: sections, the test of each unit, the written task. Pure: where a person is follows from
what was done, so that resuming needs no bookmark and works on any device.
"""

from dataclasses import dataclass
from typing import Literal

from courses.outline import ModuleOutline, Unit
from courses.rules import Done

Kind = Literal["section", "test", "assignment"]
State = Literal["done", "now", "todo"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do."""

    kind: Kind
    unit_code: str = ""
    """Empty for the written task, which belongs to the whole module."""
    number: int = 0
    """Of a section, from 1."""


@dataclass(frozen=True, kw_only=True)
class Path:
    """All steps, which of them are done, and the one to do next."""

    steps: tuple[Step, ...]
    done: frozenset[Step]
    next: Step | None

    def state_of(self, step: Step) -> State:
        """How a step is shown; a done step stays done although it is looked at again."""
        if step in self.done:
            return "done"
        return "now" if step == self.next else "todo"

    def of_unit(self, unit: Unit) -> tuple[Step, ...]:
        """The steps of one unit."""
        return tuple(step for step in self.steps if step.unit_code == unit.code)

    def after(self, step: Step) -> Step | None:
        """The step that follows, done or not."""
        position = self.steps.index(step) + 1
        return self.steps[position] if position < len(self.steps) else None

    def before(self, step: Step) -> Step | None:
        """The step that comes before."""
        position = self.steps.index(step) - 1
        return self.steps[position] if position >= 0 else None


def path(outline: ModuleOutline, done: Done, *, extra_attempts: int = 0) -> Path:
    """The path of a person. The next step is the first that is not done and can be done now.

    :param extra_attempts: how many more than usual an instructor has allowed at each test.
    """
    steps = _steps(outline)
    finished = frozenset(step for step in steps if _is_done(outline, done, step))
    possible = (step for step in steps if step not in finished and _is_possible(outline, done, step, extra_attempts))
    return Path(steps=steps, done=finished, next=next(possible, None))


def _steps(outline: ModuleOutline) -> tuple[Step, ...]:
    steps = []
    for unit in outline.published_units:
        steps += [
            Step(kind="section", unit_code=unit.code, number=number) for number in range(1, unit.section_count + 1)
        ]
        if unit.questions:
            steps.append(Step(kind="test", unit_code=unit.code))
    if outline.assignment:
        steps.append(Step(kind="assignment"))
    return tuple(steps)


def _is_done(outline: ModuleOutline, done: Done, step: Step) -> bool:
    if step.kind == "assignment":
        return done.mark_percent is not None and done.mark_percent >= outline.pass_rule.assignment_percent
    if step.kind == "section":
        return (step.unit_code, step.number) in done.read
    result = done.result_of(_unit(outline, step))
    return result is not None and result >= outline.pass_rule.tests_percent


def _is_possible(outline: ModuleOutline, done: Done, step: Step, extra_attempts: int) -> bool:
    """Not while a text waits for its mark, and not when every attempt is used."""
    if step.kind == "assignment":
        last = done.works[-1] if done.works else None
        return last is None or last.submitted_at is None or last.mark_percent is not None
    if step.kind == "test":
        most = _unit(outline, step).test.attempts + extra_attempts
        return len(done.tests.get(step.unit_code, ())) < most or step.unit_code in done.open_tests
    return True


def _unit(outline: ModuleOutline, step: Step) -> Unit:
    return next(unit for unit in outline.units if unit.code == step.unit_code)
