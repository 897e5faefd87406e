"""When a module is complete, and with what result. Pure: from an outline and what a person has done.

Each rule says whether it is met and by what evidence, so that nobody has to ask "why not yet?".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from courses.outline import ModuleOutline, Unit
from courses.questions import rounded


@dataclass(frozen=True, kw_only=True)
class RuleState:
    """One rule of a module: ``units-read``, ``tests-passed``, ``assignment-passed``, ``attended``,
    ``diary-passed`` or ``in-time``.
    """

    code: str
    met: bool
    evidence: Mapping[str, int | str | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Work:
    """One text that a person wrote, and its mark."""

    submission_id: str
    number: int
    submitted_at: datetime | None
    mark_percent: int | None
    comment: str


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a person has done in a module so far."""

    read: frozenset[tuple[str, int]] = frozenset()
    """(unit code, section number from 1)"""
    tests: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Results of the finished attempts in percent, by unit code, in their order."""
    open_tests: frozenset[str] = frozenset()
    """Units whose test is begun and not finished."""
    works: tuple[Work, ...] = ()
    """In the order they were written; the last may be a draft."""

    def result_of(self, unit: Unit) -> int | None:
        """The result of the unit's test: the best attempt, or the last, as the unit says."""
        results = self.tests.get(unit.code, ())
        if unit.test.counts == "last":
            return results[-1] if results else None
        return max(results, default=None)

    def has_read(self, unit: Unit, number: int) -> bool:
        """Whether a section was read."""
        return (unit.code, number) in self.read

    @property
    def counting_work(self) -> Work | None:
        """The work whose mark counts: the best one."""
        marked = [work for work in self.works if work.mark_percent is not None]
        return max(marked, key=lambda work: (work.mark_percent or 0, work.number), default=None)

    @property
    def mark_percent(self) -> int | None:
        """The mark that counts."""
        return self.counting_work.mark_percent if self.counting_work else None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What some rules ask for beside the work; see :mod:`courses.evidence`."""

    attended_hours: int = 0
    """Academic hours."""
    diary_percent: int = 0
    """The best mark of a visit's diary; 0 where there is none."""
    diary_waits: bool = False
    """Whether a diary is handed in and has no mark yet."""
    started_on: date | None = None
    day: date | None = None
    """The day of completion, or today; civil dates of the academy."""


def evaluate(outline: ModuleOutline, done: Done, facts: Facts = Facts()) -> tuple[RuleState, ...]:
    """Every rule of the module, in the order a person meets them."""
    rules = [_units_read(outline, done)] if outline.pass_rule.asks_reading else []
    if any(unit.questions for unit in outline.published_units):
        rules.append(_tests_passed(outline, done))
    if outline.assignment:
        rules.append(_assignment_passed(outline, done))
    if outline.pass_rule.attendance_hours:
        rules.append(_attended(outline.pass_rule.attendance_hours, facts))
    if outline.pass_rule.diary_percent:
        rules.append(_diary_passed(outline.pass_rule.diary_percent, facts))
    if outline.pass_rule.within_days is not None:
        rules.append(_in_time(outline.pass_rule.within_days, facts))
    return tuple(rules)


def is_complete(outline: ModuleOutline, rules: tuple[RuleState, ...]) -> bool:
    """Whether every rule is met. A module with nothing to read is never complete."""
    return bool(outline.published_units and rules) and all(rule.met for rule in rules)


def result_percent(outline: ModuleOutline, done: Done) -> int | None:
    """The result in whole percent: tests and mark by their weights; None while a part of it is missing."""
    tested = [unit for unit in outline.published_units if unit.questions]
    results = [result for unit in tested if (result := done.result_of(unit)) is not None]
    if len(results) < len(tested):
        return None
    if not outline.assignment:
        return rounded(_mean(results)) if results else None
    if done.mark_percent is None:
        return None
    if not results:
        return done.mark_percent
    rule = outline.pass_rule
    return rounded((_mean(results) * rule.tests_weight + done.mark_percent * rule.assignment_weight) / 100)


def stuck_in(outline: ModuleOutline, done: Done, extra_attempts: int) -> tuple[str, ...]:
    """Codes of units whose test is not passed and has no attempt left."""
    return tuple(
        unit.code
        for unit in outline.published_units
        if len(done.tests.get(unit.code, ())) >= unit.test.attempts + extra_attempts
        and (done.result_of(unit) or 0) < outline.pass_rule.tests_percent
    )


def _mean(results: list[int]) -> Fraction:
    return Fraction(sum(results), len(results))


def _units_read(outline: ModuleOutline, done: Done) -> RuleState:
    steps = [(unit.code, number) for unit in outline.published_units for number in range(1, unit.section_count + 1)]
    read = sum(step in done.read for step in steps)
    return RuleState(
        code="units-read", met=bool(steps) and read == len(steps), evidence={"read": read, "of": len(steps)}
    )


def _tests_passed(outline: ModuleOutline, done: Done) -> RuleState:
    needed = outline.pass_rule.tests_percent
    tested = [unit for unit in outline.published_units if unit.questions]
    results = [done.result_of(unit) for unit in tested]
    passed = sum(result is not None and result >= needed for result in results)
    taken = [result for result in results if result is not None]
    evidence = {
        "passed": passed,
        "of": len(tested),
        "needed_percent": needed,
        "lowest_percent": min(taken, default=None),
    }
    return RuleState(code="tests-passed", met=passed == len(tested), evidence=evidence)


def _assignment_passed(outline: ModuleOutline, done: Done) -> RuleState:
    needed = outline.pass_rule.assignment_percent
    mark = done.mark_percent
    evidence = {"mark_percent": mark, "needed_percent": needed, "state": _work_state(done)}
    return RuleState(code="assignment-passed", met=mark is not None and mark >= needed, evidence=evidence)


def _attended(needed: int, facts: Facts) -> RuleState:
    evidence = {"hours": facts.attended_hours, "needed_hours": needed}
    return RuleState(code="attended", met=facts.attended_hours >= needed, evidence=evidence)


def _diary_passed(needed: int, facts: Facts) -> RuleState:
    """Its state is ``none``, ``submitted`` or ``marked``."""
    state = "submitted" if facts.diary_waits else "marked" if facts.diary_percent else "none"
    evidence = {"mark_percent": facts.diary_percent or None, "needed_percent": needed, "state": state}
    return RuleState(code="diary-passed", met=facts.diary_percent >= needed, evidence=evidence)


def _in_time(days: int, facts: Facts) -> RuleState:
    """The last day counts. Who is late needs the academy: the days that passed do not come back."""
    last = facts.started_on + timedelta(days=days) if facts.started_on else None
    met = last is None or facts.day is None or facts.day <= last
    return RuleState(code="in-time", met=met, evidence={"last_day": last.isoformat() if last else None, "days": days})


def _work_state(done: Done) -> str:
    """``none``, ``draft``, ``submitted`` or ``marked``: how far the last text is."""
    if not done.works:
        return "none"
    last = done.works[-1]
    if last.mark_percent is not None:
        return "marked"
    return "submitted" if last.submitted_at else "draft"
