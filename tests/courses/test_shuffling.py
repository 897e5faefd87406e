"""The order in which things are shown."""

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given, strategies

from courses import shuffling
from courses.outline import Item, Option, Pair
from tests.courses.asked import CROSSING, asked

seeds = strategies.text("0123456789abcdef", min_size=1, max_size=32)


def ids(things: Iterable[Option | Item | Pair]) -> tuple[str, ...]:
    return tuple(thing.id for thing in things)


def test_the_same_seed_gives_the_same_order_in_every_release() -> None:
    assert ids(shuffling.items(asked("br1-q01"), seed="5eed")) == ("look", "write", "tell", "measure")
    assert ids(shuffling.options(asked("br1-q06"), seed="5eed3")) == ("c", "a", "b")


@given(seeds)
def test_nothing_is_lost_or_doubled(seed: str) -> None:
    for question in CROSSING:
        assert sorted(ids(shuffling.options(question, seed=seed))) == sorted(ids(question.options))
        assert sorted(ids(shuffling.items(question, seed=seed))) == sorted(ids(question.items))
        assert sorted(ids(shuffling.rights(question, seed=seed))) == sorted(ids(question.pairs))


@given(seeds)
def test_the_right_order_is_never_the_one_that_is_shown_first(seed: str) -> None:
    assert shuffling.items(asked("br1-q01"), seed=seed) != asked("br1-q01").items
    assert shuffling.rights(asked("br1-q02"), seed=seed) != asked("br1-q02").pairs


def test_neighbours_see_different_orders_and_so_do_the_questions_of_one_person() -> None:
    numbers = [str(number) for number in range(40)]
    twin = replace(asked("br1-q01"), id="br1-q99")

    orders = [ids(shuffling.items(asked("br1-q01"), seed=seed)) for seed in numbers]

    assert len(set(orders)) > 10
    assert [ids(shuffling.items(twin, seed=seed)) for seed in numbers] != orders


@given(seeds)
def test_each_step_of_a_scenario_shows_its_own_options(seed: str) -> None:
    scenario = asked("br1-q04")

    for step in scenario.steps:
        assert sorted(ids(shuffling.options(scenario, seed=seed, step=step.id))) == sorted(ids(step.options))


def test_an_attempt_from_before_there_were_seeds_keeps_the_order_of_the_authors() -> None:
    assert shuffling.options(asked("br1-q06"), seed="") == asked("br1-q06").options
