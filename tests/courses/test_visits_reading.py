import json
from pathlib import Path

import pytest

from courses import visits_reading
from courses.authoring import ContentFaults, module_folders
from lms.core.i18n import LANGUAGES

PRODUCT = Path(__file__).parents[2] / "courses" / "content"
SEVEN = "hangzhou-seven-days"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of one programme that a test may spoil."""
    (tmp_path / "visits").mkdir()
    text = (PRODUCT / "visits" / f"{SEVEN}.yaml").read_text("utf-8")
    (tmp_path / "visits" / f"{SEVEN}.yaml").write_text(text, "utf-8")
    return tmp_path


def faults_after(content: Path, old: str, new: str) -> list[str]:
    path = content / "visits" / f"{SEVEN}.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ContentFaults) as found:
        visits_reading.read_all(content)
    return [str(fault) for fault in found.value.faults]


def test_the_product_has_a_visit_of_seven_days_and_one_of_fourteen() -> None:
    programmes = visits_reading.read_all(PRODUCT)

    assert {slug: (len(one.days), one.hours) for slug, one in programmes.items()} == {
        "hangzhou-seven-days": (7, 38),
        "hangzhou-fourteen-days": (14, 76),
    }


@pytest.mark.parametrize("slug", ["hangzhou-seven-days", "hangzhou-fourteen-days"])
def test_a_programme_of_the_product_claims_no_more_than_it_knows(slug: str) -> None:
    programme = visits_reading.read_all(PRODUCT)[slug]

    assert programme.review == dict.fromkeys(LANGUAGES, "drafted")
    assert any("no host, place or time has been agreed" in texts["en"] for texts in programme.to_verify)
    assert [prompt.id for prompt in programme.diary] == [
        *("observation-1", "observation-2", "observation-3", "counter-observation", "not-copy", "action", "owner")
    ]


def test_a_programme_survives_being_stored() -> None:
    programme = visits_reading.read_all(PRODUCT)[SEVEN]

    stored = json.loads(json.dumps(visits_reading.to_document(programme)))

    assert visits_reading.from_document(stored) == programme


def test_the_folder_of_visits_is_no_module() -> None:
    assert "visits" not in [folder.name for folder in module_folders(PRODUCT)]


def test_content_without_visits_has_none(tmp_path: Path) -> None:
    assert visits_reading.read_all(tmp_path) == {}


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ('from: "09:30"', 'from: "9:30"', 'from: must be a time such as "09:30", in quotes'),
        ('to: "10:15"', 'to: "10:00"', "hours: 1 academic hours do not fit between 09:30 and 10:00"),
        ('to: "10:15"', 'to: "11:30"', "sessions: the session at 10:30 begins before the one at 09:30 ends"),
        ("place: classroom", "place: moon", "place: moon is not among the places above"),
        ("time_zone: Asia/Shanghai", "time_zone: Asia/Nowhere", "time_zone: must be the name of a time zone"),
        ("kind: visit", "kind: holiday", "kind: must be one of visit, seminar"),
        (f"slug: {SEVEN}", "slug: other", f"slug: must be the name of the file, {SEVEN}"),
        ("id: observation-2", "id: observation-1", "diary: observation-1 is used more than once"),
        ("review: {ky: drafted,", "review: {ky: perfect,", "ky: must be one of drafted, native-reviewed"),
        ("diary:", "dairy:", "dairy: this key is not known here"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_line(content: Path, old: str, new: str, mistake: str) -> None:
    faults = faults_after(content, old, new)

    assert any(mistake in fault and fault.startswith(f"visits/{SEVEN}.yaml:") for fault in faults), faults


def test_the_diary_of_the_product_is_marked_by_levels_that_can_be_observed() -> None:
    marks = [programme.diary_mark for programme in visits_reading.read_all(PRODUCT).values()]

    assert marks[0] == marks[1], "both visits are marked alike"
    assert marks[0]
    assert [(criterion.id, criterion.weight) for criterion in marks[0].task.rubric] == [
        *(("observations", 25), ("doubt", 25), ("transfer", 25), ("people", 15), ("clarity", 10))
    ]
    assert all([level.points for level in criterion.levels] == [0, 1, 2, 3, 4] for criterion in marks[0].task.rubric)
    assert (marks[0].pass_percent, marks[0].days_after, len(marks[0].task.quick_comments)) == (60, 14, 6)


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("weight: 15", "weight: 20", "rubric: the weights must add up to 100, not 105"),
        ("days_after: 14", "days_after: 0", "days_after: must be a whole number from 1 to 365"),
        ("  pass_percent: 60\n", "", "pass_percent: is missing"),
    ],
)
def test_a_mistake_in_how_a_diary_is_marked_is_named(content: Path, old: str, new: str, mistake: str) -> None:
    assert any(fault.endswith(mistake) for fault in faults_after(content, old, new))
