"""To whom a program reaches: pure, and then at the door of completions."""

import pytest

from lms.core.errors import Forbidden, Invalid
from lms.oauth import reach
from lms.oauth.models import Client


def program(*, platforms: list[str], modules: list[str]) -> Client:
    return Client(platforms=platforms, modules=modules)


def test_every_has_to_be_said_and_then_swallows_the_rest() -> None:
    assert reach.checked_platforms(["a", "every"], {"a"}) == ["every"]
    assert reach.checked_platforms(["a", "b", "a"], {"a", "b"}) == ["a", "b"]
    assert reach.checked_platforms([], {"a"}) == []
    assert reach.checked_modules(["e-government"]) == ["e-government"]
    assert reach.checked_modules(["x", "every"]) == ["every"]


def test_what_is_not_there_cannot_be_named() -> None:
    with pytest.raises(Invalid, match="platforms-not-valid"):
        reach.checked_platforms(["b"], {"a"})
    for slug in ("", "Public", "a b", "-a", "a" * 81):
        with pytest.raises(Invalid, match="modules-not-valid"):
            reach.checked_modules([slug])


def test_a_program_bound_to_nothing_reaches_nobody() -> None:
    nothing = program(platforms=[], modules=[])

    with pytest.raises(Forbidden, match="platform-not-bound"):
        reach.refuse_other_platform(nothing, "a")
    with pytest.raises(Forbidden, match="module-not-bound"):
        reach.refuse_other_module(nothing, "e-government")


def test_a_platform_that_is_not_registered_is_refused_as_one_that_is() -> None:
    bound = program(platforms=["a"], modules=["e-government"])

    reach.refuse_other_platform(bound, "a")
    reach.refuse_other_module(bound, "e-government")
    for other in ("b", None):
        with pytest.raises(Forbidden, match="platform-not-bound"):
            reach.refuse_other_platform(bound, other)


def test_every_platform_is_also_one_that_is_not_registered_which_the_report_says_itself() -> None:
    reach.refuse_other_platform(program(platforms=["every"], modules=["every"]), None)
