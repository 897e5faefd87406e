"""Reads the folder of a module: module.yaml, then each unit that it names, and the written task.

Either the whole folder is right and there is an outline, or there is a list of all its mistakes, each with file and line.
"""

import re
from pathlib import Path

from courses import parts, rule_packs
from courses.assignment_reading import read_assignment
from courses.file_reading import Fault, Faults
from courses.outline import ModuleOutline, PassRule, Unit
from courses.unit_reading import read_unit
from courses.yaml_reading import NAME, Mapping, read_mapping

SLUG = re.compile(r"[a-z][a-z0-9-]{1,60}")
VISITS = "visits"
"""The folder of programmes of visits; see :mod:`courses.visits_reading`."""


class ContentFaults(Exception):
    """A module's folder has mistakes; nothing of it may be used."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def read_module(folder: Path) -> ModuleOutline:
    """The module that stands in a folder.

    :raises ContentFaults: with every mistake that was found.
    """
    faults = Faults(folder.parent)
    outline = _module(folder, faults)
    if faults.found:
        raise ContentFaults(sorted(set(faults.found)))
    return outline


def module_folders(path: Path) -> list[Path]:
    """The folder itself if it is a module, else the modules in it; programmes of visits and rules may stand beside them."""
    if (path / "module.yaml").exists():
        return [path]
    inner_folders = (inner for inner in path.iterdir() if inner.is_dir() and not inner.name.startswith("."))
    return sorted(inner for inner in inner_folders if inner.name not in (VISITS, rule_packs.FOLDER))


def _module(folder: Path, faults: Faults) -> ModuleOutline:
    read = read_mapping(folder / "module.yaml", faults)
    outline = ModuleOutline(
        slug=_slug(read, folder),
        code=read.text("code"),
        series=read.text("series"),
        titles=read.texts("titles"),
        summary=read.texts("summary"),
        hours=read.whole("hours", lowest=1, highest=1000),
        pass_rule=_pass_rule(read.mapping("pass")),
        units=tuple(_unit(entry, folder, faults) for entry in read.mappings("units")),
        assignment=read_assignment(folder / "assignment.yaml", faults),
    )
    read.close()
    read.refuse_wrong_sum("units", [unit.hours for unit in outline.units], outline.hours, "hours")
    read.refuse_repeated("units", [unit.slug for unit in outline.units])
    read.refuse_repeated("units", [question.id for unit in outline.units for question in unit.questions])
    return outline


def _slug(read: Mapping, folder: Path) -> str:
    slug = read.text("slug")
    if slug and not SLUG.fullmatch(slug):
        read.complain("slug", "must be small Latin letters, digits and hyphens")
    elif slug and slug != folder.name:
        read.complain("slug", f"must be the name of the folder, {folder.name}")
    return slug


def _pass_rule(read: Mapping) -> PassRule:
    weights = read.mapping("weights")
    hours = read.mapping("attendance_hours") if read.has("attendance_hours") else None
    diary = read.mapping("diary_percent") if read.has("diary_percent") else None
    rule = PassRule(
        tests_percent=read.whole("tests_percent", lowest=0, highest=100),
        assignment_percent=read.whole("assignment_percent", lowest=0, highest=100),
        tests_weight=weights.whole("tests", lowest=0, highest=100),
        assignment_weight=weights.whole("assignment", lowest=0, highest=100),
        asks_reading=read.flag("units_read", default=True),
        attendance_hours=hours.whole("whole", lowest=0, highest=1000) if hours else 0,
        reserve_attendance_hours=hours.whole("reserve", lowest=0, highest=1000) if hours else 0,
        diary_percent=diary.whole("whole", lowest=0, highest=100) if diary else 0,
        reserve_diary_percent=diary.whole("reserve", lowest=0, highest=100) if diary else 0,
        within_days=read.whole("within_days", lowest=1, highest=3650) if read.has("within_days") else None,
    )
    for asked in (hours, diary):
        if asked:
            asked.close()
    read.refuse_wrong_sum("weights", [rule.tests_weight, rule.assignment_weight], 100, "the weights")
    weights.close()
    read.close()
    return rule


def _unit(entry: Mapping, folder: Path, faults: Faults) -> Unit:
    unit = _unwritten(entry)
    below = entry.text_or_none("folder")
    unit_folder = folder / "units" / (below or "")
    if below and (not NAME.fullmatch(below) or unit_folder.is_symlink() or not unit_folder.is_dir()):
        entry.complain("folder", "there is no such folder in units/")
        below = None
    entry.close()
    return read_unit(unit, unit_folder, faults) if below else unit


def _unwritten(entry: Mapping) -> Unit:
    code = entry.text("code")
    if code and not NAME.fullmatch(code):
        entry.complain("code", "must be Latin letters and digits")
    if code.lower() in (parts.WORK, parts.SHORT):
        entry.complain("code", "is taken as an address; choose another")
    return Unit(
        code=code,
        titles=entry.texts("titles"),
        hours=entry.whole("hours", lowest=1, highest=1000),
        is_reserve_track=entry.flag("reserve_track", default=False),
        lessons={},
        outcomes={},
        key_terms=(),
        sources=(),
        review={},
        to_verify=(),
        figures=(),
        questions=(),
    )
