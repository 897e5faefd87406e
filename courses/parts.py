"""A part of a module that a link of a platform opens and grades by itself: one unit, the written task, or the short way.
Pure.

In addresses, custom values and resource ids of gradebook columns a part is named as in the pages of the trainee.
"""

from courses import tracks
from courses.outline import ModuleOutline, Texts, Unit
from courses.rules import Done

WORK = "assignment"
"""Names the written task. No unit can be called so, because its address is taken."""
SHORT = tracks.RESERVE
"""Names the short way through the module; no unit can be called so either."""


def known(outline: ModuleOutline, part: str | None) -> str | None:
    """The part in its one spelling; None where the module has no such part now."""
    if not part:
        return None
    if part.lower() == WORK:
        return WORK if outline.assignment else None
    if part.lower() == SHORT:
        return SHORT if tracks.is_offered(outline, tracks.RESERVE) else None
    unit = outline.unit_at(part)
    return unit.slug if unit else None


def track_of(part: str | None) -> str | None:
    """The track that a link opens; None for a link to a unit or to the task, which belong to any."""
    if part is None:
        return tracks.WHOLE
    return tracks.RESERVE if part == SHORT else None


def path_of(slug: str, part: str | None) -> str:
    """Of the page where a link to the module, or to a part of it, leads."""
    return f"/learn/{slug}/{part}" if part else f"/learn/{slug}"


def resource_id(slug: str, part: str | None) -> str:
    """Our name for what a gradebook column grades."""
    return f"{slug}/{part}" if part else slug


def titles_of(outline: ModuleOutline, part: str) -> Texts:
    """What a part is called."""
    if part == WORK and outline.assignment:
        return outline.assignment.title
    if part == SHORT:
        return tracks.titles_of(outline, tracks.RESERVE)
    unit = outline.unit_at(part)
    return unit.titles if unit else outline.titles


def percent(outline: ModuleOutline, done: Done, part: str) -> int | None:
    """The score of a unit or of the task so far: the mark that counts, or the test; all of the text where there is no
    test. The short way has its result with its completion, see :mod:`courses.part_scores`.
    """
    if part == WORK:
        return done.mark_percent
    unit = outline.unit_at(part)
    if unit is None:
        return None
    return done.result_of(unit) if unit.questions else _read_percent(unit, done)


def is_passed(outline: ModuleOutline, done: Done, part: str) -> bool:
    """Whether the score is enough for the module."""
    needed = outline.pass_rule.assignment_percent if part == WORK else outline.pass_rule.tests_percent
    return (percent(outline, done, part) or 0) >= needed


def _read_percent(unit: Unit, done: Done) -> int | None:
    is_read = all(done.has_read(unit, number) for number in range(1, unit.section_count + 1))
    return 100 if is_read else None
