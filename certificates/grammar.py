"""What a template may say: a small part of Jinja and of HTML, so small that it cannot run for ever or reach anything.

No calls, no assignments, no arithmetic: nothing can grow, and a loop can only run over what the snapshot holds. What an
organisation writes is refused here with the line of the fault, before anybody renders it.
"""

import re
from typing import NamedTuple

from jinja2 import Environment, TemplateSyntaxError, meta, nodes

FILTERS = frozenset({"e", "escape", "first", "join", "last", "length", "lower", "map", "trim", "upper"})
TAGS = frozenset(
    [
        "html",
        "head",
        "title",
        "meta",
        "body",
        "main",
        "section",
        "div",
        "p",
        "span",
        "b",
        "strong",
        "i",
        "em",
        "small",
        "br",
        "h1",
        "h2",
        "h3",
        "ul",
        "ol",
        "li",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "a",
        "img",
    ]
)
PLACEHOLDERS = frozenset(
    [
        "co_issuers",
        "code",
        "completed",
        "facts",
        "fit",
        "holder",
        "hours",
        "hours_ru",
        "issued",
        "issuer",
        "name_size",
        "number",
        "offline_qr",
        "qr",
        "result",
        "signers",
        "titles",
        "transcript",
        "valid_until",
        "verify_url",
    ]
)
"""What ``template.placeholders`` gives, and the step of size."""
MAX_LOOP_DEPTH = 2
MAX_SOURCE = 64 * 1024
"""Characters of a page."""

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem,
    nodes.Slice, nodes.If, nodes.For, nodes.Filter, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.Concat, nodes.Tuple, nodes.Keyword,
)  # fmt: skip
_DECLARATION = re.compile(r"(<[!?])")
_TAG = re.compile(r"<(?![!?])/?\s*([^\s/>]*)")
_ATTRIBUTE = re.compile(r"\s(on\w+|style|srcset|rel|http-equiv)\s*=", re.IGNORECASE)


class Fault(NamedTuple):
    """Why a template is refused."""

    code: str
    detail: str
    """What was found: the name of a tag, a filter, a placeholder."""
    line: int | None = None


def faults_of(source: str, environment: Environment) -> list[Fault]:
    """Everything that a page may not hold; empty for a good one."""
    if len(source) > MAX_SOURCE:
        return [Fault("page-too-large", f"{len(source)} > {MAX_SOURCE}")]
    try:
        tree = environment.parse(source)
    except TemplateSyntaxError as error:
        return [Fault("page-syntax", error.message or "", error.lineno)]
    faults = [*_jinja_faults(tree), *_html_faults(tree)]
    return faults or _unknown_placeholders(tree)


def _jinja_faults(tree: nodes.Template) -> list[Fault]:
    faults = [
        Fault("page-statement", type(node).__name__.lower(), node.lineno)
        for node in tree.find_all(nodes.Node)
        if not isinstance(node, _ALLOWED)
    ]
    faults += [
        Fault("page-filter", node.name, node.lineno) for node in tree.find_all(nodes.Filter) if node.name not in FILTERS
    ]
    if _loop_depth(tree) > MAX_LOOP_DEPTH:
        faults.append(Fault("page-loops", f"> {MAX_LOOP_DEPTH}"))
    return faults


def _unknown_placeholders(tree: nodes.Template) -> list[Fault]:
    """Only of a tree that is allowed: the search compiles, and a compiler works out what is constant."""
    unknown = meta.find_undeclared_variables(tree) - PLACEHOLDERS
    return [
        Fault("placeholder-unknown", node.name, node.lineno)
        for node in tree.find_all(nodes.Name)
        if node.ctx == "load" and node.name in unknown
    ]


def _loop_depth(node: nodes.Node) -> int:
    deepest = max((_loop_depth(child) for child in node.iter_child_nodes()), default=0)
    return deepest + isinstance(node, nodes.For)


def _html_faults(tree: nodes.Template) -> list[Fault]:
    """Looks at the source's own text, whatever branch it stands in; values are escaped and bring no tags."""
    faults = []
    for node in tree.find_all(nodes.TemplateData):
        for code, pattern in (("page-declaration", _DECLARATION), ("page-tag", _TAG), ("page-attribute", _ATTRIBUTE)):
            for found in pattern.finditer(node.data):
                if code != "page-tag" or found[1] not in TAGS:
                    line = node.lineno + node.data.count("\n", 0, found.start())
                    faults.append(Fault(code, found[1], line))
    return faults
