"""The ledger of hours: every unit once, each document named, what a country asks for."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from certificates.hours import Document, Ledger, as_json, ledger
from courses.programmes import Programme, Taken
from courses.records import CourseRecord, Part
from courses.rule_packs import Pack, Rule
from tests.certificates.test_eligibility import FOUR, RECORD

DAY = date(2026, 11, 22)
SHORT_PARTS = tuple(Part(code=code, titles=FOUR, hours=3, score_percent=None) for code in ("PM1", "PM2", "PM3", "PM5"))
OTHER_PARTS = tuple(Part(code=code, titles=FOUR, hours=3, score_percent=None) for code in ("PM4", "PM6", "PM7", "PM8"))
SHORT = replace(
    RECORD,
    id="short",
    track="reserve",
    hours=12,
    parts=SHORT_PARTS,
    completed_at=datetime(2026, 3, 1, 20, tzinfo=UTC),
)
WHOLE = replace(RECORD, id="whole", hours=24, parts=SHORT_PARTS + OTHER_PARTS)
NUMBERS = {"short": Document("2026-KG-PM000001", "CODE1", "valid")}
SEVENTY_TWO = Programme(
    slug="seventy-two-hours",
    titles=FOUR,
    hours=48,
    modules=(Taken(slug="public-management", track="whole"), Taken(slug="urban-governance", track="whole")),
)
RESERVE = Programme(slug="reserve", titles=FOUR, hours=12, modules=(Taken(slug="public-management", track="reserve"),))
KG = Pack(
    country="KG",
    titles=FOUR,
    rules=(
        Rule(
            id="kg-reserve",
            kind="hours-within",
            hours=24,
            months=12,
            texts=FOUR,
            source="A decree",
            url=None,
            valid_from=date(2025, 8, 1),
            valid_until=None,
            is_verified=False,
        ),
    ),
)


def kept(*records: CourseRecord, day: date = DAY) -> Ledger:
    return ledger(records, NUMBERS, day=day, day_of=_in_bishkek, programmes=[SEVENTY_TWO, RESERVE], pack=KG)


def _in_bishkek(moment: datetime) -> date:
    return moment.astimezone(timezone(timedelta(hours=6))).date()


def test_the_short_way_and_then_the_whole_are_24_hours_and_not_36() -> None:
    found = kept(WHOLE, SHORT)

    assert [(entry.track, entry.hours, entry.counted_hours) for entry in found.entries] == [
        ("reserve", 12, 12),
        ("whole", 24, 12),
    ]
    assert (found.total_hours, found.clock_hours) == (24, 18)


def test_the_whole_and_then_the_short_way_adds_nothing() -> None:
    later = replace(SHORT, completed_at=datetime(2026, 12, 1, tzinfo=UTC))

    found = kept(WHOLE, later)

    assert [(entry.track, entry.counted_hours) for entry in found.entries] == [("whole", 24), ("reserve", 0)]


def test_a_line_has_its_day_in_the_academy_and_its_document() -> None:
    (entry,) = kept(SHORT).entries

    assert entry.completed_on == date(2026, 3, 2)
    assert entry.document == Document("2026-KG-PM000001", "CODE1", "valid")


def test_what_is_not_completed_or_only_looked_at_is_no_line() -> None:
    assert kept(replace(SHORT, completed_at=None), replace(WHOLE, is_test_user=True)).entries == ()


def test_a_programme_says_what_is_missing_and_the_whole_contains_the_short_way() -> None:
    seventy_two, reserve = kept(WHOLE).programmes

    assert seventy_two.missing == (("urban-governance", "whole"),)
    assert reserve.is_complete


def test_hours_that_a_country_asks_for_count_back_from_today() -> None:
    (enough,) = kept(SHORT, WHOLE).owed
    (later,) = kept(SHORT, WHOLE, day=date(2027, 3, 3)).owed

    assert (enough.since, enough.counted_hours, enough.is_met) == (date(2025, 11, 22), 24, True)
    assert (later.counted_hours, later.is_met) == (12, False)


def test_a_rule_that_is_not_in_force_is_not_asked() -> None:
    assert kept(SHORT, day=date(2025, 7, 31)).owed == ()


def test_programs_get_the_same_in_json() -> None:
    told = as_json(kept(SHORT), name="Ысакова Айгүл")

    assert told["total_hours"] == 12
    assert told["entries"][0] == {
        "module": "public-management",
        "track": "reserve",
        "titles": FOUR,
        "completed_on": "2026-03-02",
        "hours": 12,
        "counted_hours": 12,
        "document": {"number": "2026-KG-PM000001", "code": "CODE1", "state": "valid"},
    }
    assert told["programmes"][0]["missing"] == [
        {"module": "public-management", "track": "whole"},
        {"module": "urban-governance", "track": "whole"},
    ]
