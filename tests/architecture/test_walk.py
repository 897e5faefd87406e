"""Every route is walked as everybody: in one's own organisation, in another one, as a program, without signing in.

A stranger is refused, reads no name of anybody, and cannot tell what exists from what does not. Nobody meets a fault of ours.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from uuid import uuid4
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lms.core.web import Bilim, guards, public
from lms.oauth import guard as oauth_guard
from lms.signin.roles import PLATFORM_ADMINISTRATOR, Role
from tests.architecture import two_houses
from tests.architecture.test_house import ROOT, modules
from tests.architecture.two_houses import Houses
from tests.conftest import application, make_settings
from tests.platform import running
from tests.security import headers as security

PLAIN = {
    "slug": "roads",
    "unit": "rd1",
    "part": "rd1",
    "_part": "rd1",
    "deed": "revoke",
    "decision": "disable",
    "name": "a.png",
    "purpose": "revocation",
    "language": "en",
    "kind": "pdf",
    "token": "invented",
    "secret": "invented",
    "kid": "invented",
    "achievement_id": "invented",
    "what": "offered",
    "unit_slug": "01-repair",
    "node_id": "invented",
    "digest": "0" * 64,
    "file": "road.svg",
    "filename": "bilim.css",
}
"""Arguments of addresses that name nothing that belongs to anybody."""
FOR_ALL_AGENCIES = {"bureau_calls.one", "bureau_calls.nominee", "bureau_calls.nominate"}
"""A call asks every agency of the country for nominees; each agency reads the names of its own only."""
TAKES_ITS_TIME = {
    "lti_doctor.look",
    "certificate_templates.preview",
    "certificate_templates.preview_file",
    "certificate_templates.try_it",
}
"""It asks a platform or lays pages out, which has tests of its own; walked by strangers only."""
ASKED_TWICE = {"works.take_back"}
"""What is gone may be taken back again: the answer is the same, whosever it was."""
WITHOUT_OUR_TOKEN = {
    "certificate_batches",
    "certificates",
    "completions",
    "lti",
    "lti_notices",
    "lti_registration",
    "mail.decide",
    "oauth",
    "public_certificates.verify_credential",
    "public_certificates.verify_file",
    "public_certificates.verify_from_anywhere",
    "staff.callback",
    "training",
    "xroad",
}
"""What others send: platforms, programs, providers and our Security Server prove themselves; a mail's link and a verification need no session."""
KEYS = "public keys, and who uses them"
OFFLINE = "parts of the page for machines without a network; names nobody"
ASKED = "by the program that asked, which has to ask each time whether it still holds"
BY_CODE = "for a minute: whoever has the code reads the same"
MAY_BE_KEPT = {
    "certificates.verify_by_hash": ASKED,
    "certificates.verify_by_number": ASKED,
    "certificates.verify_certificate": ASKED,
    "plans.cohorts_of_plans": ASKED,
    "plans.plans_with_quotas": ASKED,
    "records.changes_since": ASKED,
    "records.completed_records": ASKED,
    "credentials.did": KEYS,
    "credentials.key_set": KEYS,
    "credentials.profile": KEYS,
    "lti.jwks": KEYS,
    "network.ours": KEYS,
    "oauth.key_set": KEYS,
    "oauth.metadata": KEYS,
    "public_certificates.receipt_keys": KEYS,
    "register_heads.head_keys": KEYS,
    "register_heads.heads": "signed ends of the chain, to be kept",
    "offline.all_words": OFFLINE,
    "offline.list_of_today": OFFLINE,
    "offline.page": OFFLINE,
    "offline.register_keys": OFFLINE,
    "offline.scanned": OFFLINE,
    "offline.script": OFFLINE,
    "offline.worker": OFFLINE,
    "public_certificates.scanned": BY_CODE,
    "public_certificates.verdict": BY_CODE,
    "static": "files of the shell",
}
"""By browsers or by whoever stands between. Everything else is never kept."""
COOKIE_FOR_A_FORM = {
    "staff.link": "its button needs the token of a form",
    "staff.sign_out": "takes the cookie back",
}
"""Open to all, and still with a cookie."""
AS_OFTEN_AS_ONE_LIKES = {
    "lti.arrive",
    "lti.prove",
    "lti.take_over",
    "staff.sign_out",
}
"""The first three use up what the limited login made; whoever signs out ends nobody's session but their own."""


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Houses]:
    folder = tmp_path_factory.mktemp("walk")
    path = shutil.copy(sqlite_template, folder / "walk.sqlite3")
    with application(make_settings(folder, f"sqlite:///{path}")) as app:
        app.config["WTF_CSRF_ENABLED"] = False
        with running() as platform:
            yield two_houses.build(app, platform)


def routes(app: Bilim, *prefixes: str) -> list[tuple[Rule, str]]:
    """Each route below these prefixes with each of its methods, GET first."""
    found = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(prefixes)
    ]
    return sorted(found, key=lambda each: (each[1], each[0].rule))


def path_of(rule: Rule, ids: Mapping[str, str], *, unknown: bool = False) -> str:
    """An address with what really exists; or, for what belongs to somebody, with what never did."""
    blueprint = rule.endpoint.rpartition(".")[0]

    def _value(match: re.Match[str]) -> str:
        kind, name = match[1], match[2]
        if kind.startswith("int:"):
            return "999999" if unknown and name in ids else ids.get(name, "1")
        known = ids.get(f"{blueprint}.{name}") or ids.get(name)
        if name != "launch" and known and unknown:
            return str(uuid4())
        return known or PLAIN.get(name) or f"-{name}-"

    path: str = re.sub(r"<((?:[^:<>]+:)?)([^<>]+)>", _value, rule.rule)
    return path


def belongs_to_somebody(rule: Rule, ids: Mapping[str, str]) -> bool:
    """Whether an address names something of an organisation or a person."""
    blueprint = rule.endpoint.rpartition(".")[0]
    return any((f"{blueprint}.{name}" in ids or name in ids) for name in rule.arguments - {"launch"})


def ask(browser: FlaskClient, path: str, method: str, **headers: str) -> TestResponse:
    """One request. An exception that nobody caught is what the walk looks for."""
    sent = {"Accept": "application/json", "Accept-Language": "en", **headers}
    answer = browser.open(path, method=method, data={} if method == "POST" else None, headers=sent)
    _look_at_headers(browser.application, answer, path, method)
    return answer


def _look_at_headers(app: Flask, answer: TestResponse, path: str, method: str) -> None:
    """Noted for the test at the end: every answer of the walk is looked at, and none is asked for twice."""
    endpoint, _arguments = app.url_map.bind("localhost").match(path, method)
    guard = guards(app).get(endpoint.rpartition(".")[0] or endpoint)
    LOOKED_AT.add((endpoint, method))
    MISSING_IN_HEADERS.update(
        security.faults(
            answer,
            path=f"{method} {endpoint}",
            may_be_framed=path.startswith(("/s/", "/lti/")),
            may_be_kept=endpoint in MAY_BE_KEPT,
            may_set_cookies=guard is not public or endpoint in COOKIE_FOR_A_FORM,
        )
    )


def said(answer: TestResponse, path: str) -> tuple[int, str]:
    """An answer without what differs each time: the address itself and the number of the request."""
    body = answer.get_json(silent=True)
    words = (
        {key: body[key] for key in ("code", "detail") if key in body} if isinstance(body, dict) else words_of(answer)
    )
    return answer.status_code, str(words).replace(path, "")


def names_in(answer: TestResponse) -> list[str]:
    words = words_of(answer)
    return [name for name in two_houses.SECRET_NAMES if name in words]


def words_of(answer: TestResponse) -> str:
    """A page, or what stands in the members of a spreadsheet or an archive."""
    data: bytes = answer.data
    if not data.startswith(b"PK"):
        return data.decode(errors="replace")
    with ZipFile(BytesIO(data)) as archive:
        return " ".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


LOOKED_AT: set[tuple[str, str]] = set()
MISSING_IN_HEADERS: set[str] = set()


def test_every_address_of_something_is_walked_with_something_real(houses: Houses) -> None:
    known = {*PLAIN, *(name.rpartition(".")[2] for name in houses.ids)}
    unwalked = {
        f"{rule.rule}: <{name}>"
        for rule in houses.app.url_map.iter_rules()
        for name in rule.arguments - known
        if f"<int:{name}>" not in rule.rule
    }

    assert unwalked == set(), "make one in tests/architecture/two_houses.py, or list it in PLAIN if it is nobody's"


@pytest.mark.parametrize("role", [role for role in Role if role is not PLATFORM_ADMINISTRATOR])
def test_to_staff_of_another_organisation_nothing_of_the_first_exists(houses: Houses, role: Role) -> None:
    browser = houses.staff(role, houses.second)
    faults = []
    for rule, method in routes(houses.app, "/admin/", "/bureau/"):
        path = path_of(rule, houses.ids)
        answer = ask(browser, path, method)
        where = f"{method} {rule.rule}: {answer.status_code}"
        if names_in(answer):
            faults.append(f"{where} tells {names_in(answer)}")
        if answer.status_code >= 500:
            faults.append(where)
        if belongs_to_somebody(rule, houses.ids) and rule.endpoint not in FOR_ALL_AGENCIES:
            if answer.status_code not in (403, 404):
                faults.append(where)
            if "role-missing" in answer.text:
                continue  # said before anything is looked up
            nowhere = path_of(rule, houses.ids, unknown=True)
            there, not_there = said(answer, path), said(ask(browser, nowhere, method), nowhere)
            if there != not_there:
                faults.append(f"{where} differs from what is not there: {there} {not_there}")

    assert faults == [], "\n".join(faults)


def test_no_form_is_taken_without_the_token_of_its_page(houses: Houses) -> None:
    houses.app.config["WTF_CSRF_ENABLED"] = True
    browsers = {"/s/": houses.visitors["trainee"].browser, "/": houses.staff(PLATFORM_ADMINISTRATOR, None)}
    taken = set()
    try:
        for rule, method in routes(houses.app, "/"):
            if method == "POST":
                browser = browsers["/s/" if rule.rule.startswith("/s/") else "/"]
                answer = ask(browser, path_of(rule, houses.ids), method)
                if (answer.status_code, "form-expired" in answer.text) != (400, True):
                    taken.add(rule.endpoint)
    finally:
        houses.app.config["WTF_CSRF_ENABLED"] = False

    assert {name for name in taken if not {name, name.rpartition(".")[0]} & WITHOUT_OUR_TOKEN} == set()
    assert {name for name in WITHOUT_OUR_TOKEN if not any(each.startswith(name) for each in taken)} == set()


def test_whoever_sends_something_without_signing_in_is_counted(houses: Houses) -> None:
    uncounted = {
        rule.endpoint
        for rule, method in routes(houses.app, "/")
        if method == "POST" and guards(houses.app).get(rule.endpoint.rpartition(".")[0]) is public
        if not hasattr(houses.app.view_functions[rule.endpoint], "rate")
    }

    assert uncounted == AS_OFTEN_AS_ONE_LIKES


def test_spreadsheets_are_made_where_no_text_becomes_a_formula() -> None:
    makers = re.compile(r"^(?:import|from) (?:csv|openpyxl|xlsxwriter)\b|<worksheet", re.M)
    found = {
        str(path.relative_to(ROOT)): "workbooks.harmless" in text
        for path in modules()
        if makers.search(text := path.read_text("utf-8"))
    }

    assert found.pop("lms/core/workbooks.py") is False, "it is the one place"
    assert {name for name, is_harmless in found.items() if not is_harmless} == set()


def test_nobody_passes_a_page_of_staff_without_signing_in(houses: Houses) -> None:
    browser = houses.app.test_client()

    answers = {
        f"{method} {rule.rule}": ask(browser, path_of(rule, houses.ids), method).status_code
        for rule, method in routes(houses.app, "/admin/", "/bureau/")
    }

    assert set(answers.values()) == {401}
    assert ask(browser, "/admin/", "GET", Accept="text/html").status_code == 303


@pytest.mark.parametrize(("who", "status"), [("trainee", 403), ("teacher", 403)])
def test_a_launch_belongs_to_the_browser_that_launched(houses: Houses, who: str, status: int) -> None:
    thief = houses.visitors[f"other {who}"].browser
    prefix = houses.visitors[who].prefix.rpartition("/")[2]

    answers = {
        f"{method} {rule.rule}": ask(thief, path_of(rule, {**houses.ids, "launch": prefix}), method)
        for rule, method in routes(houses.app, "/s/")
    }

    assert {where: answer.status_code for where, answer in answers.items() if answer.status_code != status} == {}
    assert [where for where, answer in answers.items() if names_in(answer)] == []


@pytest.mark.parametrize("who", ["other trainee", "other teacher"])
def test_in_another_course_nothing_of_this_one_exists(houses: Houses, who: str) -> None:
    visitor = houses.visitors[who]
    ids = {**houses.ids, "launch": visitor.prefix.rpartition("/")[2]}
    faults = []
    for rule, method in routes(houses.app, "/s/"):
        path = path_of(rule, ids)
        answer = ask(visitor.browser, path, method)
        where = f"{method} {rule.rule}: {answer.status_code}"
        if names_in(answer) or two_houses.WORK in words_of(answer):
            faults.append(f"{where} tells {names_in(answer)}")
        if answer.status_code >= 500:
            faults.append(where)
        if belongs_to_somebody(rule, ids):
            if answer.status_code not in (403, 404) and rule.endpoint not in ASKED_TWICE:
                faults.append(where)
            if "instructors-only" in words_of(answer):
                continue  # said before anything is looked up
            nowhere = path_of(rule, ids, unknown=True)
            there, not_there = said(answer, path), said(ask(visitor.browser, nowhere, method), nowhere)
            if there != not_there:
                faults.append(f"{where} differs from what is not there: {there} {not_there}")

    assert faults == [], "\n".join(faults)


def test_a_trainee_passes_no_page_of_instructors(houses: Houses) -> None:
    visitor = houses.visitors["trainee"]

    answers = {
        f"{method} {rule.rule}": ask(visitor.browser, path_of(rule, houses.ids), method).status_code
        for rule, method in routes(houses.app, "/s/<launch>/teach")
    }

    assert set(answers.values()) == {403}


def test_a_program_of_another_organisation_reads_nothing_of_the_first(houses: Houses) -> None:
    bearer = {"Authorization": f"Bearer {houses.tokens['second']}"}
    public_by_code = {"code", "number", "sha256"}
    faults = []
    for rule, method in routes(houses.app, "/api/v1/"):
        if guards(houses.app).get(rule.endpoint.rpartition(".")[0]) is not oauth_guard.admit:
            continue
        path = path_of(rule, houses.ids)
        answer = ask(houses.app.test_client(), path, method, **bearer)
        where = f"{method} {rule.rule}: {answer.status_code}"
        if answer.status_code >= 500 or (names_in(answer) and not rule.arguments & public_by_code):
            faults.append(where)
        if belongs_to_somebody(rule, houses.ids) and not rule.arguments & public_by_code:
            nowhere = path_of(rule, houses.ids, unknown=True)
            not_there = said(ask(houses.app.test_client(), nowhere, method, **bearer), nowhere)
            if answer.status_code != 404 or said(answer, path) != not_there:
                faults.append(where)

    assert faults == [], "\n".join(faults)


@pytest.mark.parametrize("who", ["nobody", "without scope"])
def test_no_view_of_the_api_answers_without_a_token_for_it(houses: Houses, who: str) -> None:
    headers = {} if who == "nobody" else {"Authorization": "Bearer invented"}

    answers = {
        f"{method} {rule.rule}": ask(houses.app.test_client(), path_of(rule, houses.ids), method, **headers).status_code
        for rule, method in routes(houses.app, "/api/v1/")
        if guards(houses.app).get(rule.endpoint.rpartition(".")[0]) is oauth_guard.admit
    }

    assert set(answers.values()) == {401}


def test_to_everybody_but_the_security_server_the_service_for_the_state_is_not_there(houses: Houses) -> None:
    browsers = [houses.app.test_client(), houses.staff(PLATFORM_ADMINISTRATOR, None)]

    answers = {
        ask(browser, path_of(rule, houses.ids), method, **{"X-Road-Client": "KG/GOV/1/HR"}).status_code
        for browser in browsers
        for rule, method in routes(houses.app, "/xroad/v1/")
    }

    assert answers == {404}


def test_what_is_open_to_all_names_nobody_and_breaks_nowhere(houses: Houses) -> None:
    browser, faults = houses.app.test_client(), []
    shown_by_code = {"code", "token"}
    for rule, method in routes(houses.app, "/"):
        if guards(houses.app).get(rule.endpoint.rpartition(".")[0] or rule.endpoint) is not public:
            continue
        answer = ask(browser, path_of(rule, houses.ids), method)
        if answer.status_code >= 500 and rule.endpoint != "health.ready":
            faults.append(f"{method} {rule.rule}: {answer.status_code}")
        if names_in(answer) and not rule.arguments & shown_by_code:
            faults.append(f"{method} {rule.rule} tells {names_in(answer)}")

    assert faults == [], "\n".join(faults)


@pytest.mark.parametrize(
    "role", [PLATFORM_ADMINISTRATOR, Role.ACADEMY_ADMINISTRATOR, Role.BUREAU_OFFICER, Role.HOST_COORDINATOR]
)
def test_in_ones_own_organisation_no_page_breaks(houses: Houses, role: Role) -> None:
    """Behind the strangers, because what is sent here does something: buttons are pressed without filling in any form."""
    browser, faults = houses.staff(role, houses.first), []
    for rule, method in routes(houses.app, "/admin/", "/bureau/"):
        if rule.endpoint in TAKES_ITS_TIME:
            continue
        answer = ask(browser, path_of(rule, houses.ids), method)
        if answer.status_code >= 500:
            faults.append(f"{method} {rule.rule}: {answer.status_code}")

    assert faults == [], "\n".join(faults)


@pytest.mark.parametrize("who", ["teacher", "trainee"])
def test_in_ones_own_course_no_page_breaks(houses: Houses, who: str) -> None:
    visitor, faults = houses.visitors[who], []
    ids = {**houses.ids, "launch": visitor.prefix.rpartition("/")[2]}
    for rule, method in routes(houses.app, "/s/"):
        answer = ask(visitor.browser, path_of(rule, ids), method)
        if answer.status_code >= 500:
            faults.append(f"{method} {rule.rule}: {answer.status_code}")

    assert faults == [], "\n".join(faults)


def test_every_answer_of_every_route_has_its_headers_and_its_cookies(houses: Houses) -> None:
    """At the end, because it looks at what the others were answered."""
    everything = {(rule.endpoint, method) for rule, method in routes(houses.app, "/")}
    for rule, method in routes(houses.app, "/"):
        if (rule.endpoint, method) not in LOOKED_AT:
            ask(houses.app.test_client(), path_of(rule, houses.ids), method)

    assert everything - LOOKED_AT == set()
    assert set(MAY_BE_KEPT) - {endpoint for endpoint, _method in LOOKED_AT} == set()
    assert sorted(MISSING_IN_HEADERS) == [], "\n".join(sorted(MISSING_IN_HEADERS))
