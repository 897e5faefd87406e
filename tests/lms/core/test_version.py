"""Operators and staff know what runs; strangers are not told."""

import json
import tomllib
from pathlib import Path

import pytest

from lms.core.version import BUILD, VERSION, build_of
from lms.core.web import Bilim
from lms.signin.roles import Role
from tests.staff import sign_in

ROOT = Path(__file__).parents[3]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_the_version_is_that_of_the_project() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"] == VERSION


@pytest.mark.parametrize(
    ("files", "build"),
    [
        ({"HEAD": COMMIT}, "0123456789"),
        ({"HEAD": "ref: refs/heads/main", "refs/heads/main": f"{COMMIT}\n"}, "0123456789"),
        ({"HEAD": "ref: refs/heads/main", "packed-refs": f"# pack-refs\n{COMMIT} refs/heads/main\n"}, "0123456789"),
        ({"HEAD": "ref: refs/heads/main", "packed-refs": f"{COMMIT} refs/heads/other\n"}, "-"),
        ({"HEAD": "ref: ../../secret"}, "-"),
        ({"HEAD": "ref: refs/heads/main"}, "-"),
        ({}, "-"),
    ],
)
def test_the_build_is_the_commit_of_the_checkout(files: dict[str, str], build: str, tmp_path: Path) -> None:
    for name, text in files.items():
        path = tmp_path / ".git" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    assert build_of(tmp_path) == build


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_operators_and_staff_are_told_and_strangers_are_not(app: Bilim) -> None:
    told = json.loads(app.test_cli_runner().invoke(args=["ops", "version"]).output)
    member, stranger = app.test_client(), app.test_client()
    sign_in(member, Role.ACADEMY_ADMINISTRATOR)

    assert (told["version"], told["build"]) == (VERSION, BUILD)
    assert told["tables"] == told["tables_found"] is not None
    assert f"Version {VERSION} ({BUILD})" in member.get("/admin/?lang=en").text
    for path in ("/", "/verify", "/healthz", "/readyz"):
        answer = stranger.get(path)
        assert f"{VERSION} (" not in answer.text + str(answer.headers)
