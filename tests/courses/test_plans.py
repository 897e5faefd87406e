"""Programmes of study and packs of rules: read with the content, refused with file and line, kept as they were loaded."""

from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest

from courses import loading, plans, programmes
from courses.authoring import ContentFaults, module_folders
from courses.programmes import Programme, Taken
from courses.rule_packs import Pack, Rule
from lms.core.db import reading, transaction
from lms.core.web import Bilim
from tests.courses.conftest import PRODUCT

CONTENT = PRODUCT / "courses" / "content"
TEXTS = "{ky: Сөз, ru: Слово, zh: 词, en: Word}"
PACK = f"""
country: KG
titles: {TEXTS}
rules:
  - id: hour
    kind: academic-hour
    minutes: 45
    texts: {TEXTS}
    source: {{title: An act, url: null}}
    valid_from: 2020-01-01
    valid_until: 2025-12-31
    is_verified: false
  - id: hour-later
    kind: academic-hour
    minutes: 40
    texts: {TEXTS}
    source: {{title: Another act, url: null}}
    valid_from: 2026-01-01
    valid_until: null
    is_verified: false
"""
PROGRAMME = f"""
- slug: roads-only
  titles: {TEXTS}
  hours: 3
  modules:
    - {{slug: roads, track: reserve}}
"""


def written(folder: Path, *, pack: str = PACK, programme: str = PROGRAMME) -> Path:
    content = folder.parent
    (content / "rule_packs").mkdir()
    (content / "rule_packs" / "kg.yaml").write_text(pack, "utf-8")
    (content / "programmes.yaml").write_text(programme, "utf-8")
    return content


def read(content: Path) -> plans.Plans:
    return plans.read_all(content, loading.read_all(content))


def faults_of(content: Path) -> list[str]:
    with pytest.raises(ContentFaults) as refused:
        read(content)
    return [str(fault) for fault in refused.value.faults]


def test_a_programme_may_say_who_pays_for_it(folder: Path) -> None:
    (programme,) = read(written(folder, programme=PROGRAMME + "  funded_by: An invented donor\n")).programmes

    assert programme.funded_by == "An invented donor"
    assert programmes.from_document(asdict(programme)) == programme
    assert programmes.from_document({"slug": "a", "titles": {}, "hours": 1, "modules": []}).funded_by == ""


def test_a_pack_says_how_long_an_academic_hour_is_on_a_day(folder: Path) -> None:
    (pack,) = read(written(folder)).packs

    assert (pack.country, len(pack.rules)) == ("KG", 2)
    assert pack.minutes_on(date(2025, 12, 31)) == 45
    assert pack.minutes_on(date(2026, 1, 1)) == 40
    assert pack.minutes_on(date(2019, 1, 1)) == 45
    assert [rule.id for rule in pack.on(date(2026, 1, 1))] == ["hour-later"]


def test_a_programme_is_modules_with_their_tracks(folder: Path) -> None:
    (programme,) = read(written(folder)).programmes

    assert (programme.slug, programme.hours) == ("roads-only", 3)
    assert programme.modules == (Taken(slug="roads", track="reserve"),)


def test_the_whole_of_a_module_contains_its_short_way() -> None:
    programme = Programme(
        slug="p",
        titles={},
        hours=36,
        modules=(Taken(slug="a", track="reserve"), Taken(slug="b", track="whole")),
    )

    assert programme.missing([("a", "whole")]) == (Taken(slug="b", track="whole"),)
    assert programme.missing([("b", "reserve")]) == programme.modules
    assert programme.missing([("a", "reserve"), ("b", "whole")]) == ()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("hours: 3", "hours: 4", "programmes.yaml:5: modules: the hours of the modules must add up to 4, not 3"),
        ("slug: roads,", "slug: rods,", "programmes.yaml:6: slug: there is no such module beside this file"),
        ("track: reserve", "track: half", "programmes.yaml:6: track: must be one of whole, reserve"),
    ],
)
def test_a_wrong_programme_is_named_with_its_line(folder: Path, old: str, new: str, fault: str) -> None:
    assert fault in faults_of(written(folder, programme=PROGRAMME.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("country: KG", "country: KZ", "rule_packs/kg.yaml:2: country: must be the name of the file, KG"),
        ("minutes: 40", "minutes: 400", "rule_packs/kg.yaml:15: minutes: must be a whole number from 20 to 90"),
        ("2025-12-31", "2026-12-31", "rule_packs/kg.yaml:4: rules: hour and hour-later hold on the same day"),
        ("2025-12-31", "soon", "rule_packs/kg.yaml:11: valid_until: must be a date, for example 2025-08-01"),
        ("2025-12-31", "2019-12-31", "rule_packs/kg.yaml:11: valid_until: must not be before valid_from"),
    ],
)
def test_a_wrong_rule_is_named_with_its_line(folder: Path, old: str, new: str, fault: str) -> None:
    assert fault in faults_of(written(folder, pack=PACK.replace(old, new, 1)))


def test_a_rule_without_an_address_of_its_source_is_not_verified(folder: Path) -> None:
    faults = faults_of(written(folder, pack=PACK.replace("is_verified: false", "is_verified: true", 1)))

    assert faults == ["rule_packs/kg.yaml:12: is_verified: a rule without an address of its source is not verified"]


def test_rules_and_programmes_are_no_modules(folder: Path) -> None:
    assert [each.name for each in module_folders(written(folder))] == ["roads"]


def test_the_product_has_two_programmes_and_the_rules_of_four_countries() -> None:
    found = plans.read_all(CONTENT, loading.read_all(CONTENT))

    assert [(each.slug, each.hours) for each in found.programmes] == [("seventy-two-hours", 72), ("reserve", 36)]
    assert [pack.country for pack in found.packs] == ["CN", "KG", "KZ", "UZ"]
    reserve = _rule(found.packs, "kg-reserve")
    assert (reserve.hours, reserve.months, reserve.valid_from) == (36, 12, date(2025, 8, 1))
    assert all(rule.source for pack in found.packs for rule in pack.rules)


def test_what_is_loaded_is_read_again_as_it_was_and_loading_twice_changes_nothing(app: Bilim, folder: Path) -> None:
    given = read(written(folder))

    with transaction():
        first = plans.load(given)
    with transaction():
        second = plans.load(given)

    with reading():
        assert (plans.all_programmes(), plans.packs()) == (list(given.programmes), list(given.packs))
    assert (sorted(first), second) == (["programmes", "rules/KG"], [])


def _rule(packs: tuple[Pack, ...], rule_id: str) -> Rule:
    return next(rule for pack in packs for rule in pack.rules if rule.id == rule_id)
