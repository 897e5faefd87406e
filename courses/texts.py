"""Markdown of lessons becomes safe HTML: tables, pictures with their description, and citations that lead to sources."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from courses.outline import Source

ALLOWED_TAGS = frozenset(
    [
        "p",
        "br",
        "hr",
        "em",
        "strong",
        "code",
        "pre",
        "blockquote",
        "ul",
        "ol",
        "li",
        "h3",
        "h4",
        "h5",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "a",
        "sup",
        "figure",
        "figcaption",
        "img",
    ]
)
ALLOWED_ATTRIBUTES = {
    "a": {"href", "id", "aria-label"},
    "img": {"src", "alt", "loading"},
    "ol": {"start"},
    "th": {"scope"},
}


@dataclass(frozen=True)
class Cited:
    """A source as a section cites it, with the number that stands in the text."""

    number: int
    source: Source


@dataclass(frozen=True)
class Text:
    """A text that is ready to show."""

    html: Markup
    cited: tuple[Cited, ...]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Where a picture is, and what it shows in words."""

    url: str
    alt: str


def render(
    markdown: str, *, sources: Sequence[Source] = (), pictures: Callable[[str], Picture | None] = lambda _name: None
) -> Text:
    """The text as HTML that holds nothing but text.

    Sources are numbered in the order of their first citation, so that a reader meets 1 before 2.
    """
    env: dict[str, object] = {"known": {source.id: source for source in sources}, "cited": {}, "pictures": pictures}
    html = _markdown.render(markdown, env)
    cited: Mapping[str, int] = env["cited"]  # type: ignore[assignment]
    known: Mapping[str, Source] = env["known"]  # type: ignore[assignment]
    return Text(_cleaned(html), tuple(Cited(number, known[name]) for name, number in cited.items()))


def _cleaned(html: str) -> Markup:
    clean = nh3.clean(
        html,
        tags=set(ALLOWED_TAGS),
        attributes={tag: set(names) for tag, names in ALLOWED_ATTRIBUTES.items()},
        url_schemes={"https", "http", "mailto"},
        link_rel="noopener noreferrer",
    )
    return Markup(clean)  # noqa: S704  cleaned in the line above


def _citation(state: StateInline, silent: bool) -> bool:
    """``[^id]`` becomes a small number that leads to the source below the text."""
    end = state.src.find("]", state.pos)
    if not state.src.startswith("[^", state.pos) or end < 0:
        return False
    name = state.src[state.pos + 2 : end]
    if name not in state.env["known"]:
        return False
    if not silent:
        state.pending = state.pending.rstrip(" ")  # a number never begins a line
        cited = state.env["cited"]
        token = state.push("citation", "", 0)
        token.meta = {"number": cited.setdefault(name, len(cited) + 1)}
    state.pos = end + 1
    return True


def _show_citation(
    _renderer: RendererProtocol, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    number = tokens[index].meta["number"]
    return f'<sup><a href="#source-{number}">[{number}]</a></sup>'


def _show_picture(
    _renderer: RendererProtocol, tokens: Sequence[Token], index: int, _options: OptionsDict, env: EnvType
) -> str:
    picture = env["pictures"](str(tokens[index].attrs["src"]))
    if picture is None:
        return ""
    return f'<img src="{escape(picture.url)}" alt="{escape(picture.alt)}" loading="lazy">'


def _show_column_head(
    _renderer: RendererProtocol, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: EnvType
) -> str:
    return '<th scope="col">'


def _make_markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")
    made.inline.ruler.before("link", "citation", _citation)
    made.add_render_rule("citation", _show_citation)
    made.add_render_rule("image", _show_picture)
    made.add_render_rule("th_open", _show_column_head)
    # mdurl shows its tables to other threads before they are filled: a second reader got an error, or a wrong address.
    made.render("<https://example.org/>")
    return made


_markdown = _make_markdown()
