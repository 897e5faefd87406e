"""HTML of other systems becomes the plain text that a question of ours shows. What is lost is remarked."""

import re
from html import escape, unescape
from html.parser import HTMLParser
from unicodedata import normalize

import nh3

from courses.exchange.items import Remarks
from courses.exchange.wording import Refused

LONGEST_MARKUP = 100_000
BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "tr",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "pre",
        "blockquote",
        "hr",
        "section",
        "article",
        "dt",
        "dd",
        "figure",
    ]
)
CELLS = frozenset(("td", "th"))
MEDIA = frozenset(("audio", "video", "iframe", "object", "embed", "svg", "math", "canvas"))
KEPT = BLOCKS | CELLS | MEDIA | {"img", "a", "sup", "sub", "strong", "em", "b", "i", "u", "span", "code"}
LOOKS_LIKE_HTML = re.compile(
    r"</?(p|br|b|i|u|em|strong|div|span|img|a|ul|ol|li|sub|sup|table|tr|td|pre|code|h[1-6]|font|tt|hr|center|blockquote)\b[^<>]*>"
    r"|&(#\d+|#x[0-9a-f]+|nbsp|lt|gt|amp|quot|laquo|raquo|mdash|ndash);",
    re.IGNORECASE,
)
TEX = re.compile(r"\$\$.+?\$\$|\\\(.+?\\\)|\\\[.+?\\\]|\[tex\]|\\frac|\\sqrt", re.DOTALL)
INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\ufffe\uffff]"
)
PLUGIN_FILE = re.compile(r"@@PLUGINFILE@@\S*")
UP = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
DOWN = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


def from_html(markup: str, remarks: Remarks) -> str:
    """The text of a piece of HTML; scripts, styles and comments are no text.

    :raises Refused: ``too-long``.
    """
    if len(markup) > LONGEST_MARKUP:
        raise Refused("too-long", most=LONGEST_MARKUP)
    clean = nh3.clean(markup, tags=set(KEPT), attributes={"img": {"alt"}, "a": {"href"}}, link_rel=None)
    reader = _Text(remarks)
    reader.feed(clean)
    reader.close()
    return plain("".join(reader.pieces), remarks)


def from_either(text: str, remarks: Remarks) -> str:
    """The text of what teachers typed by hand: HTML if there is a tag or a sign of it, else as it stands."""
    if LOOKS_LIKE_HTML.search(text[:LONGEST_MARKUP]):
        # A line break counts in such files, and a sign like < that begins no tag is meant as it is.
        return from_html(text.replace("\n", "<br>"), remarks)
    return plain(text, remarks)


def plain(text: str, remarks: Remarks) -> str:
    """A text without what nobody sees; lines stay, empty ones and doubled spaces do not."""
    if PLUGIN_FILE.search(text):
        remarks.add("picture")
        text = PLUGIN_FILE.sub("", text)
    if TEX.search(text):
        remarks.add("tex")
    visible = INVISIBLE.sub("", normalize("NFC", text).replace("\t", " ").replace("\r", "\n"))
    lines = (" ".join(line.split()) for line in visible.splitlines())
    return "\n".join(line for line in lines if line)


def line_of(text: str) -> str:
    """The text in one line, for what is shown in one."""
    return " ".join(text.split())


def to_html(text: str) -> str:
    """A text of ours for a system that wants HTML."""
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in text.splitlines())


class _Text(HTMLParser):
    """Reads HTML that was made well-formed before."""

    def __init__(self, remarks: Remarks) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._remarks = remarks
        self._raised: list[str] = []
        self._preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a line, a cell is parted from the one before."""
        if tag == "img":
            self._remarks.add("picture")
            self.pieces.append(f" {unescape(dict(attrs).get('alt') or '')} ")
        elif tag in MEDIA:
            self._remarks.add("media")
        elif tag == "a" and dict(attrs).get("href"):
            self._remarks.add("links")
        elif tag in ("sup", "sub"):
            self._raised.append(tag)
        elif tag in CELLS:
            self._remarks.add("table")
            self.pieces.append(" | " if self.pieces and not self.pieces[-1].endswith("\n") else "")
        elif tag in BLOCKS:
            self._preformatted += tag == "pre"
            self.pieces.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        """A block ends its line."""
        if tag in ("sup", "sub") and self._raised:
            self._raised.pop()
        elif tag in BLOCKS and tag != "br":
            self._preformatted -= tag == "pre"
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        """Characters; raised ones have signs of their own, or what was 10 to the sixth would be 106."""
        if not self._raised or not data.strip():
            self.pieces.append(data if self._preformatted > 0 else data.replace("\n", " "))
            return
        table, mark = (UP, "^") if self._raised[-1] == "sup" else (DOWN, "_")
        raised = data.strip()
        has_signs = all(ord(sign) in table for sign in raised)
        self.pieces.append(raised.translate(table) if has_signs else f"{mark}({raised})")
