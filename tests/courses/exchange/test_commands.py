"""An author imports a file of another system into a unit, and exports one."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from courses.authoring import read_module
from courses.exchange.commands import export_questions, import_questions
from tests.courses.asked import BRIDGES
from tests.courses.exchange.files import GIFT

Run = Callable[..., Result]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    shutil.copytree(BRIDGES, tmp_path / "content" / "bridges")
    return tmp_path / "content"


@pytest.fixture
def imported(content: Path) -> Path:
    return content / "bridges/units/01-crossing/imported.yaml"


@pytest.fixture
def run(content: Path, tmp_path: Path) -> Run:
    """Import a text into the unit."""

    def _run(text: str | bytes, *more: str, unit: str = "bridges/BR1", language: str = "ru") -> Result:
        file = tmp_path / "unnamed"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        given = [str(file), "--unit", unit, "--language", language, "--content", str(content), *more]
        return CliRunner().invoke(import_questions, given)

    return _run


def test_an_import_reports_each_item_and_writes_nothing_unless_told(run: Run, imported: Path) -> None:
    result = run(GIFT + "\n::Эссе::Напишите {}\n")

    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "GIFT, utf-8: 2 items",
        "line 1: Столица: taken as single, capital-1",
        "    an answer that was partly right counts as wrong here (partly-right)",
        "line 10: Эссе: refused: questions of the type essay do not exist here (type-not-here)",
        "1 taken, 1 of them with remarks; 0 got a language; 0 were there; 1 refused",
        f"Nothing was written. With --write it goes to {imported}.",
    ]
    assert not imported.exists()


def test_an_import_is_written_once(run: Run, imported: Path, content: Path) -> None:
    first = run(GIFT, "--write", unit="bridges/01-crossing")
    before = imported.read_bytes()
    second = run(GIFT, "--write")

    assert "Written to" in first.output
    assert second.output.endswith("Nothing new; nothing was written.\n")
    assert imported.read_bytes() == before
    assert read_module(content / "bridges")  # what is not complete is not taught


def test_what_was_exported_is_known_when_it_comes_home(run: Run, content: Path, tmp_path: Path, imported: Path) -> None:
    file = tmp_path / "out.xml"
    given = [
        "bridges/BR1",
        "--format",
        "moodle-xml",
        "--language",
        "ru",
        "--content",
        str(content),
        "--output",
        str(file),
    ]
    exported = CliRunner().invoke(export_questions, given)

    result = run(file.read_bytes(), "--write")

    assert exported.output.splitlines()[-2:] == [
        "br1-q04: left out: Moodle has no questions of the type scenario",
        "6 questions",
    ]
    assert "0 taken" in result.output
    assert "6 were there" in result.output
    assert not imported.exists()


def test_a_guessed_encoding_is_said(run: Run) -> None:
    result = run("::Город::Как называется столица? {=Бишкек ~Каракол}".encode("windows-1251"))

    assert "GIFT, windows-1251: 1 items" in result.output
    assert "was guessed. Look at them." in result.output


@pytest.mark.parametrize(
    ("unit", "text", "said"),
    [
        ("bridges/BR9", GIFT, "no written unit 'BR9' in the module 'bridges'; there are: BR1"),
        ("../bridges/BR1", GIFT, "there are: none"),
        ("bridges", GIFT, "no written unit ''"),
        (
            "bridges/BR1",
            "Просто письмо.",
            "neither GIFT, Aiken, Moodle XML, XLSX nor QTI (file-unknown); nothing was read",
        ),
    ],
)
def test_a_refusal_says_what_to_do(run: Run, unit: str, text: str, said: str) -> None:
    result = run(text, "--write", unit=unit)

    assert result.exit_code == 1
    assert said in result.output


def test_a_file_of_the_unit_with_a_mistake_is_not_touched(run: Run, imported: Path) -> None:
    imported.write_text("- {", "utf-8")
    result = run(GIFT, "--write")

    assert result.exit_code == 1
    assert "correct this first" in result.output
    assert imported.read_text("utf-8") == "- {"
