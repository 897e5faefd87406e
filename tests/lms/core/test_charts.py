"""Charts: well-formed SVG that begins at zero, says its numbers in words, and styles nothing by itself."""

import re
from xml.etree import ElementTree

import pytest

from lms.core import charts
from lms.core.charts import Bar, Series, Stack

ROWS = [Bar("Баткен <region>", 50, "50"), Bar("Чүй", 25, "25", "50 %"), Bar("Талас", 0, "0")]
NAME = "{http://www.w3.org/2000/svg}"


def rectangles(svg: str, kind: str) -> list[tuple[int, int]]:
    """Where each rectangle of a class begins, and its width."""
    found = re.findall(rf'<rect x="(\d+)" y="\d+" width="(\d+)" height="14" class="{kind}"/>', svg)
    return [(int(x), int(width)) for x, width in found]


def test_bars_begin_at_zero_and_are_as_long_as_their_numbers() -> None:
    assert rectangles(charts.bars("c", "Title", ROWS), "part-1") == [(0, 298), (0, 149)]


def test_the_numbers_stand_in_words_too_and_names_are_escaped() -> None:
    found = ElementTree.fromstring(charts.bars("c", "Places & people", ROWS))

    assert found.attrib["role"] == "img"
    assert found.attrib["aria-labelledby"] == "c-t c-d"
    assert [found[0].text, found[1].text] == ["Places & people", "Баткен <region>: 50; Чүй: 25 50 %; Талас: 0"]


def test_a_funnel_shows_behind_each_step_from_how_many_it_came() -> None:
    svg = charts.funnel("c", "Steps", ROWS)

    assert rectangles(svg, "track") == [(0, 298)] * 3
    assert rectangles(svg, "part-1") == [(0, 298), (0, 149)]


def test_parts_of_a_bar_touch_each_other_and_end_at_its_sum() -> None:
    svg = charts.stacked(
        "c", "Parts", ["one", "two", "three"], [Stack("A", [1, 1, 1], "3"), Stack("B", [0, 0, 1], "1")]
    )

    assert [rectangles(svg, f"part-{place}") for place in (1, 2, 3)] == [[(0, 99)], [(99, 100)], [(199, 99), (0, 99)]]


def test_there_are_no_more_parts_than_colours() -> None:
    with pytest.raises(ValueError, match="at most 4"):
        charts.stacked("c", "Parts", list("abcde"), [])


def test_lines_end_with_their_names_apart_and_leave_out_what_is_not_known() -> None:
    same = [Series("One", [0, 10], ["0", "10"]), Series("Two", [None, 10], ["–", "10"])]
    svg = charts.lines("c", "Years", ["2024", "2025"], same)
    names = [float(y) for y in re.findall(r'<text x="254" y="([\d.]+)"', svg)]

    assert abs(names[0] - names[1]) >= 17
    assert svg.count('<path class="line') == 1
    assert svg.count("<circle") == 3
    assert 'd="M8 164L240 14"' in svg


@pytest.mark.parametrize(
    "svg",
    [
        charts.bars("c", "None", []),
        charts.funnel("c", "None", []),
        charts.stacked("c", "None", ["one"], [Stack("A", [0], "0")]),
        charts.lines("c", "None", ["2024"], [Series("One", [None], ["–"])]),
    ],
)
def test_nothing_at_all_is_drawn_too(svg: str) -> None:
    assert ElementTree.fromstring(svg).tag in ("svg", f"{NAME}svg")
    assert "style=" not in svg


def test_long_names_are_cut_where_they_would_leave_the_chart() -> None:
    svg = charts.bars("c", "Long", [Bar("д" * 80, 1, "1"), Bar("区" * 40, 1, "1")])

    shown = re.findall(r"<text y=[^>]+>([^<]+)</text>", svg)

    assert shown == ["д" * 49 + "…", "区" * 24 + "…"]
    assert "д" * 80 in svg  # in words nothing is cut
