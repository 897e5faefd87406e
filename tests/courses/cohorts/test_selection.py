"""Who gets a place follows from what was published, and from nothing else."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.cohorts import criteria, draws, selection
from courses.cohorts.criteria import Candidate, Criteria
from courses.cohorts.selection import Limits, Ranked

CLOSES = date(2025, 3, 31)
PUBLISHED = Criteria(
    least_service_years=2,
    post_groups=("chief", "senior"),
    languages=("ky",),
    months_since_training=24,
    points_per_service_year=2,
    most_service_points=20,
    language_points={"zh": 10, "en": 5},
    level_points={"local": 5},
    never_trained_points=10,
)


def nominee(number: int, **changes: object) -> Candidate:
    usual: dict[str, object] = {
        "number": number,
        "region": "KG-B",
        "agency": "agency-1",
        "level": "local",
        "gender": "m",
        "service_years": 5,
        "post_group": "senior",
        "languages": frozenset({"ky"}),
        "last_training_on": None,
    }
    return Candidate(**{**usual, **changes})  # type: ignore[arg-type]


def chosen(*nominees: Candidate, places: int = 1, **limits: object) -> tuple[Ranked, ...]:
    return selection.choose(nominees, PUBLISHED, Limits(places=places, **limits), seed="seed", on=CLOSES)  # type: ignore[arg-type]


def outcomes(ranked: tuple[Ranked, ...]) -> dict[int, str]:
    return {each.number: each.why for each in ranked}


@pytest.mark.parametrize(
    ("changes", "unmet"),
    [
        ({}, []),
        ({"service_years": 1}, ["service-years"]),
        ({"post_group": "junior"}, ["post-group"]),
        ({"languages": frozenset({"ru"})}, ["language"]),
        ({"last_training_on": date(2023, 4, 1)}, ["last-training"]),
        ({"last_training_on": date(2023, 3, 31)}, []),
        ({"service_years": 0, "post_group": "junior"}, ["service-years", "post-group"]),
    ],
)
def test_each_condition_is_said_to_be_met_or_unmet(changes: dict[str, object], unmet: list[str]) -> None:
    rules = criteria.eligibility(nominee(1, **changes), PUBLISHED, on=CLOSES)

    assert [rule.code for rule in rules if not rule.is_met] == unmet
    assert len(rules) == 4


def test_every_point_has_its_ground_and_years_count_up_to_the_most() -> None:
    found = criteria.grounds(nominee(1, service_years=14, languages=frozenset({"ky", "zh"})), PUBLISHED)

    assert [(ground.code, ground.points) for ground in found] == [
        ("service-years", 20),
        ("language", 10),
        ("level", 5),
        ("never-trained", 10),
    ]


def test_more_points_come_first_and_a_full_plan_leaves_a_reserve_list() -> None:
    ranked = chosen(nominee(1), nominee(2, service_years=6), nominee(3, post_group="junior"))

    assert [(each.number, each.rank, each.outcome) for each in ranked] == [
        (2, 1, "selected"),
        (1, 2, "reserve"),
        (3, None, "not-eligible"),
    ]


def test_a_full_region_lets_the_next_of_another_region_pass_and_says_so() -> None:
    ranked = chosen(
        nominee(1, service_years=9),
        nominee(2, service_years=8),
        nominee(3, region="KG-N"),
        places=2,
        shares={("region", "KG-B"): 1},
    )

    assert outcomes(ranked) == {1: "selected", 2: "region-full", 3: "selected"}


def test_places_kept_for_women_go_to_women_and_unused_ones_to_everybody() -> None:
    men = [nominee(number, service_years=9) for number in (1, 2)]

    with_a_woman = chosen(*men, nominee(3, gender="f"), places=2, least_women=2)

    assert sorted(number for number, why in outcomes(with_a_woman).items() if why == "selected")[1] == 3
    assert Counter(outcomes(with_a_woman).values()) == {"selected": 2, "places-full": 1}


CANDIDATES = st.lists(
    st.builds(
        nominee,
        st.just(0),
        region=st.sampled_from(["KG-B", "KG-N", "KG-O"]),
        agency=st.sampled_from(["agency-1", "agency-2"]),
        gender=st.sampled_from(["f", "m"]),
        service_years=st.integers(0, 6),
    ),
    max_size=25,
).map(lambda found: [replace(each, number=number) for number, each in enumerate(found, 1)])


@settings(max_examples=60, deadline=None)
@given(CANDIDATES, st.integers(0, 12), st.integers(0, 4), st.integers(0, 6), st.randoms())
def test_a_selection_is_fair_whoever_repeats_it(
    nominees: list[Candidate], places: int, share: int, women: int, random: object
) -> None:
    limits = Limits(places=places, shares={("region", "KG-B"): share}, least_women=women)
    ranked = selection.choose(nominees, PUBLISHED, limits, seed="5eed", on=CLOSES)
    random.shuffle(nominees)  # type: ignore[attr-defined]
    by_number = {each.number: each for each in nominees}
    taken = [by_number[each.number] for each in ranked if each.outcome == "selected"]

    assert selection.choose(nominees, PUBLISHED, limits, seed="5eed", on=CLOSES) == ranked
    assert len(taken) <= places
    assert sum(each.region == "KG-B" for each in taken) <= share
    able = [each for each in ranked if each.rank]
    assert able == sorted(able, key=lambda each: (-each.points, draws.lot("5eed", each.number)))
    passed_over = [each for each in able if each.outcome == "reserve"]
    assert len(taken) == places or all(each.why == "region-full" for each in passed_over)
