from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from marshmallow import fields

from lms.core import api, web
from lms.core.errors import Conflict
from lms.core.i18n import _l
from lms.core.schemas import Request, View, line
from lms.core.web import Bilim
from tests.conftest import application, make_settings


class Greeting(Request):
    name = line("Who is greeted.", example="<Айгүл>", longest=20)
    times = fields.Integer(load_default=1)


class Greeted(View):
    text = fields.String(required=True)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Bilim]:
    with application(make_settings(tmp_path, f"sqlite:///{tmp_path / 'unused.sqlite3'}")) as made:
        greetings = api.Blueprint("greetings", __name__)

        @greetings.route("/greetings", methods=["POST"])
        @greetings.refuses(409, "too-tired")
        @greetings.takes(Greeting)
        @greetings.answers(201, Greeted, "Greeted.")
        def greet(asked: dict[str, Any]) -> dict[str, str]:
            """Greet somebody

            As often as is asked for.
            """
            if asked["times"] > 3:
                raise Conflict("too-tired", _l("Not allowed"))
            return {"text": asked["name"] * asked["times"], "hidden": "not in the schema"}

        api.register(made, greetings, guard=web.public)
        yield made


def test_a_view_gets_checked_values_and_answers_what_its_schema_lists(client: FlaskClient) -> None:
    answer = client.post("/api/v1/greetings", json={"name": "Айгүл", "times": 2})

    assert (answer.status_code, answer.get_json()) == (201, {"text": "АйгүлАйгүл"})


def test_an_unknown_field_is_refused_so_that_a_misspelt_one_is_noticed(client: FlaskClient) -> None:
    answer = client.post("/api/v1/greetings", json={"name": "x", "tims": 2})

    assert (answer.status_code, answer.get_json()["code"]) == (422, "values-not-valid")
    assert list(answer.get_json()["errors"]) == ["tims"]


def test_a_problem_of_a_view_is_answered_like_any_other(client: FlaskClient) -> None:
    answer = client.post("/api/v1/greetings", json={"name": "x", "times": 4})

    assert (answer.status_code, answer.get_json()["code"]) == (409, "too-tired")
    assert answer.content_type == "application/problem+json"


def test_pages_for_people_keep_their_error_page(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_the_description_is_openapi_3_1_and_lists_the_view(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()

    operation = document["paths"]["/api/v1/greetings"]["post"]
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "http://localhost:8000"}]
    assert (operation["summary"], operation["description"]) == ("Greet somebody", "As often as is asked for.")
    assert list(operation["responses"]["409"]["content"]) == ["application/problem+json"]
    assert "security" not in operation


def test_the_page_shows_the_same_without_anything_from_elsewhere(client: FlaskClient) -> None:
    page = client.get("/api/v1/docs", headers={"Accept-Language": "en"}).text

    assert "POST /api/v1/greetings" in page
    assert "Greet somebody" in page
    assert "Who is greeted." in page
    assert "too-tired" in page
    assert "http://localhost:8000/oauth/token" in page
    assert "<script>" not in page
    assert 'src="http' not in page
    assert 'style="' not in page


def test_an_example_on_the_page_cannot_break_out_of_it(client: FlaskClient) -> None:
    page = client.get("/api/v1/docs").text

    assert "<Айгүл>" not in page
    assert "\\u003c" in page


@pytest.mark.parametrize("language", ["ky", "ru", "zh", "en"])
def test_the_page_is_there_in_every_language(language: str, client: FlaskClient) -> None:
    answer = client.get(f"/api/v1/docs?lang={language}")

    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
