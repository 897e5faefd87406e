from dataclasses import replace
from datetime import UTC, datetime

import pytest

from certificates.eligibility import Candidate, Reason, reasons_against
from certificates.snapshot import Issuer, Signer
from courses.records import CourseRecord, RuleState

FOUR = {"ky": "Төрт", "ru": "Четыре", "zh": "四", "en": "Four"}
MARKED = RuleState(code="assignment-passed", met=True, evidence={"mark_percent": 80, "needed_percent": 60})
RECORD = CourseRecord(
    id="record",
    enrolment_id="record",
    person_id="person",
    is_test_user=False,
    module_slug="public-management",
    module_code="PM",
    track="whole",
    series="PM",
    titles=FOUR,
    hours=24,
    score_percent=87,
    started_at=datetime(2026, 11, 2, tzinfo=UTC),
    completed_at=datetime(2026, 11, 20, tzinfo=UTC),
    rules=(MARKED,),
    organisation_code=None,
)
ELIGIBLE = Candidate(
    record=RECORD,
    names={"Cyrl": "Ысакова Айгүл", "Latn": "Aigul Ysakova"},
    organisation_id="academy",
    issuer=Issuer(FOUR, "KG"),
    signer=Signer(FOUR, FOUR),
)


def told(candidate: Candidate) -> list[tuple[str, tuple[str, ...]]]:
    return [(reason.code.value, reason.about) for reason in reasons_against(candidate)]


def with_record(**changes: object) -> Candidate:
    return replace(ELIGIBLE, record=replace(RECORD, **changes))  # type: ignore[arg-type]


def test_who_completed_and_confirmed_the_name_is_eligible() -> None:
    assert told(ELIGIBLE) == []


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (with_record(completed_at=None), ("not-completed", ())),
        (with_record(is_test_user=True), ("test-user", ())),
        (
            with_record(rules=(replace(MARKED, met=False, evidence={"mark_percent": 40, "needed_percent": 60}),)),
            ("score-below-pass", ()),
        ),
        (with_record(titles={**FOUR, "zh": ""}), ("text-missing", ("zh",))),
        (with_record(titles={**FOUR, "en": "Four 𱍊"}), ("glyph-missing", ("𱍊",))),
        (replace(ELIGIBLE, names={"Cyrl": "Ысакова Айгүл"}), ("name-not-confirmed", ("Latn",))),
        (replace(ELIGIBLE, names={}), ("name-not-confirmed", ("Cyrl", "Latn"))),
        (replace(ELIGIBLE, names={**ELIGIBLE.names, "Hani": "𱍊"}), ("glyph-missing", ("𱍊",))),
        (replace(ELIGIBLE, organisation_id=None, issuer=None, signer=None), ("no-series", ("PM",))),
        (replace(ELIGIBLE, signer=None), ("no-signer", ())),
    ],
)
def test_one_thing_that_stands_in_the_way_is_the_one_reason(
    candidate: Candidate, reason: tuple[str, tuple[str, ...]]
) -> None:
    assert told(candidate) == [reason]


def test_every_reason_is_told_at_once() -> None:
    candidate = replace(with_record(completed_at=None), names={}, signer=None)

    assert [code for code, _about in told(candidate)] == ["not-completed", "name-not-confirmed", "no-signer"]


def test_a_completion_reported_by_a_modules_own_server_needs_none_of_our_evidence() -> None:
    nothing_here = (
        RuleState(code="units-read", met=False, evidence={"read": 0, "of": 7}),
        RuleState(code="assignment-passed", met=False, evidence={"mark_percent": None, "needed_percent": 60}),
    )

    assert told(with_record(rules=nothing_here)) == []


@pytest.mark.parametrize(
    ("code", "needs_person"),
    [
        ("not-completed", False),
        ("score-below-pass", False),
        ("name-not-confirmed", False),
        ("test-user", False),
        ("glyph-missing", True),
        ("text-missing", True),
        ("no-series", True),
        ("no-signer", True),
    ],
)
def test_what_the_learner_cannot_change_needs_somebody_at_the_academy(code: str, needs_person: bool) -> None:
    from certificates.eligibility import ReasonCode

    assert Reason(ReasonCode(code)).needs_person is needs_person
