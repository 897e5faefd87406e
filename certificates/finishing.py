"""What WeasyPrint does not write by itself: the QR codes, the frame below each page, the language of each run of text,
the second conformance in the metadata, and media types of attachments.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

import pydyf  # type: ignore[import-untyped]
from weasyprint import CSS, HTML, Document
from weasyprint import Attachment as WeasyAttachment

from certificates import qr, template, typesetting

QUIET_ZONE = 4
"""Modules of white around a QR code."""
_DOTS = str.maketrans("01", "f0")
"""Light and dark."""

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


@dataclass(frozen=True)
class Attachment:
    """A file inside the certificate, as PDF/A-3 allows (``/AF`` with ``/AFRelationship``)."""

    name: str
    data: bytes
    media_type: str
    description: str
    relationship: str = "Data"
    """Data, Source, Alternative, Supplement or Unspecified (ISO 19005-3, 6.8)."""

    def written_on(self, day: date) -> WeasyAttachment:
        """As WeasyPrint takes it. It prints moments with a Z and does not look at their zone."""
        moment = datetime.combine(day, time(), UTC)
        return WeasyAttachment(
            string=self.data,
            name=self.name,
            description=self.description,
            created=moment,
            modified=moment,
            relationship=self.relationship,
        )


def finish(
    document: Document,
    pdf: pydyf.PDF,
    *,
    frame: str,
    addresses: Mapping[str, str],
    attachments: tuple[Attachment, ...] = (),
) -> None:
    """Complete what WeasyPrint has drawn; the objects can be encoded then.

    :param addresses: what each QR code says, by what stands in its place.
    """
    _draw_codes(document, pdf, addresses)
    _put_frame_below(document, pdf, frame)
    _name_languages(document, pdf)
    _name_media_types(pdf, attachments)
    _declare_pdfua(pdf)


def encode(pdf: pydyf.PDF) -> None:
    """Make the bytes of each object once, before the file is written."""
    pdf.objects = [item if item.free == "f" else Encoded.of(item) for item in pdf.objects]


def qr_picture(address: str) -> pydyf.Stream:
    """A QR code in black and white. Host and path are written in capitals, which fit the alphanumeric mode, and digits behind
    ``#`` in the numeric one: fewer, larger modules. A small code may lose a quarter of itself, a dense one less.
    """
    place, sign, digits = address.partition("#")
    segments = [qr.Segment.of(place.upper()), *(qr.Segment.of(text) for text in (sign, digits) if text)]
    rows = qr.code(segments, level="m" if digits else "q").rows
    size = len(rows) + 2 * QUIET_ZONE
    # Four dots for each side of a module, so that a line of modules is a line of hexadecimal digits.
    quiet, side = "f" * (size + size % 2), "f" * QUIET_ZONE
    lines = [f"{side}{row.translate(_DOTS)}{side}{'f' * (size % 2)}" for row in rows]
    data = bytes.fromhex("".join(line * 4 for line in (*[quiet] * QUIET_ZONE, *lines, *[quiet] * QUIET_ZONE)))
    extra = {
        "Type": "/XObject",
        "Subtype": "/Image",
        "Width": 4 * size,
        "Height": 4 * size,
        "ColorSpace": "/DeviceGray",
        "BitsPerComponent": 1,
        "Interpolate": "false",
    }
    return pydyf.Stream([data], pydyf.Dictionary(extra), compress=True)


def _declare_pdfua(pdf: pydyf.PDF) -> None:
    """Add the second conformance to the metadata."""
    metadata = found(pdf, pdf.catalog["Metadata"])
    metadata.stream = [metadata.stream[0].replace(b"</rdf:RDF>", _PDFUA + b"</rdf:RDF>", 1)]


def structure_of(pdf: pydyf.PDF, page_number: int) -> list[Any]:
    """The structure element of each piece of marked content of a page (ISO 32000-1, 14.7.4.4)."""
    tree = found(pdf, found(pdf, pdf.catalog["StructTreeRoot"])["ParentTree"])
    return [found(pdf, reference) for reference in tree["Nums"][2 * page_number + 1]]


def found(pdf: pydyf.PDF, reference: Any) -> Any:
    """The object that a reference such as ``b"12 0 R"`` names."""
    return pdf.objects[int(bytes(reference).split()[0])]


class Encoded(pydyf.Object):  # type: ignore[misc]
    """An object of the file with its bytes made; pydyf would make them twice, for the file and for its identifier."""

    data = b""
    compressible = False

    @classmethod
    def of(cls, item: pydyf.Object) -> "Encoded":
        """The same object, encoded."""
        encoded = cls()
        encoded.number = item.number
        encoded.compressible = item.compressible
        if isinstance(item, pydyf.Stream) and item.compress:
            return cls.stream(item.number, item.extra, _packed(item))
        encoded.data = item.data
        return encoded

    @classmethod
    def stream(cls, number: int, extra: Any, packed: bytes) -> "Encoded":
        """A stream whose bytes are compressed already."""
        encoded = cls()
        encoded.number = number
        head = pydyf.Dictionary({**extra, "Filter": "/FlateDecode", "Length": len(packed)})
        encoded.data = b"\n".join((head.data, b"stream", packed, b"endstream"))
        return encoded


def _packed(item: pydyf.Stream) -> bytes:
    data = b"\n".join(pydyf._to_bytes(part) for part in item.stream)
    if "Length1" in item.extra or "N" in item.extra:
        return _packed_once(data)
    return zlib.compress(data, 9)


@lru_cache(maxsize=128)
def _packed_once(data: bytes) -> bytes:
    """Fonts and colours, which many files share."""
    return zlib.compress(data, 9)


def codes_of(document: Document, pdf: pydyf.PDF) -> list[tuple[pydyf.Stream, str]]:
    """The pictures of the QR codes and what stands in their places; one picture for all places of a code."""
    places = {
        box.replacement.id: box.element.get("src")
        for page in document.pages
        for box in page.marks
        if box.element_tag == "img" and box.element.get("src") in template.CODES
    }
    return [(picture, places[name[1:-1]]) for name, picture in _pictures(pdf).items() if name[1:-1] in places]


def files_of(pdf: pydyf.PDF) -> list[pydyf.Stream]:
    """The attached files."""
    return [item for item in pdf.objects if getattr(item, "extra", {}).get("Type") == "/EmbeddedFile"]


def _pictures(pdf: pydyf.PDF) -> dict[str, pydyf.Stream]:
    """All pages share their resources."""
    resources = found(pdf, found(pdf, pdf.page_references[0])["Resources"])
    return {name: found(pdf, reference) for name, reference in resources["XObject"].items()}


def _draw_codes(document: Document, pdf: pydyf.PDF, addresses: Mapping[str, str]) -> None:
    for item in pdf.objects:
        if getattr(item, "extra", {}).get("Subtype") == "/Image":
            item.extra["Interpolate"] = "false"  # PDF/A forbids it (ISO 19005-3, 6.2.8)
    for picture, place in codes_of(document, pdf):
        code = qr_picture(addresses[place])
        picture.stream, picture.extra, picture.compress = code.stream, code.extra, True


def _put_frame_below(document: Document, pdf: pydyf.PDF, frame: str) -> None:
    """Draw the frame first on each page, marked as an artifact: it is decoration, and no reader speaks it."""
    if not frame:
        return
    form = None
    for page, reference in zip(document.pages, pdf.page_references, strict=True):
        dictionary = found(pdf, reference)
        if form is None:
            form = _frame_form(frame, dictionary["MediaBox"])
            pdf.add_object(form)
        found(pdf, dictionary["Resources"])["XObject"]["Frame"] = form.reference
        page.stream.stream.insert(0, b"/Artifact BMC q /Frame Do Q EMC")


def _frame_form(frame: str, box: Any) -> pydyf.Stream:
    extra = {
        "Type": "/XObject",
        "Subtype": "/Form",
        "BBox": box,
        "Filter": "/FlateDecode",
        "Resources": pydyf.Dictionary(),
    }
    return pydyf.Stream([_drawn(frame)], extra)


@lru_cache(maxsize=32)
def _drawn(frame: str) -> bytes:
    """The drawing operators of the frame, compressed."""
    kept: list[bytes] = []

    def keep(_document: Document, pdf: pydyf.PDF) -> None:
        content = found(pdf, found(pdf, pdf.page_references[0])["Contents"])
        # All of it is opaque: graphics states (opacity 1) would only need resources of their own.
        operators = [item for item in content.stream if not bytes(item).endswith(b" gs")]
        kept.append(zlib.compress(b"\n".join(operators), 9))

    sheet = CSS(string="@page { size: A4 landscape; margin: 0 } body { margin: 0 } svg { display: block }")
    HTML(string=frame).write_pdf(stylesheets=[sheet], finisher=keep, font_config=typesetting.fonts())
    return kept[0]


def _name_languages(document: Document, pdf: pydyf.PDF) -> None:
    """WeasyPrint names the language of the document only; a screen reader has to change its voice by run of text."""
    spoken = document.metadata.lang
    for number, page in enumerate(document.pages):
        elements = structure_of(pdf, number)
        for box, mark in page.marks.items():
            language = box.style["lang"]
            if language and language != spoken:
                elements[mark]["Lang"] = pydyf.String(language)


def _name_media_types(pdf: pydyf.PDF, attachments: tuple[Attachment, ...]) -> None:
    """WeasyPrint guesses from the name of the file; and it lists each file twice."""
    if attachments:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    for file, attachment in zip(files_of(pdf), attachments, strict=True):
        file.extra["Subtype"] = f"/{attachment.media_type.replace('/', '#2f').replace('+', '#2b')}"
