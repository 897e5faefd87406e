"""Pictures that a template or a signer brings: checked before they are kept, and harmless afterwards.

A picture is decoded and encoded anew, so that nothing but its dots remains. The frame is SVG of a few plain shapes: what
could fetch, run, or grow without end is refused and named.
"""

import re
from hashlib import sha256
from io import BytesIO
from xml.etree import ElementTree

from PIL import Image, UnidentifiedImageError

from lms.core import files
from lms.core.errors import Invalid
from lms.core.i18n import _l

MAX_BYTES = 512 * 1024
MAX_SIDE = 3000
"""Dots."""
MAX_FRAME_CHARACTERS = 256 * 1024
MAX_FRAME_SHAPES = 20_000
"""Counted with every use of a shape."""

_FORMATS = {"PNG": "png", "JPEG": "jpg"}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\.(png|jpg)")
_SHAPES = frozenset({"circle", "ellipse", "line", "path", "polygon", "polyline", "rect"})
_ELEMENTS = _SHAPES | {"defs", "desc", "g", "svg", "title", "use"}
_ATTRIBUTES = frozenset(
    [
        "cx",
        "cy",
        "d",
        "fill",
        "fill-rule",
        "height",
        "href",
        "id",
        "points",
        "preserveAspectRatio",
        "r",
        "rx",
        "ry",
        "stroke",
        "stroke-dasharray",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "stroke-width",
        "transform",
        "version",
        "viewBox",
        "width",
        "x",
        "x1",
        "x2",
        "y",
        "y1",
        "y2",
    ]
)


def cleaned(name: str, data: bytes) -> bytes:
    """The picture without anything that is not seen.

    :raises Invalid: ``picture-name``, ``picture-too-large``, ``picture-not-readable``.
    """
    if not _NAME.fullmatch(name):
        raise Invalid(
            "picture-name", _l("Name pictures in small Latin letters, digits and hyphens, ending in .png or .jpg.")
        )
    if len(data) > MAX_BYTES:
        raise _too_large()
    try:
        with Image.open(BytesIO(data), formats=tuple(_FORMATS)) as picture:
            if max(picture.size) > MAX_SIDE:
                raise _too_large()
            return _encoded(picture, name)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Invalid("picture-not-readable", _l("This file is not a PNG or JPEG picture.")) from error


def keep(data: bytes) -> str:
    """Store a cleaned picture; what it is found by."""
    digest = sha256(data).hexdigest()
    files.store(_stored(digest), data)
    return digest


def read(digest: str) -> bytes:
    """:raises NotFound: ``file-missing``."""
    return files.read(_stored(digest))


def refuse_frame(svg: str) -> None:
    """:raises Invalid: ``frame-not-allowed`` with what was found, ``frame-too-large``."""
    if not svg:
        return
    if len(svg) > MAX_FRAME_CHARACTERS:
        raise _frame_too_large()
    if "<!" in svg or "<?" in svg.removeprefix("<?xml"):
        raise _frame_fault("<!")
    try:
        root = ElementTree.fromstring(svg)  # noqa: S314 - declarations were refused above
    except ElementTree.ParseError as error:
        raise _frame_fault(str(error)) from error
    if _local(root.tag) != "svg":
        raise _frame_fault(_local(root.tag))
    for element in root.iter():
        _refuse_element(element)
    if _shapes(root, {element.get("id"): element for element in root.iter()}, depth=0) > MAX_FRAME_SHAPES:
        raise _frame_too_large()


def _encoded(picture: Image.Image, name: str) -> bytes:
    output = BytesIO()
    if picture.format == "JPEG" and name.endswith(".jpg"):
        picture.convert("RGB").save(output, "JPEG", quality=90)
    elif picture.format == "PNG" and name.endswith(".png"):
        has_holes = "A" in picture.getbands() or "transparency" in picture.info
        picture.convert("RGBA" if has_holes else "RGB").save(output, "PNG", optimize=True)
    else:
        raise ValueError("the name says another format")
    return output.getvalue()


def _stored(digest: str) -> str:
    return f"templates/pictures/{digest}"


def _refuse_element(element: ElementTree.Element) -> None:
    if _local(element.tag) not in _ELEMENTS:
        raise _frame_fault(_local(element.tag))
    for name, value in element.attrib.items():
        if _local(name) not in _ATTRIBUTES or "url" in value.lower():
            raise _frame_fault(_local(name))
        if _local(name) == "href" and not value.startswith("#"):
            raise _frame_fault("href")


def _shapes(element: ElementTree.Element, named: dict[str | None, ElementTree.Element], *, depth: int) -> int:
    """How many shapes are drawn; a use that uses itself is endless."""
    if depth > 12:
        raise _frame_too_large()
    count = int(_local(element.tag) in _SHAPES) + sum(_shapes(child, named, depth=depth + 1) for child in element)
    if _local(element.tag) == "use":
        address = next((value for name, value in element.attrib.items() if _local(name) == "href"), "")
        used = named.get(address.removeprefix("#"))
        if used is not None:
            count += _shapes(used, named, depth=depth + 1)
    if count > MAX_FRAME_SHAPES:
        raise _frame_too_large()
    return count


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _too_large() -> Invalid:
    return Invalid("picture-too-large", _l("A picture may have 512 KB and 3,000 dots on each side."))


def _frame_too_large() -> Invalid:
    return Invalid("frame-too-large", _l("The frame has too many shapes. Make it simpler."))


def _frame_fault(found: str) -> Invalid:
    return Invalid(
        "frame-not-allowed",
        _l("The frame may hold plain shapes only; “%(found)s” is not one.", found=found),
        found=found,
    )
