from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Blueprint, g
from flask.testing import FlaskClient

from lms.core import i18n
from lms.core.i18n import civil_date, format_moment, locale, pick, use_language
from lms.core.web import Bilim, public, register
from tests.conftest import application, make_settings


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Bilim]:
    with application(make_settings(tmp_path, f"sqlite:///{tmp_path / 'unused.sqlite3'}")) as made:
        pages = Blueprint("pages", __name__)
        pages.add_url_rule("/spoken", "spoken", locale)
        pages.add_url_rule("/launched", "launched", _as_the_platform_prefers)
        register(made, pages, guard=public)
        yield made


def _as_the_platform_prefers() -> str:
    g.preferred_language = "zh"
    return locale()


def spoken(client: FlaskClient, accepted: str, path: str = "/spoken") -> str:
    return client.get(path, headers={"Accept-Language": accepted}).text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("ky-KG,ru;q=0.8", "ky"),
        ("ru-KG,ky;q=0.8,en;q=0.7", "ru"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-Hans-CN", "zh"),
        ("zh-TW", "zh"),
        ("en-US,en;q=0.9", "en"),
        ("de-DE,de;q=0.9,en;q=0.5", "en"),
        ("kk-KZ,de", "ky"),
        ("", "ky"),
        ("*", "ky"),
        ("x" * 5000, "ky"),
        (";;q=,", "ky"),
    ],
)
def test_the_language_is_the_best_of_ours_for_what_the_browser_prefers(
    accepted: str, language: str, client: FlaskClient
) -> None:
    assert spoken(client, accepted) == language


def test_a_language_that_was_chosen_is_remembered(client: FlaskClient) -> None:
    assert spoken(client, "en", "/spoken?lang=ru") == "ru"
    assert spoken(client, "en") == "ru"
    assert spoken(client, "en", "/spoken?lang=zh") == "zh"
    assert spoken(client, "en") == "zh"


@pytest.mark.parametrize("asked", ["de", "", "<script>", "ru,ky", "../ru"])
def test_a_language_we_do_not_have_changes_nothing(asked: str, client: FlaskClient) -> None:
    client.get("/spoken?lang=ru")

    assert client.get("/spoken", query_string={"lang": asked}).text == "ru"


def test_what_the_platform_prefers_counts_more_than_the_browser_and_less_than_a_choice(client: FlaskClient) -> None:
    assert spoken(client, "en", "/launched") == "zh"
    client.get("/spoken?lang=ru")
    assert spoken(client, "en", "/launched") == "ru"


def test_the_command_line_speaks_the_language_of_its_help(app: Bilim) -> None:
    spoken: list[str] = []
    app.cli.command("greet")(lambda: spoken.append(locale()))

    app.test_cli_runner().invoke(args=["greet"])

    assert spoken == ["en"]


def test_outside_of_requests_kyrgyz_is_spoken(app: Bilim) -> None:
    assert locale() == "ky"
    with use_language("zh"):
        assert locale() == "zh"
    assert locale() == "ky"


def test_a_text_in_the_readers_language_is_picked(app: Bilim) -> None:
    texts = {"ky": "Мамлекет", "ru": "Государство", "zh": "国家", "en": "State"}

    for language, text in texts.items():
        with use_language(language):
            assert pick(texts) == text


@pytest.mark.parametrize("missing", [{"ru": "Государство"}, {"ky": "", "ru": "Государство", "en": "State"}])
def test_a_missing_translation_is_visible(missing: dict[str, str], app: Bilim) -> None:
    with use_language("ky"):
        assert pick(missing) == "[ru] Государство"


def test_no_text_at_all_is_empty(app: Bilim) -> None:
    assert pick({}) == ""


def test_a_moment_falls_on_the_day_that_the_academy_reads_on_its_calendar(app: Bilim) -> None:
    before_midnight = datetime(2026, 3, 2, 17, 59, 59, tzinfo=UTC)
    midnight = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)

    assert civil_date(before_midnight) == date(2026, 3, 2)
    assert civil_date(midnight) == date(2026, 3, 3)


def test_dates_are_written_as_each_language_writes_them(app: Bilim) -> None:
    day = date(2026, 11, 21)

    written = {}
    for language in i18n.LANGUAGES:
        with use_language(language):
            written[language] = i18n.format_date(day, "long")

    assert written == {
        "ky": "2026-ж., 21-ноябрь",
        "ru": "21 ноября 2026\u202fг.",
        "zh": "2026年11月21日",
        "en": "November 21, 2026",
    }


def test_a_page_offers_itself_in_the_other_languages(client: FlaskClient) -> None:
    page = client.get("/?from=letter").text

    assert 'href="/?from=letter&amp;lang=ru"' in page
    assert page.count("aria-current") == 1


@pytest.mark.parametrize("name", ["endpoint", "_scheme", "_external", "_anchor", "_method", "self"])
def test_no_name_in_the_address_is_taken_for_a_word_of_ours(name: str, client: FlaskClient) -> None:
    answer = client.get("/", query_string={name: "javascript"})

    assert answer.status_code == 200
    assert f'href="/?{name}=javascript&amp;lang=ru"' in answer.text


def test_a_page_says_which_language_it_is_in(client: FlaskClient) -> None:
    assert '<html lang="zh">' in client.get("/", headers={"Accept-Language": "zh"}).text


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("ky", "02.03.2026, 18:00"),
        ("ru", "2 мар. 2026\N{NARROW NO-BREAK SPACE}г., 18:00:00"),
        ("zh", "2026年3月2日 18:00:00"),
    ],
)
def test_moments_are_written_in_the_academys_zone_as_people_write_them(app: Bilim, language: str, shown: str) -> None:
    noon = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    with app.test_request_context(), use_language(language):
        assert format_moment(noon) == shown
