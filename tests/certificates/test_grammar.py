"""What a template may say, seen from its author: each line is allowed or refused with the reason and the line."""

import pytest

from certificates import grammar, template
from certificates.layout import built_in
from tests.certificates import examples


def faults(inside: str) -> list[tuple[str, str, int | None]]:
    page = f"<html lang='ky'>\n<body>\n{inside}</body></html>"
    return [(fault.code, fault.detail, fault.line) for fault in template.faults_of(page)]


def test_the_template_of_the_product_says_nothing_else() -> None:
    assert template.faults_of(built_in().page) == []


def test_the_known_placeholders_are_those_that_there_are() -> None:
    assert template.placeholders(examples.everything()).keys() | {"fit"} == grammar.PLACEHOLDERS


@pytest.mark.parametrize(
    "inside",
    [
        "<p>{{ titles.ky|upper }}</p>",
        "{% for form in holder %}<p lang='{{ form.lang }}'>{{ loop.index }} {{ form.text }}</p>{% endfor %}",
        "{% if transcript and hours > 8 %}<p>{{ hours }}</p>{% else %}<p>-</p>{% endif %}",
        "{{ holder[1:]|map(attribute='text')|join(' · ') }}",
        "{# a comment with <script> #}",
    ],
)
def test_placeholders_conditions_and_loops_are_allowed(inside: str) -> None:
    assert faults(inside) == []


@pytest.mark.parametrize(
    ("inside", "fault"),
    [
        ("{{ range(10) }}", ("page-statement", "call", 3)),
        ("{{ titles.ky.upper() }}", ("page-statement", "call", 3)),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", ("page-statement", "call", 3)),
        ("\n{% set x = 1 %}", ("page-statement", "assign", 4)),
        ("{{ 'x' * 1000000000 }}", ("page-statement", "mul", 3)),
        ("{{ 9 ** 9 ** 9 }}", ("page-statement", "pow", 3)),
        ("{% macro m() %}{% endmacro %}", ("page-statement", "macro", 3)),
        ("{% include 'x' %}", ("page-statement", "include", 3)),
        ("{% import 'x' as x %}", ("page-statement", "import", 3)),
        ("{% extends 'x' %}", ("page-statement", "extends", 3)),
        ("{% with x = 1 %}{% endwith %}", ("page-statement", "with", 3)),
        ("{% filter upper %}x{% endfilter %}", ("page-statement", "filterblock", 3)),
        ("{{ number is defined }}", ("page-statement", "test", 3)),
        ("{{ nummer }}", ("placeholder-unknown", "nummer", 3)),
        ("<script>x</script>", ("page-tag", "script", 3)),
        ("<link rel='attachment' href='x'/>", ("page-tag", "link", 3)),
        ("<iframe/>", ("page-tag", "iframe", 3)),
        ("<{{ number }}/>", ("page-tag", "", 3)),
        ("<p onclick='x'>x</p>", ("page-attribute", "onclick", 3)),
        ("<p style='background: url(x)'>x</p>", ("page-attribute", "style", 3)),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]>", ("page-declaration", "<!", 3)),
        ("<?xml-stylesheet href='x'?>", ("page-declaration", "<?", 3)),
    ],
)
def test_anything_else_is_refused_with_its_line(inside: str, fault: tuple[str, str, int]) -> None:
    assert fault in faults(inside)


def test_a_filter_that_could_grow_is_not_there() -> None:
    assert faults("{{ number|center(1000000000) }}") == [("page-filter", "center", 3)]


def test_loops_stand_in_each_other_twice_at_most() -> None:
    loops = "{% for a in titles %}" * 3 + "{% endfor %}" * 3

    assert faults(loops) == [("page-loops", "> 2", None)]


def test_a_page_that_is_too_long_or_broken_is_refused() -> None:
    assert faults("x" * grammar.MAX_SOURCE)[0][0] == "page-too-large"
    assert faults("{% if %}")[0][0] == "page-syntax"
