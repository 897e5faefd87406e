"""What would trip the code before a step is found, and what it does not notice is let pass."""

from dataclasses import replace

import pytest

from tests.migrations.shapes import Column, Shape, trips

NAME = Column("text", 80, is_required=True, is_nullable=False)
NOTE = Column("text", None, is_required=False, is_nullable=True)
BEFORE = Shape({"id": NAME, "note": NOTE}, frozenset({("id",)}), frozenset({"check positive"}))


def after(**changes: object) -> dict[str, Shape]:
    return {"person": replace(BEFORE, **changes)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("newer", "fault"),
    [
        ({}, "person is gone"),
        (after(columns={"id": NAME}), "person.note is gone"),
        (after(columns={"id": replace(NAME, length=40), "note": NOTE}), "person.id holds less"),
        (after(columns={"id": replace(NAME, kind="INTEGER", length=None), "note": NOTE}), "person.id holds less"),
        (after(columns={"id": NAME, "note": replace(NOTE, length=9)}), "person.note holds less"),
        (after(columns={"id": NAME, "note": replace(NOTE, is_nullable=False)}), "person.note is asked for"),
        (after(columns={"id": NAME, "note": NOTE, "kind": NAME}), "person.kind is asked for"),
        (after(once=frozenset({("id",), ("note",)})), "person: note only once"),
        (after(once=frozenset()), "person: id more than once"),
        (after(rules=frozenset({"check positive", "check even"})), "person: check even"),
        (after(rules=frozenset({"check positive", "trigger never"})), "person: trigger never"),
        (
            after(rules=frozenset({"check positive", "reference of note to other"})),
            "person: reference of note to other",
        ),
    ],
)
def test_what_the_code_before_cannot_do_is_named(newer: dict[str, Shape], fault: str) -> None:
    assert trips({"person": BEFORE}, newer) == [fault]


@pytest.mark.parametrize(
    "newer",
    [
        after(),
        {**after(), "other": BEFORE},
        after(columns={"id": replace(NAME, length=200), "note": NOTE}),
        after(columns={"id": replace(NAME, length=None), "note": NOTE}),
        after(columns={"id": NAME, "note": NOTE, "more": NOTE}),
        after(columns={"id": NAME, "note": NOTE, "kind": replace(NAME, is_required=False)}),
        after(columns={"id": replace(NAME, is_required=False, is_nullable=True), "note": NOTE}),
        after(columns={"id": NAME, "note": NOTE, "more": NOTE}, once=frozenset({("id",), ("more",)})),
        after(
            columns={"id": NAME, "note": NOTE, "more": NOTE},
            rules=frozenset({"check positive", "reference of more to other"}),
        ),
        after(rules=frozenset()),
    ],
)
def test_what_it_does_not_notice_is_let_pass(newer: dict[str, Shape]) -> None:
    assert trips({"person": BEFORE}, newer) == []
