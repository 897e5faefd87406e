"""Figures as values: shares, spreads, what is planned, what an address asks for."""

from datetime import date

import pytest

from certificates.dashboards import asking, drawing
from certificates.dashboards.figures import Figures, Line, Spread
from certificates.dashboards.planned import Places
from courses.training import Scope, Share, TrainingCohort, TrainingPlan

FIRST = TrainingPlan(
    id="a",
    organisation_id="bureau",
    programme="china",
    title="First",
    year=2024,
    modules=("pm", "ug"),
    offered=50,
    places=500,
    least_women=200,
)
SECOND = TrainingPlan(
    id="b",
    organisation_id="bureau",
    programme="china",
    title="Second",
    year=2025,
    modules=("pm",),
    offered=500,
    places=700,
    least_women=280,
)
SHARES = [Share("a", "region", "KG-B", 60), Share("b", "region", "KG-B", 80), Share("b", "level", "local", 300)]


def planned(by: str, key: str, **wanted: object) -> int | None:
    scope = Scope(organisations=None, **wanted)  # type: ignore[arg-type]
    return Places(scope, [FIRST, SECOND], SHARES, []).of(by, key)


def test_what_is_planned_follows_the_shares_of_plans() -> None:
    assert planned("all", "") == 1200
    assert planned("all", "", year=2025) == 700
    assert planned("year", "2024") == 500
    assert planned("module", "ug") == 500
    assert planned("region", "KG-B") == 140
    assert planned("region", "KG-B", year=2024) == 60
    assert planned("level", "local") == 300
    assert planned("gender", "f") == 480


def test_what_no_plan_says_is_not_known() -> None:
    assert planned("region", "KG-T") is None
    assert planned("gender", "m") is None
    assert planned("level", "local", region="KG-B") is None
    assert planned("all", "", region="KG-B", gender="f") is None


def test_lines_of_planned_places_stay_within_the_filter() -> None:
    scope = Scope(organisations=None, region="KG-B")

    assert Places(scope, [FIRST, SECOND], SHARES, []).lines() == {
        ("year", "2024"),
        ("year", "2025"),
        ("region", "KG-B"),
    }


def test_of_an_academy_the_places_are_those_of_its_cohorts() -> None:
    cohorts = [
        TrainingCohort(id=name, plan_id=plan, title=name, year=2024, starts_on=date(2024, 5, 1), places=places)
        for name, plan, places in (("spring", "a", 30), ("autumn", "a", 20), ("next", "b", 25))
    ]
    found = Places(Scope(organisations=None, academies=frozenset({"x"})), [FIRST, SECOND], SHARES, cohorts)

    assert (found.of("all", ""), found.of("year", "2024"), found.of("module", "ug")) == (75, 50, 50)
    assert (found.of("cohort", "next"), found.offered) == (25, 0)
    assert {found.of("region", "KG-B"), found.of("level", "local"), found.of("gender", "f")} == {None}


@pytest.mark.parametrize(("percent", "days"), [(50, 1), (90, 30), (100, 400)])
def test_a_share_of_all_took_so_many_days_or_fewer(percent: int, days: int) -> None:
    assert Spread({400: 1, 0: 4, 1: 2, 30: 3}).quantile(percent) == days


def test_what_never_happened_took_no_days() -> None:
    assert Spread().quantile(50) is None
    assert Spread({0: 2, 7: 1, 8: 5}).between(1, 7) == 1
    assert Spread({0: 2, 91: 1, 800: 5}).between(91, None) == 6


def test_each_person_and_place_is_in_one_part_of_a_bar() -> None:
    line = Line(by="region", key="KG-B", planned=10, enrolled=8, completed=5, certified=3)

    assert drawing.parts_of(line) == (3, 2, 3, 2)
    assert drawing.parts_of(Line(by="region", key="KG-C", planned=2, enrolled=4)) == (0, 0, 4, 0)


def test_shares_are_rounded_down_so_that_all_is_said_only_of_all() -> None:
    assert (drawing.share(499, 500), drawing.share(500, 500), drawing.share(5, 0)) == ("99 %", "100 %", "")


def test_lines_come_in_the_order_of_names_and_others_after_them() -> None:
    lines = {("region", key): Line(by="region", key=key) for key in ("KG-Z", "KG-B", "KG-GB")}
    figures = Figures(lines=lines, offered=0, waiting=Spread(), learning=Spread())

    assert [line.key for line in figures.of("region", ["KG-GB", "KG-B"])] == ["KG-GB", "KG-B", "KG-Z"]


def test_an_address_asks_for_a_scope_and_back() -> None:
    scope = asking.scope_of({"year": "2024", "region": "KG-B", "gender": "", "other": "x"}, frozenset({"bureau"}))

    assert scope == Scope(organisations=frozenset({"bureau"}), year=2024, region="KG-B")
    assert asking.query_of(scope, module="pm") == {"year": "2024", "region": "KG-B", "module": "pm"}


@pytest.mark.parametrize("year", ["", "abc", "-1", "20.5", "٢٠٢٤"])
def test_a_year_that_is_none_asks_for_all(year: str) -> None:
    assert asking.scope_of({"year": year}, None).year is None
