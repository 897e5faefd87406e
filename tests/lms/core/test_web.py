import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, abort, g, render_template_string, request
from flask.testing import FlaskClient
from sqlalchemy import event, text

from lms.core.db import db, reading
from lms.core.errors import Conflict, Forbidden, Invalid, Refused
from lms.core.i18n import _l
from lms.core.jobs import Job
from lms.core.settings import Settings
from lms.core.web import Bilim, csrf, is_our_address, public, register, writes
from tests.conftest import application, make_settings

SOMEBODY = "Айгүл"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def write(subject: str = "one") -> None:
    db.session.add(Job(kind="greet", subject=subject, due_at=NOON, changed_at=NOON))


def written() -> list[str]:
    with reading():
        return list(db.session.scalars(db.select(Job.subject).order_by(Job.subject)))


def succeed() -> tuple[str, int]:
    write()
    return "made", 201


def answer_badly() -> tuple[str, int]:
    write()
    return "no", 400


def refuse() -> None:
    write()
    raise Refused("state-unknown", _l("Not allowed"), status=401, issuer="https://lms.example")


def conflict() -> None:
    write()
    db.session.flush()
    raise Conflict("course-closed", _l("Not allowed"), spec="LTI Core 1.3 section 5")


def misspell() -> None:
    raise Invalid("values-not-valid", _l("Not allowed"), fields={"hours": ["Not a number."]})


def fail() -> None:
    write()
    db.session.flush()
    raise RuntimeError("internal detail 4711")


def ask_badly() -> None:
    db.session.execute(text("SELECT * FROM missing_table WHERE name = :name"), {"name": SOMEBODY})


def read_form() -> str:
    return str(len(request.form["text"]))


def collide_at_commit() -> str:
    write("same")
    write("same")
    return "made"


def write_on_get() -> str:
    write("hidden")
    return "made"


@writes
def write_on_get_and_say_so() -> str:
    write("declared")
    return "made"


def show_form() -> str:
    return render_template_string('<input name="csrf_token" value="{{ csrf_token() }}">')


def frame() -> str:
    g.frame_ancestors = {"https://moodle.example"}
    return "framed"


@pytest.fixture
def app(settings: Settings) -> Iterator[Bilim]:
    with application(settings) as made:
        _add_views(made)
        yield made


def _add_views(app: Flask) -> None:
    machine = Blueprint("machine", __name__)
    views: list[Any] = [succeed, answer_badly, refuse, conflict, misspell, fail, ask_badly, read_form]
    for view in [*views, collide_at_commit]:
        machine.add_url_rule(f"/api/t/{view.__name__}", view_func=view, methods=["POST"])
        machine.add_url_rule(f"/t/{view.__name__}", view_func=view, methods=["POST"])
    csrf.exempt(machine)
    register(app, machine, guard=public)
    pages = Blueprint("pages", __name__)
    for page in (write_on_get, write_on_get_and_say_so, show_form, frame):
        pages.add_url_rule(f"/t/{page.__name__}", view_func=page)
    pages.add_url_rule("/t/form", "form", succeed, methods=["POST"])
    pages.add_url_rule("/t/redirect/", "slash", lambda: "slash")
    pages.add_url_rule("/t/abort/<int:code>", "aborting", lambda code: abort(code))
    register(app, pages, guard=public)
    app.register_blueprint(_without_guard())


def _without_guard() -> Blueprint:
    forgotten = Blueprint("forgotten", __name__)
    forgotten.add_url_rule("/t/forgotten", "page", lambda: "open to all")
    return forgotten


def test_what_a_successful_request_did_becomes_true(client: FlaskClient) -> None:
    answer = client.post("/t/succeed")

    assert (answer.status_code, answer.text) == (201, "made")
    assert written() == ["one"]


@pytest.mark.parametrize("path", ["/t/answer_badly", "/t/conflict", "/t/fail"])
def test_what_a_failed_request_did_is_undone(path: str, client: FlaskClient) -> None:
    assert client.post(path).status_code >= 400
    assert written() == []


def test_what_a_refused_request_used_up_stays_used(client: FlaskClient) -> None:
    assert client.post("/t/refuse").status_code == 401
    assert written() == ["one"]


def test_a_constraint_that_is_met_only_at_the_commit_is_a_conflict(client: FlaskClient) -> None:
    answer = client.post("/api/t/collide_at_commit")

    assert (answer.status_code, answer.get_json()["code"]) == (409, "already-exists")
    assert written() == []


def test_a_page_that_writes_without_having_said_so_fails_loudly(client: FlaskClient) -> None:
    answer = client.get("/t/write_on_get")

    assert answer.status_code == 500
    assert "unexpected-error" in answer.text
    assert written() == []


def test_a_page_that_says_that_it_writes_may(client: FlaskClient) -> None:
    assert client.get("/t/write_on_get_and_say_so").status_code == 200
    assert written() == ["declared"]


def test_a_route_without_a_guard_is_closed(client: FlaskClient) -> None:
    answer = client.get("/t/forgotten")

    assert answer.status_code == 403
    assert "no-guard" in answer.text


def test_a_guard_that_raises_keeps_the_view_from_running(settings: Settings) -> None:
    def closed() -> None:
        raise Forbidden("closed-today", _l("Not allowed"))

    with application(settings) as app:
        blueprint = Blueprint("closed", __name__)
        blueprint.add_url_rule("/api/closed", "page", succeed, methods=["POST"])
        csrf.exempt(blueprint)
        register(app, blueprint, guard=closed)

        answer = app.test_client().post("/api/closed")

        assert (answer.status_code, answer.get_json()["code"]) == (403, "closed-today")
        assert written() == []


def test_a_program_gets_problem_details(client: FlaskClient) -> None:
    answer = client.post("/api/t/conflict", headers={"X-Request-Id": "request-0001", "Accept-Language": "en"})

    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Content-Language"] == "en"
    assert answer.get_json() == {
        "type": "/problems/course-closed",
        "title": "Conflict",
        "status": 409,
        "code": "course-closed",
        "detail": "Not allowed",
        "specification": "LTI Core 1.3 section 5",
        "request_id": "request-0001",
    }


def test_a_program_is_told_which_values_are_wrong(client: FlaskClient) -> None:
    answer = client.post("/api/t/misspell")

    assert answer.status_code == 422
    assert answer.get_json()["errors"] == {"hours": ["Not a number."]}


def test_a_person_gets_a_page_with_the_code_and_the_number_to_tell_us(client: FlaskClient) -> None:
    headers = {"Accept": "text/html", "Accept-Language": "en", "X-Request-Id": "request-0002"}

    answer = client.post("/t/conflict", headers=headers)

    assert answer.status_code == 409
    assert answer.mimetype == "text/html"
    assert "course-closed" in answer.text
    assert "request-0002" in answer.text


@pytest.mark.parametrize("accept", ["application/json", "application/problem+json"])
def test_who_asks_for_json_gets_json_anywhere(accept: str, client: FlaskClient) -> None:
    assert client.post("/t/conflict", headers={"Accept": accept}).content_type == "application/problem+json"


@pytest.mark.parametrize("accept", ["text/html", "*/*", "", "text/html,application/json;q=0.9"])
def test_a_browser_gets_a_page(accept: str, client: FlaskClient) -> None:
    assert client.post("/t/conflict", headers={"Accept": accept}).mimetype == "text/html"


@pytest.mark.parametrize("path", ["/t/fail", "/api/t/fail"])
def test_a_mistake_of_ours_shows_a_number_and_nothing_of_its_inside(path: str, client: FlaskClient) -> None:
    answer = client.post(path, headers={"X-Request-Id": "request-0003"})

    assert answer.status_code == 500
    assert "unexpected-error" in answer.text
    assert "request-0003" in answer.text
    for inside in ("Traceback", "RuntimeError", "4711", "/lms/", ".py"):
        assert inside not in answer.text


def test_a_mistake_of_ours_is_in_the_log_with_its_traceback(
    capsys: pytest.CaptureFixture[str], client: FlaskClient
) -> None:
    client.post("/t/fail?state=secret-state", headers={"X-Request-Id": "request-0004"})

    log = capsys.readouterr().err
    assert "internal detail 4711" in log
    assert "request-0004" in log
    assert "secret-state" not in log


def test_values_of_a_failed_query_are_not_in_the_log(capsys: pytest.CaptureFixture[str], client: FlaskClient) -> None:
    assert client.post("/api/t/ask_badly").status_code >= 500

    log = capsys.readouterr().err
    assert "missing_table" in log or "OperationalError" in log
    assert SOMEBODY not in log


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/nothing", 404, "page-not-found"),
        ("/api/t/succeed", 405, "method-not-allowed"),
    ],
)
def test_addresses_that_do_not_exist_belong_to_the_one_family(
    path: str, status: int, code: str, client: FlaskClient
) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"


def test_the_methods_that_would_work_are_named(client: FlaskClient) -> None:
    assert set(client.get("/t/succeed").headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


def test_a_redirect_of_the_router_is_not_an_error(client: FlaskClient) -> None:
    assert client.get("/t/redirect").status_code == 308


@pytest.mark.parametrize("path", ["/learn/%00", "/learn/a%00b", "/s/%00/learn/roads", "/v/%00", "/static/%00.css"])
def test_an_address_with_a_zero_byte_does_not_exist(path: str, client: FlaskClient) -> None:
    answer = client.get(path, headers={"Accept": "application/json"})

    assert (answer.status_code, answer.get_json()["code"]) == (404, "page-not-found")


@pytest.mark.parametrize("given", [{"data": {"text": "a\0"}}, {"data": {"\0": ""}}, {"query_string": {"page": "\0"}}])
def test_a_zero_byte_in_what_was_sent_is_refused(given: dict[str, Any], client: FlaskClient) -> None:
    answer = client.post("/api/t/succeed", **given)

    assert (answer.status_code, answer.get_json()["code"]) == (400, "zero-byte")
    assert written() == []


def test_a_field_without_a_name_is_no_mistake_of_ours(client: FlaskClient) -> None:
    body = b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"

    answer = client.post("/verify/pdf", data=body, content_type="multipart/form-data; boundary=b")

    assert answer.status_code == 422


def test_requests_are_limited_also_while_the_common_count_is_away(settings: Settings) -> None:
    with application(settings, broker_url="redis://127.0.0.1:1/0", rate_limits=True) as app:
        browser = app.test_client()
        statuses = [browser.get("/v/7Q4MX2DN9TVCZ").status_code for _ in range(61)]

    assert statuses == [404] * 60 + [429]


def test_more_than_we_take_is_refused(client: FlaskClient) -> None:
    taken = client.post("/api/t/read_form", data={"text": "x" * 400_000})
    refused = client.post("/api/t/read_form", data={"text": "x" * (12 * 1024 * 1024)})

    assert taken.text == "400000"
    assert (refused.status_code, refused.get_json()["code"]) == (413, "request-too-large")


def test_a_form_without_its_token_is_refused_with_a_number(client: FlaskClient) -> None:
    answer = client.post("/t/form", headers={"X-Request-Id": "request-0005"})

    assert answer.status_code == 400
    assert "form-expired" in answer.text
    assert "request-0005" in answer.text
    assert written() == []


def test_a_form_with_the_token_of_its_page_is_taken(client: FlaskClient) -> None:
    token = client.get("/t/show_form").text.split('value="')[1].split('"')[0]

    assert client.post("/t/form", data={"csrf_token": token}).status_code == 201


def test_a_request_keeps_the_number_it_came_with(client: FlaskClient) -> None:
    assert client.get("/", headers={"X-Request-Id": "gateway-1234"}).headers["X-Request-Id"] == "gateway-1234"


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space here", "<script>alert</script>"])
def test_a_number_that_could_harm_a_log_is_replaced(given: str, client: FlaskClient) -> None:
    number = client.get("/", headers={"X-Request-Id": given}).headers["X-Request-Id"]

    assert number != given
    assert len(number) == 36


def test_pages_say_what_browsers_must_not_do(client: FlaskClient) -> None:
    headers = client.get("/").headers

    assert headers["Content-Security-Policy"] == (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'self'; frame-src 'self'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_only_the_platform_of_a_launch_may_frame_its_page(client: FlaskClient) -> None:
    policy = client.get("/t/frame").headers["Content-Security-Policy"]

    assert "frame-ancestors 'self' https://moodle.example;" in policy
    assert "form-action 'self' https://moodle.example;" in policy
    assert "moodle.example" not in client.get("/").headers["Content-Security-Policy"]


def test_a_public_service_insists_on_https(settings: Settings) -> None:
    with application(settings, public_url="https://bilim.example.org") as app:
        headers = app.test_client().get("/").headers

    assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_the_cookie_works_in_a_frame_and_nowhere_else(client: FlaskClient) -> None:
    (cookie,) = client.get("/?lang=ky").headers.getlist("Set-Cookie")

    name, *flags = cookie.split("; ")
    assert name.startswith("__Host-bilim=")
    assert sorted(flags) == ["HttpOnly", "Partitioned", "Path=/", "SameSite=None", "Secure"]


@pytest.mark.parametrize(
    "database_url", ["sqlite:////nowhere/at/all/bilim.sqlite3", "postgresql://bilim@127.0.0.1:1/bilim"]
)
def test_a_missing_database_is_said_with_when_to_come_back(database_url: str, tmp_path: Path) -> None:
    with application(make_settings(tmp_path, database_url)) as app:
        _add_views(app)
        answer = app.test_client().post("/api/t/succeed")

    assert (answer.status_code, answer.get_json()["code"]) == (503, "database-unavailable")
    assert answer.headers["Retry-After"] == "30"


def test_a_database_that_is_locked_for_longer_than_we_wait_is_said_so(tmp_path: Path, sqlite_template: Path) -> None:
    path = Path(shutil.copy(sqlite_template, tmp_path / "bilim.sqlite3"))
    with application(make_settings(tmp_path, f"sqlite:///{path}")) as app:
        _add_views(app)
        db.engine.dispose()
        event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=50"))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = app.test_client().post("/api/t/succeed")
            reading_page = app.test_client().get("/credentials/jwks.json")
            told = app.test_client().get("/readyz")

        assert (answer.status_code, answer.get_json()["code"]) == (503, "database-unavailable")
        assert (reading_page.status_code, reading_page.get_json()) == (200, {"keys": []})
        assert told.get_json()["database"] == "not writable"
        assert app.test_client().post("/api/t/succeed").status_code == 201


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("http://localhost:8000/learn/public-management", True),
        ("http://LOCALHOST:8000", True),
        ("https://localhost:8000/", False),
        ("http://localhost/", False),
        ("http://localhost:8000@evil.example/", False),
        ("//localhost:8000/", False),
        ("/learn", False),
        ("", False),
    ],
)
def test_our_own_address_is_known_by_scheme_host_and_port(url: str, ours: bool, app: Bilim) -> None:
    assert is_our_address(url) is ours


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.7")])
def test_the_address_of_a_visitor_is_taken_from_a_proxy_only_if_there_is_one(
    proxies: int, seen: str, settings: Settings
) -> None:
    with application(settings, proxies=proxies) as app:
        blueprint = Blueprint("visitors", __name__)
        blueprint.add_url_rule("/who", view_func=lambda: str(request.remote_addr))
        register(app, blueprint, guard=public)

        assert app.test_client().get("/who", headers={"X-Forwarded-For": "203.0.113.7"}).text == seen
