"""A module is taken whole or the short way: the same work, two completions, and no hour twice."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from courses import choosing, loading, parts, records, rules, tracks
from courses.authoring import ContentFaults, read_module
from courses.models import Completion, Module
from courses.outline import ModuleOutline
from courses.records import CourseRecord
from lms.core import jobs
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from tests.courses.conftest import CONTENT, PASSING_ANSWERS, PRODUCT, Launching, Visitor, enrolment_of
from tests.courses.views.test_instructor import work_of
from tests.platform import SCORE_SCOPE, Platform

ROADS = read_module(CONTENT / "roads")
SHORT_COLUMN, WHOLE_COLUMN = "/items/21/lineitem", "/items/22/lineitem"


def make_two_units(folder: Path) -> ModuleOutline:
    """The module of roads with its second unit written; only the first belongs to the short way."""
    second = folder / "units" / "02-bridge"
    shutil.copytree(folder / "units" / "01-repair", second)
    for file, old, new in (("unit.yaml", "RD1", "RD2"), ("questions.yaml", "rd1-", "rd2-")):
        path = second / file
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    path = folder / "module.yaml"
    path.write_text(path.read_text("utf-8").replace("folder: null", "folder: 02-bridge"), "utf-8")
    return read_module(folder)


@pytest.fixture
def two_units(app: Bilim, folder: Path) -> ModuleOutline:
    outline = make_two_units(folder)
    with transaction():
        loading.load([outline])
    return outline


def open_short(launched: Launching, platform: Platform) -> Visitor:
    visitor = launched(
        target="/learn/roads/reserve",
        resource_link={"id": "link-short", "title": "Short"},
        custom={"module": "roads", "part": "reserve"},
        ags={"scope": [SCORE_SCOPE], "lineitem": f"{platform.url}{SHORT_COLUMN}"},
    )
    assert visitor.get("/learn/roads/reserve").status_code == 200
    return visitor


def open_whole(launched: Launching, platform: Platform) -> Visitor:
    visitor = launched(
        resource_link={"id": "link-whole", "title": "Whole"},
        ags={"scope": [SCORE_SCOPE], "lineitem": f"{platform.url}{WHOLE_COLUMN}"},
    )
    assert visitor.get("/learn/roads").status_code == 200
    return visitor


def do_unit(visitor: Visitor, unit: str) -> None:
    for number in (1, 2):
        assert visitor.post(f"/learn/roads/{unit}/{number}").status_code == 303
    visitor.post(f"/learn/roads/{unit}/test")
    for number, given in PASSING_ANSWERS.items():
        visitor.post(f"/learn/roads/{unit}/test/{number}", answer=given)
    visitor.post(f"/learn/roads/{unit}/test/finish", follow=True, attempt=1)


def do_short_way(visitor: Visitor, teacher: Visitor, percent: int = 80) -> None:
    do_unit(visitor, "rd1")
    visitor.submit_work()
    assert teacher.post(f"/teach/roads/work/{work_of('person-17')}", percent=str(percent)).status_code == 303


def completed() -> list[str]:
    with reading():
        return list(db.session.scalars(select(Completion.track).order_by(Completion.track)))


def own_records() -> list[CourseRecord]:
    person_id = enrolment_of("person-17").person_id
    with reading():
        return records.of_person(person_id)


def scores(platform: Platform, column: str) -> list[Any]:
    jobs.run_due()
    return [json.loads(asked.body)["scoreGiven"] for asked in platform.asked_for(f"{column}/scores")]


def test_the_short_way_has_the_units_that_are_marked_for_it_and_their_hours() -> None:
    short = tracks.outline_of(ROADS, tracks.RESERVE)

    assert [unit.code for unit in short.units] == ["RD1"]
    assert (short.hours, short.published_hours) == (3, 3)
    assert short.assignment == ROADS.assignment
    assert tracks.outline_of(ROADS, tracks.WHOLE) == ROADS


def test_each_module_of_the_product_has_a_short_way_of_twelve_hours() -> None:
    found = {
        slug: tracks.outline_of(read_module(PRODUCT / "courses" / "content" / slug), tracks.RESERVE)
        for slug in ("public-management", "urban-governance", "e-government")
    }

    assert {slug: outline.hours for slug, outline in found.items()} == dict.fromkeys(found, 12)
    assert [unit.code for unit in found["public-management"].units] == ["PM1", "PM2", "PM3", "PM5"]
    assert [unit.code for unit in found["urban-governance"].units] == ["UG1", "UG2", "UG3", "UG5"]
    assert [unit.code for unit in found["e-government"].units] == ["EG1", "EG2", "EG3", "EG5"]


def test_a_short_way_that_leaves_nothing_out_is_not_offered() -> None:
    everything = replace(ROADS, units=tuple(replace(unit, is_reserve_track=True) for unit in ROADS.units))
    nothing = replace(ROADS, units=tuple(replace(unit, is_reserve_track=False) for unit in ROADS.units))

    assert tracks.is_offered(ROADS, tracks.RESERVE)
    assert not tracks.is_offered(everything, tracks.RESERVE)
    assert not tracks.is_offered(nothing, tracks.RESERVE)


def test_rules_ask_only_for_what_the_track_has(folder: Path) -> None:
    outline = make_two_units(folder)
    done = rules.Done(read=frozenset({("RD1", 1), ("RD1", 2)}), tests={"RD1": (100,)})

    whole = rules.evaluate(outline, done)
    short = rules.evaluate(tracks.outline_of(outline, tracks.RESERVE), done)

    assert [(rule.code, rule.met) for rule in whole[:2]] == [("units-read", False), ("tests-passed", False)]
    assert [(rule.code, rule.met) for rule in short[:2]] == [("units-read", True), ("tests-passed", True)]


def test_a_certificate_of_the_short_way_says_so_in_every_language() -> None:
    assert tracks.titles_of(ROADS, tracks.RESERVE) == {
        "ky": "Жолдор. Кадрлар резерви үчүн кыскача курс",
        "ru": "Дороги. Краткий курс для кадрового резерва",
        "zh": "道路：后备干部短期课程",
        "en": "Roads. Short course for the personnel reserve",
    }


def test_a_link_names_the_short_way_as_it_names_a_part() -> None:
    assert parts.path_of("roads", parts.SHORT) == "/learn/roads/reserve"
    assert parts.resource_id("roads", parts.SHORT) == "roads/reserve"
    assert parts.known(ROADS, "Reserve") == "reserve"
    assert [parts.track_of(part) for part in (None, "reserve", "rd1", "assignment")] == ["whole", "reserve", None, None]


def test_no_unit_may_take_the_address_of_the_short_way(folder: Path) -> None:
    path = folder / "module.yaml"
    path.write_text(path.read_text("utf-8").replace("code: RD2", "code: reserve"), "utf-8")

    with pytest.raises(ContentFaults, match="code: is taken as an address"):
        read_module(folder)


def test_the_page_of_the_short_way_leaves_out_what_it_does_not_need(
    launched: Launching, platform: Platform, module: str, two_units: ModuleOutline
) -> None:
    page = open_short(launched, platform).get("/learn/roads/overview").text

    assert "Short course for the personnel reserve" in page
    assert "3 academic hours" in page
    assert 'id="rd1"' in page
    assert 'id="rd2"' not in page


def test_completing_the_short_way_is_recorded_scored_and_certified_with_its_hours(
    launched: Launching, platform: Platform, module: str, two_units: ModuleOutline, teacher: Visitor
) -> None:
    do_short_way(open_short(launched, platform), teacher)

    (record,) = own_records()
    assert completed() == ["reserve"]
    assert (record.track, record.hours, record.address) == ("reserve", 3, "roads.reserve")
    assert record.id != record.enrolment_id
    assert [part.titles["en"] for part in record.parts] == ["Repair"]
    assert scores(platform, SHORT_COLUMN) == [92]
    assert scores(platform, WHOLE_COLUMN) == []


def test_what_was_done_on_the_short_way_counts_for_the_whole(
    launched: Launching, platform: Platform, module: str, two_units: ModuleOutline, teacher: Visitor
) -> None:
    do_short_way(open_short(launched, platform), teacher)
    later = open_whole(launched, platform)
    page = later.get("/learn/roads/overview").text
    do_unit(later, "rd2")

    short, whole = own_records()
    assert "You completed the short way on" in page
    assert completed() == ["reserve", "whole"]
    assert [(record.track, record.hours) for record in (short, whole)] == [("reserve", 3), ("whole", 5)]
    assert whole.id == whole.enrolment_id
    assert len(scores(platform, SHORT_COLUMN)) == 1
    assert len(scores(platform, WHOLE_COLUMN)) == 1


def test_who_has_done_enough_completes_the_short_way_by_opening_it(
    launched: Launching, platform: Platform, module: str, two_units: ModuleOutline, teacher: Visitor
) -> None:
    do_short_way(open_whole(launched, platform), teacher)
    assert completed() == []

    open_short(launched, platform)

    assert completed() == ["reserve"]
    assert scores(platform, SHORT_COLUMN) == [92]


def test_who_completed_the_whole_stays_on_it_and_gets_no_second_certificate_for_less(
    launched: Launching, platform: Platform, module: str, two_units: ModuleOutline, teacher: Visitor
) -> None:
    visitor = open_whole(launched, platform)
    do_unit(visitor, "rd2")
    do_short_way(visitor, teacher)

    open_short(launched, platform)

    assert completed() == ["whole"]
    assert enrolment_of("person-17").track == "whole"
    assert scores(platform, SHORT_COLUMN) == [92]


def test_a_link_to_a_unit_changes_no_track_and_opens_also_what_the_track_leaves_out(
    launched: Launching, platform: Platform, module: str, two_units: ModuleOutline
) -> None:
    open_short(launched, platform)
    visitor = launched(target="/learn/roads/rd2", resource_link={"id": "link-rd2", "title": "Unit"})

    answer = visitor.get("/learn/roads/rd2")

    assert answer.status_code == 303
    assert answer.location.endswith("/learn/roads/rd2/1")
    assert visitor.get("/learn/roads/rd2/1").status_code == 200
    assert visitor.post("/learn/roads/rd2/1").location.endswith("/learn/roads/rd2/2")
    assert visitor.get("/learn/roads/rd2/test").status_code == 200
    assert enrolment_of("person-17").track == "reserve"


def test_the_instructor_sees_each_trainee_by_the_rules_of_her_track(
    launched: Launching, platform: Platform, module: str, two_units: ModuleOutline, teacher: Visitor
) -> None:
    do_short_way(open_short(launched, platform), teacher)
    jobs.run_due()

    page = teacher.get("/teach/roads").text

    assert "36-hour track" in page
    assert "2/2" in page
    assert "In the gradebook" in page


def test_one_version_without_the_short_way_stops_nobody(
    launched: Launching, platform: Platform, module: str, two_units: ModuleOutline
) -> None:
    open_short(launched, platform)
    with transaction():
        loading.load(
            [replace(two_units, units=tuple(replace(unit, is_reserve_track=False) for unit in two_units.units))]
        )

    with reading():
        assert db.session.scalars(select(Module.slug)).all() == ["roads"]
    assert open_whole(launched, platform).get("/learn/roads/overview").status_code == 200


def test_instructors_are_offered_the_whole_first_and_then_the_short_way(app: Bilim, two_units: ModuleOutline) -> None:
    with reading():
        keys = [choice.key for module in choosing.offered() for choice in module]

    assert keys == ["roads", "roads/reserve", "roads/rd1", "roads/rd2", "roads/assignment"]
