"""The page of a certificate as PDF/A-3a with PDF/UA-1 identification: one page, no seal yet.

WeasyPrint does the layout. What makes it fast (``script/bench certificate``): only the bundled fonts exist, fonts and
CSS are read once, and the ornament is drawn once and put under each page as an artifact. The same snapshot gives the
same bytes, whatever the machine's fonts, time zone and language.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from threading import Lock
from typing import Any
from xml.etree import ElementTree

import pydyf  # type: ignore[import-untyped]
from cssselect2 import ElementWrapper  # type: ignore[import-untyped]
from weasyprint import CSS, HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from certificates import glyphs, template
from certificates.snapshot import Snapshot
from lms.core.errors import Invalid

# WeasyPrint writes PDF/A-3a; this block adds that the file is PDF/UA-1 as well, inside the one RDF that validators
# read, with the extension schema that PDF/A asks for.
_PDFUA = b"""<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>
<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>
<rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>PDF/UA part</pdfaProperty:description></rdf:li>
</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""

# Pango's font map is not safe to share between threads; a certificate takes some 30 ms, so they queue.
_one_at_a_time = Lock()


def render(snapshot: Snapshot) -> bytes:
    """The certificate as an unsigned PDF of exactly one page.

    :raises Invalid: ``glyph-missing`` if a character is in none of our fonts; ``certificate-too-long`` if the smallest
        step does not fit one page; ``certificate-not-clean`` if the layout engine complains, which is our bug.
    """
    _refuse_missing_glyphs(template.printed_text(snapshot))
    with _one_at_a_time, _complaints() as complaints:
        page, document = _fit(snapshot)
        pdf: bytes = document.write_pdf(
            finisher=partial(_finish, languages=page.languages()),
            pdf_variant="pdf/a-3a",
            pdf_identifier=snapshot.certificate_id.replace("-", "").encode(),
        )
    _refuse_complaints(complaints)
    return pdf


class _Page(HTML):  # type: ignore[misc]
    """A page read by the C parser of XML: WeasyPrint's own HTML parser, in Python, took a tenth of the time."""

    def __init__(self, text: str) -> None:
        self.base_url = None
        self.url_fetcher = _tools().fetcher
        self.media_type = "print"
        root = ElementTree.fromstring(text)  # noqa: S314 - our own template, in which every value is escaped
        self.wrapper_element = ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element

    def laid_out(self) -> Document:
        tools = _tools()
        return self.render(stylesheets=[tools.css], font_config=tools.fonts)

    def languages(self) -> list[str | None]:
        """The language that each paragraph declares, in reading order."""
        return [paragraph.get("lang") for paragraph in self.etree_element.iter("p")]


def _fit(snapshot: Snapshot) -> tuple[_Page, Document]:
    """Long names and titles make the page smaller by steps until it is one page."""
    for step in range(template.FIT_STEPS):
        page = _Page(template.page(snapshot, fit=step))
        document = page.laid_out()
        if len(document.pages) == 1:
            return page, document
    raise Invalid("certificate-too-long", "The texts of this certificate do not fit on one page.")


@dataclass(frozen=True)
class _Tools:
    """What is made once per process."""

    fonts: FontConfiguration
    css: CSS
    fetcher: URLFetcher


@cache
def _tools() -> _Tools:
    with _no_fonts_but_ours():
        fonts = FontConfiguration()
    # A template reaches nothing outside itself: the QR code is a data URI, the fonts are known by name.
    fetcher = URLFetcher(allowed_protocols={"data"}, fail_on_errors=True)
    return _Tools(fonts, CSS(string=template.stylesheet(), font_config=fonts, url_fetcher=fetcher), fetcher)


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


def _finish(_document: Document, pdf: pydyf.PDF, *, languages: list[str | None]) -> None:
    """Called by WeasyPrint before the file is written."""
    _put_ornament_below(pdf)
    _name_languages(pdf, languages)
    _declare_pdfua(pdf)
    _encode_once(pdf)


def _put_ornament_below(pdf: pydyf.PDF) -> None:
    """Draw the frame first on the page, marked as an artifact: it is decoration, and no reader speaks it."""
    page = _object(pdf, pdf.pages["Kids"][0])
    form = pydyf.Stream(
        [_ornament()],
        {
            "Type": "/XObject",
            "Subtype": "/Form",
            "BBox": page["MediaBox"],
            "Filter": "/FlateDecode",
            "Resources": pydyf.Dictionary(),
        },
    )
    pdf.add_object(form)
    resources = _object(pdf, page["Resources"].split()[0])
    resources["XObject"]["Ornament"] = form.reference
    content = _object(pdf, page["Contents"].split()[0])
    content.stream.insert(0, b"/Artifact BMC q /Ornament Do Q EMC")


@cache
def _ornament() -> bytes:
    """The drawing operators of the frame, compressed."""
    kept: list[bytes] = []

    def keep(_document: Document, pdf: pydyf.PDF) -> None:
        page = _object(pdf, pdf.pages["Kids"][0])
        content = _object(pdf, page["Contents"].split()[0])
        # All of it is opaque: graphics states (opacity 1) would only need resources of their own.
        operators = [item for item in content.stream if not bytes(item).endswith(b" gs")]
        kept.append(_compressed(operators))

    sheet = CSS(string="@page { size: A4 landscape; margin: 0 } body { margin: 0 } svg { display: block }")
    HTML(string=template.ornament()).write_pdf(stylesheets=[sheet], finisher=keep, font_config=_tools().fonts)
    return kept[0]


def _name_languages(pdf: pydyf.PDF, languages: list[str | None]) -> None:
    """WeasyPrint names the language of the document only; a screen reader has to change its voice by paragraph."""
    paragraphs = [item for item in pdf.objects if isinstance(item, dict) and item.get("S") == "/P"]
    for paragraph, language in zip(paragraphs, languages, strict=True):
        if language:
            paragraph["Lang"] = pydyf.String(language)


def _declare_pdfua(pdf: pydyf.PDF) -> None:
    metadata = _object(pdf, pdf.catalog["Metadata"].split()[0])
    metadata.stream = [metadata.stream[0].replace(b"</rdf:RDF>", _PDFUA + b"</rdf:RDF>", 1)]


def _encode_once(pdf: pydyf.PDF) -> None:
    """pydyf would encode and compress everything twice: for the file's identifier and again for the file."""
    pdf.objects = [item if item.free == "f" else _Encoded(item) for item in pdf.objects]


class _Encoded(pydyf.Object):  # type: ignore[misc]
    """An object of the file with its bytes made."""

    data = b""
    compressible = False

    def __init__(self, item: pydyf.Object) -> None:
        super().__init__()
        self.number = item.number
        self.data = item.data
        self.compressible = item.compressible


def _compressed(operators: list[bytes]) -> bytes:
    _, _, rest = pydyf.Stream(operators, compress=True).data.partition(b"\nstream\n")
    return bytes(rest).removesuffix(b"\nendstream")


def _object(pdf: pydyf.PDF, number: Any) -> Any:
    return pdf.objects[int(number)]


def _refuse_missing_glyphs(text: str) -> None:
    if lacking := glyphs.missing(text):
        raise _glyph_missing(lacking)


def _refuse_complaints(complaints: list[str]) -> None:
    if any(complaint.startswith(".notdef") for complaint in complaints):
        raise _glyph_missing(set())
    if complaints:
        raise Invalid("certificate-not-clean", "The page of the certificate has a fault.", complaints=complaints)


def _glyph_missing(characters: set[str]) -> Invalid:
    points = sorted(f"U+{ord(character):04X}" for character in characters)
    return Invalid("glyph-missing", "Our fonts cannot draw every character of this certificate.", characters=points)


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What WeasyPrint logs at WARNING and above while the block runs."""
    heard: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("weasyprint")
    logger.addHandler(handler)
    try:
        yield heard
    finally:
        logger.removeHandler(handler)
