"""The modules that are taught. A version is read from the database once for each process, and its texts rendered once."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy import select

from courses import texts, tracks
from courses.documents import from_document
from courses.models import Module, ModuleVersion
from courses.outline import ModuleOutline, Unit
from lms.core.db import db
from lms.core.errors import NotFound
from lms.core.i18n import _l

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One version of a module, ready to teach from."""

    module_id: str
    version_id: str
    digest: str
    outline: ModuleOutline

    @property
    def slug(self) -> str:
        """How the module is named in addresses."""
        return self.outline.slug

    def on(self, track: str) -> "Edition":
        """The same version as a track has it."""
        return replace(self, outline=tracks.outline_of(self.outline, track))


@dataclass(frozen=True)
class Chapter:
    """The sections of one unit in one language, rendered."""

    title: str
    titles: tuple[str, ...]
    sections: tuple[texts.Text, ...]


PictureAddress = Callable[[str, str, str], str]
"""From digest, unit and file name to an address."""


def current(slug: str) -> Edition:
    """The version that is taught now.

    :raises NotFound: ``module-unknown``.
    """
    row = db.session.execute(select(Module.id, Module.current_version_id).filter_by(slug=slug)).first()
    if row is None:
        raise NotFound(
            "module-unknown", _l("There is no module at this address. Ask your instructor for the right link.")
        )
    return _edition(row.id, row.current_version_id)


def edition(module_id: str, version_id: str) -> Edition:
    """A certain version of a module."""
    return _edition(module_id, version_id)


def everything() -> list[Edition]:
    """All modules that are taught now, by slug."""
    rows = db.session.execute(select(Module.id, Module.current_version_id).order_by(Module.slug)).all()
    return [_edition(row.id, row.current_version_id) for row in rows]


def editions(wanted: Iterable[tuple[str, str]]) -> dict[str, Edition]:
    """Certain versions, by version id; what is not known yet is read in one query."""
    pairs = {version_id: module_id for module_id, version_id in wanted}
    missing = [version_id for version_id in pairs if version_id not in _versions]
    if missing:
        for row in db.session.scalars(select(ModuleVersion).where(ModuleVersion.id.in_(missing))):
            _versions.put(row.id, (row.digest, from_document(row.document)))
    return {version_id: _edition(module_id, version_id) for version_id, module_id in pairs.items()}


def chapter(of: Edition, unit: Unit, *, language: str, picture_address: PictureAddress) -> Chapter:
    """The lesson text of a unit. Rendered once for each version and language."""
    return _chapters.get_or_make(
        (of.version_id, unit.code, language), lambda: _render(of, unit, language, picture_address)
    )


def prompt(of: Edition, *, language: str) -> texts.Text:
    """The text of the written task, rendered once for each version and language."""
    return _prompts.get_or_make((of.version_id, language), lambda: _render_prompt(of, language))


def figure(digest: str, unit_slug: str, file: str) -> str:
    """A picture of a version, as SVG.

    :raises NotFound: ``figure-unknown``.
    """
    version_id = _digests.get_or_make(
        digest, lambda: db.session.scalar(select(ModuleVersion.id).filter_by(digest=digest))
    )
    unit = _outline(version_id)[1].unit_at(unit_slug) if version_id else None
    for picture in unit.figures if unit else ():
        if file in picture.files:
            return picture.files[file]
    raise NotFound("figure-unknown", _l("There is no picture at this address."))


class _Kept(Generic[Key, Value]):
    """The values used most recently. What is kept never changes, so nothing has to be forgotten but for room."""

    def __init__(self, most: int) -> None:
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()
        self._most = most

    def __contains__(self, key: Key) -> bool:
        return key in self._values

    def get_or_make(self, key: Key, make: Callable[[], Value]) -> Value:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        if value is not None:
            self.put(key, value)
        return value

    def put(self, key: Key, value: Value) -> None:
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)


_versions: _Kept[str, tuple[str, ModuleOutline]] = _Kept(most=48)
_chapters: _Kept[tuple[str, str, str], Chapter] = _Kept(most=400)
_prompts: _Kept[tuple[str, str], texts.Text] = _Kept(most=100)
_digests: _Kept[str, str | None] = _Kept(most=100)


def _edition(module_id: str, version_id: str) -> Edition:
    digest, outline = _outline(version_id)
    return Edition(module_id=module_id, version_id=version_id, digest=digest, outline=outline)


def _outline(version_id: str) -> tuple[str, ModuleOutline]:
    return _versions.get_or_make(version_id, lambda: _read(version_id))


def _read(version_id: str) -> tuple[str, ModuleOutline]:
    row = db.session.get_one(ModuleVersion, version_id)
    return row.digest, from_document(row.document)


def _render(of: Edition, unit: Unit, language: str, picture_address: PictureAddress) -> Chapter:
    lesson = unit.lessons[language]
    known: Mapping[str, texts.Picture] = {
        picture.name: texts.Picture(
            url=picture_address(of.digest, unit.slug, picture.file_for(language)), alt=picture.alt[language]
        )
        for picture in unit.figures
    }
    sections = tuple(
        texts.render(section.markdown, sources=unit.sources, pictures=known.get) for section in lesson.sections
    )
    return Chapter(lesson.title, tuple(section.title for section in lesson.sections), sections)


def _render_prompt(of: Edition, language: str) -> texts.Text:
    assignment = of.outline.assignment
    return texts.render(assignment.prompt[language] if assignment else "")
