"""Rules in words: what there is so far, and what it waits for."""

import pytest

from courses.rules import RuleState
from courses.wording import rule_evidence
from lms.core.i18n import use_language

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize(
    ("state", "mark_percent", "said"),
    [
        ("none", None, "No diary has a mark yet"),
        ("submitted", None, "Submitted. It waits for its mark"),
        ("submitted", 40, "Best mark: 40 % · Submitted. It waits for its mark"),
        ("marked", 40, "Best mark: 40 %"),
    ],
)
def test_a_diary_says_how_far_it_is(state: str, mark_percent: int | None, said: str) -> None:
    evidence = {"state": state, "mark_percent": mark_percent, "needed_percent": 60}

    with use_language("en"):
        assert rule_evidence(RuleState(code="diary-passed", met=False, evidence=evidence)) == said
