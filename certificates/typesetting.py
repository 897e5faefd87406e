"""WeasyPrint, set up once per process: only the bundled fonts exist, a template's CSS is read once, and a page reaches
nothing outside its own template.
"""

import os
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Any
from xml.etree import ElementTree

from cssselect2 import ElementWrapper  # type: ignore[import-untyped]
from weasyprint import CSS, HTML, Document
from weasyprint.document import Page as PlacedPage
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from certificates import faces, glyphs, template
from certificates.layout import Layout
from lms.core.errors import Invalid
from lms.core.i18n import _l

KEPT_LAYOUTS = 32
"""Of this many templates, style and pictures stay read."""
_BASE = "https://template.invalid/"
"""Where a page believes to be; nothing is ever fetched from there."""
one_at_a_time = Lock()
"""Pango's font map is not safe to share between threads."""


class Page(HTML):  # type: ignore[misc]
    """A page to lay out, read by the C parser of XML: WeasyPrint's own parser, in Python, took a tenth of the time."""

    def __init__(self, text: str, layout: Layout, signatures: Mapping[str, bytes]) -> None:
        self._tools = _tools_for(layout, signatures)
        self.base_url = _BASE
        self.url_fetcher = self._tools.fetcher
        self.media_type = "print"
        self.wrapper_element = ElementWrapper.from_html_root(parsed(text), content_language=None)
        self.etree_element = self.wrapper_element.etree_element

    def laid_out(self) -> Document:
        """The document with its pages, ready to be written with the fonts of this process."""
        document = self.render(stylesheets=[self._tools.css], font_config=fonts(), cache=self._tools.pictures)
        document.fonts = faces.Kept()
        for page in document.pages:
            page.__class__ = MarkedPage
        return document


class MarkedPage(PlacedPage):  # type: ignore[misc]
    """Remembers, when it is painted, which box became which piece of marked content."""

    marks: dict[Any, int]
    stream: Any

    def paint(self, stream: Any, scale: float = 1) -> None:
        """As WeasyPrint does."""
        super().paint(stream, scale)
        self.stream = stream
        self.marks = {box: mark["mcid"] for box, mark in stream._tags.items()}


def parsed(text: str) -> Any:
    """The root of a filled-in page.

    :raises Invalid: ``page-syntax`` with the line, if it is not well-formed.
    """
    try:
        return ElementTree.fromstring(text)  # noqa: S314 - declarations are refused (certificates.grammar), values are escaped
    except ElementTree.ParseError as error:
        line, _column = error.position
        raise Invalid(
            "page-syntax", _l("Line %(line)s of the filled-in page is not well-formed XML.", line=line), line=line
        ) from error


@cache
def fonts() -> FontConfiguration:
    """The bundled fonts and no others."""
    with _no_fonts_but_ours():
        return FontConfiguration()


class _Fetcher(URLFetcher):  # type: ignore[misc]
    """Gives the pictures of one template and the signatures below it, and refuses everything else."""

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=())
        self.data = {code: b64decode(code.partition(",")[2]) for code in template.CODES}
        self.data |= {f"{_BASE}{name}": data for name, data in pictures.items()}

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """:raises ValueError: for what is not part of the template; WeasyPrint logs it, and the page is refused."""
        if url not in self.data:
            raise ValueError("a template may use its own pictures only")
        return URLFetcherResponse(url, self.data[url])


class _Pictures(dict[str, Any]):
    """WeasyPrint's cache, which would also remember that a picture is missing and not complain again."""

    def __setitem__(self, url: str, picture: Any) -> None:
        if picture is not None:
            super().__setitem__(url, picture)


@dataclass(frozen=True)
class _Tools:
    """What is made once for each template."""

    css: CSS
    fetcher: _Fetcher
    pictures: _Pictures = field(default_factory=_Pictures)


_tools: dict[str, _Tools] = {}


def _tools_for(layout: Layout, signatures: Mapping[str, bytes]) -> _Tools:
    tools = _tools.get(layout.sha256)
    if tools is None:
        while len(_tools) >= KEPT_LAYOUTS:
            del _tools[next(iter(_tools))]
        fetcher = _Fetcher(layout.pictures)
        css = CSS(string=layout.style, font_config=fonts(), url_fetcher=fetcher, base_url=_BASE)
        tools = _tools[layout.sha256] = _Tools(css, fetcher)
    tools.fetcher.data.update({f"{_BASE}{template.SIGNATURES}{name}": data for name, data in signatures.items()})
    return tools


@contextmanager
def _no_fonts_but_ours() -> Iterator[None]:
    """Fontconfig takes its list from the environment; a browser that this process starts has to find its own again."""
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(glyphs.FONTS / "fonts.conf")
    try:
        yield
    finally:
        del os.environ["FONTCONFIG_FILE"]
        if before is not None:
            os.environ["FONTCONFIG_FILE"] = before
