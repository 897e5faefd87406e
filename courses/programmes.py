"""Programmes of study: modules, each with the track that is taken of it. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from courses import tracks
from courses.file_reading import Faults
from courses.outline import ModuleOutline, Texts
from courses.yaml_reading import Mapping as Read
from courses.yaml_reading import read_list

FILE = "programmes.yaml"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One module of a programme."""

    slug: str
    track: str
    """See :mod:`courses.tracks`."""


@dataclass(frozen=True, kw_only=True)
class Programme:
    """What is studied together."""

    slug: str
    titles: Texts
    hours: int
    """Academic hours: the sum of its modules when all units are written."""
    modules: tuple[Taken, ...]
    funded_by: str = ""
    """Who pays for it, such as a donor; empty where that is not said here."""

    def missing(self, completed: Collection[tuple[str, str]]) -> tuple[Taken, ...]:
        """What is not completed yet; the whole of a module contains its short way.

        :param completed: (module, track)
        """
        return tuple(
            taken
            for taken in self.modules
            if (taken.slug, taken.track) not in completed and (taken.slug, tracks.WHOLE) not in completed
        )


def read_programmes(folder: Path, outlines: Collection[ModuleOutline], faults: Faults) -> tuple[Programme, ...]:
    """The programmes of a folder of content; none where there is no such file."""
    path = folder / FILE
    if not path.exists():
        return ()
    known = {outline.slug: outline for outline in outlines}
    return tuple(_programme(each, known) for each in read_list(path, faults))


def from_document(document: Mapping[str, Any]) -> Programme:
    """A programme as it was stored."""
    return Programme(
        slug=document["slug"],
        titles=document["titles"],
        hours=document["hours"],
        modules=tuple(Taken(**taken) for taken in document["modules"]),
        funded_by=document.get("funded_by", ""),
    )


def _programme(read: Read, known: Mapping[str, ModuleOutline]) -> Programme:
    programme = Programme(
        slug=read.text("slug"),
        titles=read.texts("titles"),
        hours=read.whole("hours", lowest=1, highest=5000),
        modules=tuple(_taken(each, known) for each in read.mappings("modules")),
        funded_by=read.text_or_none("funded_by") or "",
    )
    read.refuse_repeated("modules", [taken.slug for taken in programme.modules])
    if all(taken.slug in known for taken in programme.modules):
        hours = [tracks.outline_of(known[taken.slug], taken.track).hours for taken in programme.modules]
        read.refuse_wrong_sum("modules", hours, programme.hours, "the hours of the modules")
    read.close()
    return programme


def _taken(read: Read, known: Mapping[str, ModuleOutline]) -> Taken:
    taken = Taken(slug=read.text("slug"), track=read.choice("track", tracks.TRACKS))
    if taken.slug and taken.slug not in known:
        read.complain("slug", "there is no such module beside this file")
    elif taken.slug and not tracks.is_offered(known[taken.slug], taken.track):
        read.complain("track", "this module cannot be taken so")
    read.close()
    return taken
