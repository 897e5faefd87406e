"""Reads ``assignment.yaml``: the written task of a module, with its rubric."""

import os
from pathlib import Path

from courses.file_reading import Faults
from courses.outline import Assignment, Criterion, Level
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
        minimum_words=read.whole("minimum_words", lowest=1, highest=20_000),
        maximum_words=read.whole("maximum_words", lowest=1, highest=20_000),
        rubric=tuple(_criterion(item) for item in read.mappings("rubric")),
        quick_comments=tuple(item.all_languages() for item in read.mappings("quick_comments")),
    )
    if assignment.minimum_words > assignment.maximum_words:
        read.complain("maximum_words", "must not be below minimum_words")
    read.refuse_wrong_sum("rubric", [criterion.weight for criterion in assignment.rubric], 100, "the weights")
    read.refuse_repeated("rubric", [criterion.id for criterion in assignment.rubric])
    read.close()
    return assignment


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
