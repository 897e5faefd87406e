"""Markdown becomes safe HTML."""

import subprocess
import sys

import pytest
from hypothesis import given, strategies

from courses.outline import Source
from courses.texts import Picture, render

NORM = Source(id="norm", title="Norm", publisher="P", year="2024", url=None, note=None)
LAW = Source(id="law", title="Law", publisher="P", year="2021", url=None, note=None)


def test_addresses_are_written_by_tables_that_are_whole_before_the_first_reader_comes() -> None:
    asked = "import courses.texts; from mdurl import _decode as d, _encode as e; "
    asked += "print([len(kept) for kept in (*e.encode_cache.values(), *d.decode_cache.values())])"

    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60)

    assert told.stdout.strip() == "[128, 128]"


def test_citations_are_numbered_in_the_order_of_reading() -> None:
    text = render("One [^law], two [^norm], one again [^law].", sources=[NORM, LAW])

    assert [(cited.number, cited.source.id) for cited in text.cited] == [(1, "law"), (2, "norm")]
    assert text.html.startswith('<p>One<sup><a href="#source-1"')
    assert text.html.count('<sup><a href="#source-1"') == 2


def test_a_picture_has_its_address_and_its_description() -> None:
    text = render("![](road.svg)", pictures={"road.svg": Picture(url="/x/road.svg", alt='A "road"')}.get)

    assert '<img src="/x/road.svg" alt="A &quot;road&quot;" loading="lazy">' in text.html


def test_a_table_has_column_heads() -> None:
    assert '<th scope="col">Work</th>' in render("| Work |\n|---|\n| Asphalt |").html


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>)",
        '<img src=x onerror="x">',
        "<style>*{}</style>",
        "![](https://foreign.example/x.png)",
    ],
)
def test_nothing_that_acts_or_loads_comes_through(markdown: str) -> None:
    html = str(render(markdown).html)

    assert "<script" not in html
    assert "<style" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html


@given(strategies.text(alphabet="<>[]^()!*_`#|-\n :/abc\"'&", max_size=80))
def test_any_text_can_be_rendered(markdown: str) -> None:
    html = str(render(markdown, sources=[NORM]).html)

    assert "<script" not in html.lower()
