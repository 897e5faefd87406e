"""Reads ``assignment.yaml``: the written task of a module, with its rubric; and how the diary of a visit is marked."""

import os
from pathlib import Path

from courses.file_kinds import MEDIA_TYPES
from courses.file_reading import Faults
from courses.written_task import AppealRule, Assignment, Criterion, FileRule, LateRule, Level, SecondMarkerRule, Texts
from courses.yaml_reading import Mapping, read_mapping


def read_assignment(path: Path, faults: Faults) -> Assignment | None:
    """The task, if the module has one."""
    if not os.path.lexists(path):
        return None
    read = read_mapping(path, faults)
    assignment = Assignment(
        id=read.text("id"),
        title=read.texts("title"),
        prompt=read.texts("prompt"),
        minimum_words=read.whole("minimum_words", lowest=0, highest=20_000),
        maximum_words=read.whole("maximum_words", lowest=1, highest=20_000),
        rubric=_rubric(read),
        quick_comments=_quick_comments(read),
        files=_files(read.mapping("files")) if read.has("files") else None,
        late=_late(read.mapping("late")) if read.has("late") else LateRule(),
        second_marker=_second_marker(read.mapping("second_marker")) if read.has("second_marker") else None,
        appeal=_appeal(read.mapping("appeal")) if read.has("appeal") else AppealRule(),
    )
    if read.is_clean and not assignment.minimum_words and not assignment.files:
        read.complain("minimum_words", "must be at least 1 where no files are handed in")
    if assignment.minimum_words > assignment.maximum_words:
        read.complain("maximum_words", "must not be below minimum_words")
    read.close()
    return assignment


def read_diary_task(read: Mapping) -> Assignment:
    """What is asked of a diary, and how it is marked. Its words are not counted, and it takes no files."""
    return Assignment(
        id=read.text("id"),
        title=read.texts("title"),
        prompt=read.texts("prompt"),
        minimum_words=0,
        maximum_words=0,
        rubric=_rubric(read),
        quick_comments=_quick_comments(read),
        second_marker=_second_marker(read.mapping("second_marker")) if read.has("second_marker") else None,
        appeal=_appeal(read.mapping("appeal")) if read.has("appeal") else AppealRule(),
    )


def _rubric(read: Mapping) -> tuple[Criterion, ...]:
    rubric = tuple(_criterion(item) for item in read.mappings("rubric"))
    read.refuse_wrong_sum("rubric", [criterion.weight for criterion in rubric], 100, "the weights")
    read.refuse_repeated("rubric", [criterion.id for criterion in rubric])
    return rubric


def _quick_comments(read: Mapping) -> tuple[Texts, ...]:
    return tuple(item.all_languages() for item in read.mappings("quick_comments"))


def _files(read: Mapping) -> FileRule:
    rule = FileRule(
        types=read.text_list("types"),
        most=_whole_or(read, "most", FileRule.most, highest=10),
        largest_mb=_whole_or(read, "largest_mb", FileRule.largest_mb, highest=10),
    )
    for unknown in sorted(set(rule.types) - set(MEDIA_TYPES)):
        read.complain("types", f"{unknown} is not known; known are {', '.join(MEDIA_TYPES)}")
    read.refuse_repeated("types", list(rule.types))
    read.close()
    return rule


def _late(read: Mapping) -> LateRule:
    rule = LateRule(
        days=read.whole("days", lowest=1, highest=1000) if read.has("days") else None,
        is_accepted=read.flag("accept", default=True),
    )
    read.close()
    return rule


def _second_marker(read: Mapping) -> SecondMarkerRule:
    rule = SecondMarkerRule(
        lowest_percent=read.whole("from", lowest=0, highest=100),
        highest_percent=read.whole("to", lowest=0, highest=100),
        within=read.whole("within", lowest=0, highest=100) if read.has("within") else SecondMarkerRule.within,
        administrator_decides=read.flag("administrator_decides", default=False),
    )
    if rule.lowest_percent > rule.highest_percent:
        read.complain("to", "must not be below from")
    read.close()
    return rule


def _appeal(read: Mapping) -> AppealRule:
    rule = AppealRule(
        days=_whole_or(read, "days", AppealRule.days, highest=365),
        answer_days=_whole_or(read, "answer_days", AppealRule.answer_days, highest=100),
    )
    read.close()
    return rule


def _whole_or(read: Mapping, key: str, usual: int, *, highest: int) -> int:
    return read.whole(key, lowest=1, highest=highest) if read.has(key) else usual


def _criterion(read: Mapping) -> Criterion:
    criterion = Criterion(
        id=read.text("id"),
        weight=read.whole("weight", lowest=1, highest=100),
        title=read.texts("title"),
        levels=tuple(_level(item) for item in read.mappings("levels")),
    )
    if read.is_clean and not any(level.points for level in criterion.levels):
        read.complain("levels", "at least one level must give points")
    read.refuse_repeated("levels", [str(level.points) for level in criterion.levels])
    read.close()
    return criterion


def _level(read: Mapping) -> Level:
    level = Level(points=read.whole("points", lowest=0, highest=100), text=read.texts("text"))
    read.close()
    return level
