"""Names, titles, texts and comments with markup in them, as people and platforms could send them, stay text on every page that shows them."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import JSON, MetaData, update
from werkzeug.test import TestResponse

from lms.core.db import Base, db, transaction
from lms.signin.roles import PLATFORM_ADMINISTRATOR
from tests.architecture import two_houses
from tests.architecture.test_walk import TAKES_ITS_TIME, path_of, routes
from tests.architecture.two_houses import Houses
from tests.conftest import application, make_settings
from tests.platform import running

MARKUP = "\"'><img src=x onerror=alert(7)>{{7919*7907}}"
RAW, ESCAPED, CALCULATED = "<img src=x", "&lt;img src=x", "62615533"
FOREIGN = "attacker.example"
WRITTEN = {
    "person_name.text",
    "lti_context.title",
    "lti_context.label",
    "lti_resource_link.title",
    "lti_registration.name",
    "lti_membership.name",
    "organisation.names",
    "oauth_client.name",
    "staff_member.name",
    "course_work_file.name",
    "course_submission.text",
    "bureau_plan.title",
    "bureau_call.title",
    "bureau_cohort.title",
    "bureau_member.name",
    "bureau_nomination.name",
    "issue_batch.title",
    "certificate_export.title",
    "template_version.title",
    "certificate_correction.text",
    "signer.name",
    "lti_platform_user.name",
    "lti_course_group.name",
    "course_grade.comment",
    "person_request.text",
}
"""Where people and platforms write; what is signed, numbered or immutable is tried where it is made."""


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Houses]:
    folder = tmp_path_factory.mktemp("markup")
    path = shutil.copy(sqlite_template, folder / "markup.sqlite3")
    with application(make_settings(folder, f"sqlite:///{path}")) as app:
        app.config["WTF_CSRF_ENABLED"] = False
        with running() as platform:
            made = two_houses.build(app, platform)
            _write_markup(Base.metadata)
            yield made


def _write_markup(tables: MetaData) -> None:
    with transaction():
        for name in sorted(WRITTEN):
            table, column = tables.tables[name.partition(".")[0]], name.partition(".")[2]
            is_json = isinstance(table.c[column].type, JSON)
            value = {"ky": MARKUP, "ru": MARKUP, "en": MARKUP, "zh": MARKUP} if is_json else MARKUP
            db.session.execute(update(table).values({column: value}))


def answers(houses: Houses) -> Iterator[tuple[str, TestResponse]]:
    """Every page that can be asked for, as a trainee, a teacher, an administrator and a stranger."""
    ask = {"Accept": "text/html", "Accept-Language": "en"}
    for who in ("trainee", "teacher"):
        visitor = houses.visitors[who]
        ids = {**houses.ids, "launch": visitor.prefix.rpartition("/")[2]}
        for rule, method in routes(houses.app, "/s/"):
            if method == "GET":
                yield f"{who} {rule.rule}", visitor.browser.get(path_of(rule, ids), headers=ask)
    for who, browser in {
        "administrator": houses.staff(PLATFORM_ADMINISTRATOR, None),
        "stranger": houses.app.test_client(),
    }.items():
        for rule, method in (
            routes(houses.app, "/admin/", "/bureau/") if who == "administrator" else routes(houses.app, "/")
        ):
            if method == "GET" and rule.endpoint not in TAKES_ITS_TIME and not rule.rule.startswith("/s/"):
                yield f"{who} {rule.rule}", browser.get(path_of(rule, houses.ids), headers=ask)


def test_markup_stays_text_on_every_page_that_shows_it(houses: Houses) -> None:
    shown, faults = set(), []
    for where, answer in answers(houses):
        if answer.mimetype != "text/html" or not answer.text:
            continue
        if RAW in answer.text or CALCULATED in answer.text:
            faults.append(where)
        if ESCAPED in answer.text:
            shown.add(where)

    assert faults == [], "\n".join(faults)
    assert len(shown) >= 25, sorted(shown)


def test_no_parameter_leads_to_another_host(houses: Houses) -> None:
    """Every route is asked with everything that could be taken for a target."""
    names = (
        "next",
        "back",
        "return",
        "return_url",
        "returnTo",
        "redirect",
        "redirect_uri",
        "url",
        "target",
        "to",
        "continue",
        "go",
    )
    browser, faults = houses.app.test_client(), []
    staff = houses.staff(PLATFORM_ADMINISTRATOR, None)
    for rule, method in routes(houses.app, "/"):
        if method != "GET" or rule.endpoint in TAKES_ITS_TIME:
            continue
        trainee = houses.visitors["trainee"].browser
        asked = (
            staff
            if rule.rule.startswith(("/admin", "/bureau", "/staff"))
            else trainee
            if rule.rule.startswith("/s/")
            else browser
        )
        for target in (f"https://{FOREIGN}/", f"/\\{FOREIGN}/"):
            answer = asked.get(
                path_of(rule, houses.ids), query_string=dict.fromkeys(names, target), headers={"Accept": "text/html"}
            )
            location = answer.headers.get("Location", "").replace("\\", "/")
            if urlsplit(location).hostname not in (None, "localhost", "127.0.0.1"):
                faults.append(f"{rule.rule} leads to {location}")

    assert faults == []
