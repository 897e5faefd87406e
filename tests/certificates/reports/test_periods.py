"""Quarters, years, and what differs between two documents."""

from datetime import date

import pytest

from certificates.dashboards.figures import Figures, Line, Spread
from certificates.reports import periods, snapshot
from courses.training import Period
from lms.core.errors import Conflict, Invalid


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2024-Q3", date(2024, 7, 1), date(2024, 9, 30)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_has_its_days(code: str, first: date, last: date) -> None:
    assert periods.days_of(code) == Period(first, last)


@pytest.mark.parametrize("code", ["", "26", "2026-Q5", "2026-Q0", "2026-q1", "1999", "2026-Q1 ", "٢٠٢٦"])
def test_what_is_no_period_is_refused(code: str) -> None:
    with pytest.raises(Invalid) as refused:
        periods.days_of(code)

    assert refused.value.code == "period-unknown"


def test_a_period_is_over_when_its_last_day_is() -> None:
    assert periods.over_on(date(2025, 7, 1), 2024) == [
        *("2025-Q2", "2025-Q1"),
        *("2024", "2024-Q4", "2024-Q3", "2024-Q2", "2024-Q1"),
    ]
    periods.refuse_unless_over("2025-Q2", date(2025, 7, 1))
    with pytest.raises(Conflict) as refused:
        periods.refuse_unless_over("2025-Q2", date(2025, 6, 30))
    assert refused.value.code == "period-not-over"


def document(**numbers: int) -> dict[str, object]:
    lines = {
        ("all", ""): Line(by="all", key="", planned=5, **numbers),
        ("region", "KG-B"): Line(by="region", key="KG-B", **numbers),
    }
    return snapshot.document(
        Figures(lines=lines, offered=0, waiting=Spread({0: 1}), learning=Spread()),
        organisation={"code": "bureau", "names": {"en": "Bureau"}},
        code="2026",
        period=Period(date(2026, 1, 1), date(2026, 12, 31)),
        plans=[],
        names={"region": {"KG-B": {"ky": "Баткен"}}},
    )


def test_a_document_has_one_spelling() -> None:
    text = snapshot.canonical(document(enrolled=4))

    assert text == snapshot.canonical(dict(reversed(document(enrolled=4).items())))
    assert '"days":{"learning":{"half":null,"nine_of_ten":null},"waiting":{"half":0,"nine_of_ten":0}}' in text
    assert "Баткен" in text
    assert " " not in text


def test_differences_are_told_figure_by_figure() -> None:
    before, after = document(enrolled=4), document(enrolled=3, completed=1)
    after["lines"] = [*after["lines"][:1], {"by": "region", "key": "KG-C", "enrolled": 3}]  # type: ignore[index]

    found = snapshot.differences(before, after)

    assert found[:2] == [("all", "", "enrolled", 4, 3), ("all", "", "completed", 0, 1)]
    assert ("region", "KG-C", "enrolled", None, 3) in found
    assert ("region", "KG-B", "enrolled", 4, None) in found
    assert snapshot.differences(before, document(enrolled=4)) == []
