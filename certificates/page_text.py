"""What a reader sees on the pages of a PDF, and what the file carries. Read from hostile bytes, so it is capped in all.

Only what our own files need: fonts with a table of Unicode values (ISO 32000-1, 9.10.3), text placed by matrices, drawn
forms. A page that an attacker has drawn in another way gives no text, and then nothing is said about it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, NamedTuple
from unicodedata import normalize

import pikepdf

from certificates.verdicts import Attachment, Contents

MOST_PAGES = 5
MOST_OPERATORS = 50_000
MOST_FORMS_DEEP = 3
MOST_ATTACHMENTS = 8
MOST_ATTACHED_BYTES = 1536 * 1024
"""All together: the statement inside a receipt of a thousand rows has one megabyte."""
UUID_DIGITS = re.compile(rb"[0-9a-f]{32}")

Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)


def read(data: bytes) -> Contents:
    """Text, identifier and attachments, as far as they can be read; whatever cannot is left out."""
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            return Contents(_document_id(pdf), tuple(_lines(pdf)), tuple(_attachments(pdf)))
    except Exception:  # hostile bytes; what they hide is not told
        return Contents()


class _Run(NamedTuple):
    """Text that starts at one place of the page."""

    down: float
    right: float
    text: str


@dataclass
class _State:
    """Where and with which font text is drawn (ISO 32000-1, 9.4)."""

    page: Matrix = _IDENTITY
    text: Matrix = _IDENTITY
    line: Matrix = _IDENTITY
    leading: float = 0
    font: dict[int, str] | None = None
    width: int = 2
    saved: list[tuple[Matrix, dict[int, str] | None, int]] = field(default_factory=list)


def _document_id(pdf: pikepdf.Pdf) -> str | None:
    """Our certificates write their id, 32 digits of a UUID, as first identifier of the file."""
    try:
        digits = bytes(pdf.trailer["/ID"][0])
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    if not UUID_DIGITS.fullmatch(digits):
        return None
    told = digits.decode()
    return "-".join((told[:8], told[8:12], told[12:16], told[16:20], told[20:]))


def _attachments(pdf: pikepdf.Pdf) -> Iterator[Attachment]:
    room = MOST_ATTACHED_BYTES
    for name in list(pdf.attachments)[:MOST_ATTACHMENTS]:
        data = pdf.attachments[name].get_file().read_bytes()
        if len(data) <= room:
            room -= len(data)
            yield Attachment(name[:200], data)


def _lines(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Each run of text by itself, because nobody knows where it ends: cells of a table must not grow together."""
    for page in list(pdf.pages)[:MOST_PAGES]:
        for run in sorted(_runs(page.obj, _State(), deep=0)):
            if text := " ".join(normalize("NFC", run.text).split()).strip("· "):
                yield text


def _runs(drawn: Any, state: _State, *, deep: int) -> Iterator[_Run]:
    """Walk through the operators of a page or of a form that it draws."""
    resources = drawn.get("/Resources", pikepdf.Dictionary())
    fonts: dict[str, tuple[dict[int, str], int]] = {}
    for instruction in pikepdf.parse_content_stream(drawn)[:MOST_OPERATORS]:
        if isinstance(instruction, pikepdf.ContentStreamInlineImage):
            continue
        name, operands = str(instruction.operator), instruction.operands
        if name == "Tf":
            key = str(operands[0])
            if key not in fonts:
                fonts[key] = _unicode_of(resources["/Font"][key])
            state.font, state.width = fonts[key]
        elif name == "Do" and deep < MOST_FORMS_DEEP:
            form = resources["/XObject"][str(operands[0])]
            if form.get("/Subtype") == "/Form":
                inside = _State(page=_times(_matrix(form.get("/Matrix", _IDENTITY)), state.page))
                yield from _runs(form, inside, deep=deep + 1)
        else:
            yield from _drawn(name, operands, state)


def _drawn(name: str, operands: Any, state: _State) -> Iterator[_Run]:
    _move(name, operands, state)
    if name in ("Tj", "'", '"'):
        yield _at(state, _decoded(operands[-1], state))
    elif name == "TJ":
        yield _at(state, "".join(_decoded(part, state) for part in operands[0] if isinstance(part, pikepdf.String)))


def _move(name: str, operands: Any, state: _State) -> None:
    if name == "q":
        state.saved.append((state.page, state.font, state.width))
    elif name == "Q" and state.saved:
        state.page, state.font, state.width = state.saved.pop()
    elif name == "cm":
        state.page = _times(_matrix(operands), state.page)
    elif name == "BT":
        state.text = state.line = _IDENTITY
    elif name == "Tm":
        state.text = state.line = _matrix(operands)
    elif name == "TL":
        state.leading = float(operands[0])
    elif name in ("Td", "TD"):
        right, up = float(operands[0]), float(operands[1])
        state.leading = -up if name == "TD" else state.leading
        state.text = state.line = _times((1, 0, 0, 1, right, up), state.line)
    elif name in ("T*", "'", '"'):
        state.text = state.line = _times((1, 0, 0, 1, 0, -state.leading), state.line)


def _at(state: _State, text: str) -> _Run:
    *_, right, up = _times(state.text, state.page)
    return _Run(-up, right, text)


def _decoded(drawn: Any, state: _State) -> str:
    data, width, letters = bytes(drawn), state.width, state.font or {}
    codes = (int.from_bytes(data[at : at + width], "big") for at in range(0, len(data), width))
    return "".join(letters.get(code, "") for code in codes)


def _unicode_of(font: Any) -> tuple[dict[int, str], int]:
    """Letters by code, and how many bytes a code has."""
    table = font["/ToUnicode"].read_bytes() if "/ToUnicode" in font else b""
    width = 2 if font.get("/Subtype") == "/Type0" else 1
    letters: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, text in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            letters[int(code, 16)] = _text(text)
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, text in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            begin, end = int(first, 16), int(last, 16)
            for code in range(begin, min(end, begin + 0xFF) + 1):
                letters[code] = chr(ord(_text(text)[-1]) + code - begin)
    return letters, width


def _text(hexadecimal: bytes) -> str:
    return bytes.fromhex(hexadecimal.decode()).decode("utf-16-be", "replace")


def _matrix(numbers: Any) -> Matrix:
    a, b, c, d, e, f = (float(number) for number in numbers)
    return a, b, c, d, e, f


def _times(first: Matrix, second: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = second
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u
