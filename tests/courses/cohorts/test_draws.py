"""A draw that anybody can repeat."""

from hypothesis import given
from hypothesis import strategies as st

from courses.cohorts import draws

SEEDS = st.text(alphabet="0123456789abcdef", min_size=64, max_size=64)


def test_a_lot_is_the_hash_of_seed_and_number_as_anybody_computes_it() -> None:
    # printf 'demo-seed:17' | sha256sum
    assert draws.lot("demo-seed", 17) == "bb5004b7dbed69d4e4a093f5c554e2d9480743ad01c96250cba5b540cc296a06"


@given(SEEDS, SEEDS)
def test_only_the_seed_that_was_fixed_opens_the_commitment(seed: str, other: str) -> None:
    assert draws.is_opened_by(draws.commitment(seed), seed)
    assert draws.is_opened_by(draws.commitment(seed), other) == (seed == other)
