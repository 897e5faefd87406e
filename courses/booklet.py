"""A module as one file, to read without a network and to print: the lessons of a track with their pictures, no questions.

The file names nothing outside itself, so that it also opens from a phone's memory or a stick.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from courses import catalogue, texts
from courses.catalogue import Edition, PictureAddress
from courses.outline import Unit


@dataclass(frozen=True)
class Section:
    """One section, and the sources that it cites."""

    title: str
    anchor: str
    text: texts.Text


@dataclass(frozen=True)
class Part:
    """One unit of the booklet."""

    unit: Unit
    title: str
    sections: tuple[Section, ...]


def parts(of: Edition, *, language: str, picture_address: PictureAddress) -> tuple[Part, ...]:
    """The units that can be read, in one language."""
    return tuple(_part(of, unit, language, picture_address) for unit in of.outline.published_units)


def _part(of: Edition, unit: Unit, language: str, picture_address: PictureAddress) -> Part:
    chapter = catalogue.chapter(of, unit, language=language, picture_address=picture_address)
    drawn = dict(_pictures(of, unit, language, picture_address))
    sections = (
        Section(title, f"{unit.slug}-{number}", _standing_alone(text, f"{unit.slug}-{number}", drawn))
        for number, (title, text) in enumerate(zip(chapter.titles, chapter.sections, strict=True), start=1)
    )
    return Part(unit, chapter.title, tuple(sections))


def _pictures(of: Edition, unit: Unit, language: str, picture_address: PictureAddress) -> Iterator[tuple[str, str]]:
    """The address of each picture on our pages, and the picture itself as an address."""
    for picture in unit.figures:
        file = picture.file_for(language)
        svg = b64encode(picture.files[file].encode()).decode()
        yield picture_address(of.digest, unit.slug, file), f"data:image/svg+xml;base64,{svg}"


def _standing_alone(text: texts.Text, anchor: str, drawn: dict[str, str]) -> texts.Text:
    """With its pictures inside, and citations that lead to this section's own sources."""
    html = str(text.html).replace('href="#source-', f'href="#{anchor}-source-')
    for address, picture in drawn.items():
        html = html.replace(f'src="{escape(address)}"', f'src="{picture}"')
    return texts.Text(Markup(html), text.cited)  # noqa: S704  cleaned by texts; only our own addresses changed
