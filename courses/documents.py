"""The document in which a module version is stored, as plain JSON values, and the outline made from it again.

Documents that were stored before a field existed are read for as long as attempts point at them: a missing field has the
value that was true of every module then.
"""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from courses.outline import (
    AttemptRule,
    Decision,
    Figure,
    Item,
    Lesson,
    ModuleOutline,
    Option,
    Pair,
    PassRule,
    Question,
    Section,
    Source,
    Unit,
)
from courses.written_task import (
    AppealRule,
    Assignment,
    Criterion,
    FileRule,
    LateRule,
    Level,
    SecondMarkerRule,
)


def to_document(outline: ModuleOutline) -> dict[str, Any]:
    """The outline as plain JSON values; numbers of questions as text, so that 0.1 stays 0.1."""
    document: dict[str, Any] = _plain(asdict(outline))
    return document


def from_document(document: Mapping[str, Any]) -> ModuleOutline:
    """The outline of a stored document."""
    values = dict(document)
    values["pass_rule"] = PassRule(**values["pass_rule"])
    values["units"] = tuple(_unit(unit) for unit in values["units"])
    values["assignment"] = task_from(values["assignment"]) if values["assignment"] else None
    return ModuleOutline(**values)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, Decimal) else value


def _unit(document: Mapping[str, Any]) -> Unit:
    values = dict(document)
    values["lessons"] = {language: _lesson(lesson) for language, lesson in values["lessons"].items()}
    values["outcomes"] = {language: tuple(texts) for language, texts in values["outcomes"].items()}
    values["sources"] = tuple(Source(**source) for source in values["sources"])
    values["figures"] = tuple(Figure(**figure) for figure in values["figures"])
    values["questions"] = tuple(_question(question) for question in values["questions"])
    for name in ("key_terms", "to_verify"):
        values[name] = tuple(values[name])
    values["test"] = AttemptRule(**values.get("test", {}))
    return Unit(**values)


def _lesson(document: Mapping[str, Any]) -> Lesson:
    sections = tuple(Section(**section) for section in document["sections"])
    return Lesson(title=document["title"], sections=sections)


def _question(document: Mapping[str, Any]) -> Question:
    values = dict(document)
    values["options"] = _options(values)
    values["items"] = tuple(Item(**item) for item in values.get("items", ()))
    values["pairs"] = tuple(Pair(**pair) for pair in values.get("pairs", ()))
    values["accepted"] = {language: tuple(texts) for language, texts in values.get("accepted", {}).items()}
    values["steps"] = tuple(Decision(**{**step, "options": _options(step)}) for step in values.get("steps", ()))
    values["answer"] = Decimal(values["answer"]) if values["answer"] is not None else None
    values["tolerance"] = Decimal(values["tolerance"])
    return Question(**values)


def _options(document: Mapping[str, Any]) -> tuple[Option, ...]:
    return tuple(Option(**option) for option in document["options"])


def task_from(document: Mapping[str, Any]) -> Assignment:
    """A written task of a stored document."""
    values = dict(document)
    values["rubric"] = tuple(_criterion(criterion) for criterion in values["rubric"])
    values["quick_comments"] = tuple(values["quick_comments"])
    values["files"] = _files(values.get("files"))
    values["late"] = LateRule(**values.get("late", {}))
    values["second_marker"] = SecondMarkerRule(**values["second_marker"]) if values.get("second_marker") else None
    values["appeal"] = AppealRule(**values.get("appeal", {}))
    return Assignment(**values)


def _files(document: Mapping[str, Any] | None) -> FileRule | None:
    return FileRule(**{**document, "types": tuple(document["types"])}) if document else None


def _criterion(document: Mapping[str, Any]) -> Criterion:
    values = dict(document)
    values["levels"] = tuple(Level(**level) for level in values["levels"])
    return Criterion(**values)
