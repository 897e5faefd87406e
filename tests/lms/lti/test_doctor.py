"""The check-up of a platform, against the sandbox over real sockets: each thing that can be wrong is found, its cure told."""

import json
import re
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from werkzeug.serving import make_server

from lms.core import audit, clock, jobs
from lms.core import keys as signing_keys
from lms.core.db import db, transaction
from lms.core.i18n import use_language
from lms.core.web import Bilim
from lms.lti import doctor, nrps_update, platforms
from lms.lti.findings import Report
from lms.lti.models import Context, Deployment, Registration, ResourceLink
from lms.lti.platforms import cures
from lms.signin.roles import Role
from tests.answering import answering
from tests.conftest import application, make_settings
from tests.lms.sandbox.live import LiveSandbox, Visitor, start_sandbox
from tests.platform import public_jwk, rsa_key, running
from tests.staff import csrf_token, sign_in

SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
UNKNOWN = "https://lms.academy.example/scope/unknown"
NOWHERE = "http://127.0.0.1:9/"
ROOT = Path(__file__).resolve().parents[3]
_numbers = count(1)


@dataclass
class Patient:
    """One registration of the tool at the sandbox; ``set`` spoils it."""

    app: Bilim
    sandbox: LiveSandbox
    client_id: str
    id: str

    def set(self, **values: object) -> None:
        """Change what the tool knows of the platform."""
        with transaction():
            db.session.execute(update(Registration).filter_by(id=self.id).values(**values))

    def launch(self) -> None:
        """A trainee opens a module."""
        visitor = Visitor(self.sandbox.url)
        path = f"/launch/e-government?target=window&client={self.client_id}&deployment=1"
        login = visitor.send(visitor.open("trainee-1", path))
        answer = visitor.send(visitor.authorize(login.headers["Location"]))
        assert answer.status_code == 303, answer.text

    def report(self) -> Report:
        """A check-up now."""
        return doctor.look_at(self.id)

    def found(self) -> dict[str, str]:
        """The severity of each finding, by its code."""
        return {finding.code: str(finding.severity) for finding in self.report().findings}

    def facts(self, code: str) -> dict[str, Any]:
        """Behind one finding."""
        return dict(next(finding.facts for finding in self.report().findings if finding.code == code))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[tuple[Bilim, LiveSandbox]]:
    """A tool at an address of its own, and a platform. One for all tests here: each has a registration of its own."""
    folder = tmp_path_factory.mktemp("doctor")
    shutil.copy(sqlite_template, folder / "bilim.sqlite3")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    made = make_settings(folder, f"sqlite:///{folder / 'bilim.sqlite3'}")
    settings = replace(made, public_url=f"http://localhost:{port}")
    with application(settings) as app, start_sandbox(settings) as sandbox:
        server = make_server("127.0.0.1", port, app, threaded=True)
        with transaction():
            signing_keys.add("lti", "RS256", active_from=clock.now() - timedelta(hours=1))
        with answering(server):
            yield app, sandbox


@pytest.fixture
def patient(house: tuple[Bilim, LiveSandbox]) -> Iterator[Patient]:
    app, sandbox = house
    client_id = f"patient-{next(_numbers)}"
    sandbox.clear()
    sandbox.add_client(client_id)
    known = sandbox.registration
    with transaction():
        addresses = {name: known[name] for name in ("issuer", "auth_url", "token_url", "jwks_url")}
        row = Registration(client_id=client_id, **addresses)
        db.session.add(row)
        db.session.flush()
        db.session.add(Deployment(registration_id=row.id, deployment_id="1", is_approved=True))
    patient = Patient(app, sandbox, client_id, row.id)
    yield patient
    sandbox.clear()
    patient.set(state="deleted")
    with transaction():
        db.session.execute(delete(jobs.Job))


def test_a_platform_that_works_is_healthy(patient: Patient) -> None:
    patient.launch()

    report = patient.report()

    assert report.is_healthy
    assert {finding.code: str(finding.severity) for finding in report.findings} == {
        "platform-active": "good",
        "deployments-approved": "good",
        "launch-last": "good",
        "grades-granted": "good",
        "scores-sent": "good",
        "keys-good": "good",
        "token-good": "good",
        "clock-agrees": "good",
        "own-address-plain": "attention",
        "own-keys-good": "good",
    }


# Its keys


def test_keys_that_the_platform_does_not_give_now_are_found(patient: Patient) -> None:
    patient.sandbox.arm("jwks-503")

    assert patient.found()["keys-refused"] == "problem"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (NOWHERE, "keys-unreachable"),
        ("http://lms.academy.example/keys", "keys-address-refused"),
        ("https://10.0.0.1/keys", "keys-address-refused"),
    ],
)
def test_an_address_of_keys_that_does_not_answer_or_may_not_be_called(
    patient: Patient, address: str, code: str
) -> None:
    patient.set(jwks_url=address)

    assert patient.found()[code] == "problem"


def test_a_page_in_the_place_of_keys(patient: Patient) -> None:
    patient.set(jwks_url=f"{patient.sandbox.url}/")

    assert patient.found()["keys-not-json"] == "problem"


def test_keys_without_an_id(patient: Patient) -> None:
    with running() as other:
        other.keys = [public_jwk(rsa_key())]
        patient.set(jwks_url=f"{other.url}/jwks")

        assert patient.found()["keys-without-id"] == "problem"


def test_keys_that_prove_nothing_by_the_registered_algorithm(patient: Patient) -> None:
    patient.set(algorithms="ES256")

    assert patient.found()["keys-unusable"] == "problem"


# A token


@pytest.mark.parametrize(
    ("fault", "code"),
    [("token-503", "token-unavailable"), ("token-429", "token-unavailable"), ("token-html-404", "token-not-json")],
)
def test_a_token_service_that_fails(patient: Patient, fault: str, code: str) -> None:
    patient.sandbox.arm(fault)

    assert patient.found()[code] == "problem"


def test_a_client_id_that_the_platform_does_not_know(patient: Patient) -> None:
    patient.set(client_id=f"another-{patient.client_id}")

    found = patient.found()

    assert found["token-client-refused"] == "problem"
    assert "token-audience-refused" not in found


def test_an_audience_that_the_platform_does_not_take_is_told_apart_from_a_wrong_client(patient: Patient) -> None:
    patient.sandbox.set_quirk("brightspace-audience")

    before = patient.found()
    patient.set(family_override="desire2learn")

    assert before["token-audience-refused"] == "problem"
    assert "token-client-refused" not in before
    assert patient.found()["token-good"] == "good"


def test_a_wrong_audience_is_found_with_the_one_that_is_taken(patient: Patient) -> None:
    patient.set(token_audience="https://tokens.academy.example")

    facts = patient.facts("token-audience-refused")

    assert (facts["audience"], facts["takes"]) == (
        "https://tokens.academy.example",
        patient.sandbox.registration["token_url"],
    )


@pytest.mark.parametrize(
    ("scopes", "code"), [([UNKNOWN], "token-scope-refused"), ([SCORE, UNKNOWN], "token-scope-smaller")]
)
def test_scopes_that_are_not_given(patient: Patient, scopes: list[str], code: str) -> None:
    patient.set(scopes=scopes)

    assert patient.found()[code] == "problem"


def test_a_token_address_that_does_not_answer_or_may_not_be_called(patient: Patient) -> None:
    patient.set(token_url=NOWHERE)
    silent = patient.found()
    patient.set(token_url="https://10.0.0.1/token")

    assert silent["token-unreachable"] == "problem"
    assert patient.found()["token-address-refused"] == "problem"


# The clocks


@pytest.mark.parametrize(("seconds", "severity"), [(60, "attention"), (-60, "attention"), (300, "problem")])
def test_clocks_that_differ(patient: Patient, seconds: int, severity: str) -> None:
    with clock.frozen(datetime.now(UTC) + timedelta(seconds=seconds)):
        found = patient.found()

    assert found["clock-differs"] == severity


# What our records say


@pytest.mark.parametrize("state", ["pending", "disabled"])
def test_a_platform_that_is_not_open(patient: Patient, state: str) -> None:
    patient.set(state=state)

    found = patient.found()

    assert (found[f"platform-{state}"], found["token-not-asked"]) == ("problem", "note")


def test_a_deleted_platform_is_not_called(patient: Patient) -> None:
    patient.set(state="deleted", jwks_url=NOWHERE)

    found = patient.found()

    assert found["platform-deleted"] == "problem"
    assert "keys-unreachable" not in found


def test_new_values_that_wait(patient: Patient) -> None:
    patient.set(proposed={"token_url": "https://lms.academy.example/token"})

    assert patient.found()["new-values-wait"] == "attention"


def test_places_that_wait_or_were_refused(patient: Patient) -> None:
    with transaction():
        db.session.execute(update(Deployment).filter_by(registration_id=patient.id).values(is_approved=False))
        ours = {"registration_id": patient.id, "is_approved": False}
        db.session.add(Deployment(deployment_id="2", refused_at=clock.now(), **ours))

    found = patient.found()

    assert (found["deployment-none"], found["deployments-wait"]) == ("problem", "attention")
    assert patient.facts("deployments-refused") == {"deployments": ["2"]}


def test_a_platform_from_which_nobody_came(patient: Patient) -> None:
    assert patient.found()["never-launched"] == "attention"


def test_a_last_launch_of_long_ago(patient: Patient) -> None:
    patient.launch()

    with clock.frozen(datetime.now(UTC) + timedelta(days=31)):
        assert patient.found()["launch-long-ago"] == "note"


def test_refused_launches_are_counted_by_their_codes(patient: Patient) -> None:
    with transaction():
        for code in ("deployment-unknown", "expired", "expired"):
            audit.record("lti.launch-refused", subject=patient.id, actor="platform", code=code, spec="SEC 5.1.3")

    nobody_came = patient.found()
    patient.launch()

    assert nobody_came["launches-refused-only"] == "problem"
    assert patient.found()["launches-refused"] == "attention"
    assert patient.facts("launches-refused")["codes"] == {"expired": 2, "deployment-unknown": 1}
    with clock.frozen(datetime.now(UTC) + timedelta(days=8)):
        assert not {"launches-refused", "launches-refused-only"} & set(patient.found())


def test_courses_that_grant_no_grades_and_no_list(patient: Patient) -> None:
    with transaction():
        place = db.session.scalars(select(Deployment).filter_by(registration_id=patient.id)).one()
        link = {"registration_id": patient.id, "deployment_id": place.id, "resource_link_id": "47"}
        db.session.add(ResourceLink(ags_scopes=[], **link))

    found = patient.found()

    assert (found["grades-not-granted"], found["roster-not-granted"]) == ("problem", "attention")


def test_grades_that_wait_and_grades_that_need_a_person(patient: Patient) -> None:
    with transaction():
        jobs.queue("score", "one")
        jobs.queue("part-score", "two")
        db.session.execute(
            update(jobs.Job).filter_by(subject="two").values(needs_person=True, last_error="not-enrolled")
        )

    found = patient.found()

    assert (found["scores-wait"], found["scores-need-person"]) == ("attention", "attention")
    assert patient.facts("scores-need-person") == {"codes": {"not-enrolled": 1}}
    assert patient.facts("scores-wait") == {"number": 1}


def test_a_list_that_could_not_be_read(patient: Patient) -> None:
    with transaction():
        place = db.session.scalars(select(Deployment).filter_by(registration_id=patient.id)).one()
        course = Context(deployment_id=place.id, context_id="course-7")
        db.session.add(course)
        db.session.flush()
        jobs.queue(nrps_update.UPDATE, course.id)
        failed = {"needs_person": True, "last_error": "roster-not-allowed"}
        db.session.execute(update(jobs.Job).filter_by(subject=course.id).values(**failed))

    assert patient.facts("roster-updates-failed") == {"codes": {"roster-not-allowed": 1}}


# Our own address


def test_an_address_of_ours_at_which_other_keys_are_published(patient: Patient) -> None:
    ours = patient.app.extensions["bilim.settings"]

    with application(replace(ours, public_url=patient.sandbox.url)):
        elsewhere = patient.found()
    with application(replace(ours, public_url="http://127.0.0.1:9")):
        nowhere = patient.found()

    assert (elsewhere["own-keys-differ"], nowhere["own-keys-unreachable"]) == ("problem", "attention")


# The command and the page


def run(patient: Patient, *words: str) -> tuple[int, str]:
    with use_language("en"):
        result = patient.app.test_cli_runner().invoke(args=["lti", "doctor", *words])
    return result.exit_code, result.stdout + (result.stderr if result.exit_code and not result.stdout else "")


def test_the_command_says_what_is_wrong_and_ends_with_one(patient: Patient) -> None:
    patient.set(family_override="moodle", client_id=f"another-{patient.client_id}")

    code, text = run(patient, patient.id)

    assert code == 1
    assert "problem   token-client-refused: It does not know us by this client id" in text
    assert "Site administration → Plugins → Activity modules → External tool → Manage tools" in text
    assert text.endswith("not healthy\n")


def test_the_command_ends_with_zero_where_nothing_is_wrong(patient: Patient) -> None:
    code, text = run(patient, patient.id, "--json")

    told = json.loads(text)
    assert (code, told["healthy"]) == (0, True)
    (platform,) = told["platforms"]
    assert (platform["registration"], platform["client_id"]) == (patient.id, patient.client_id)
    by_code = {finding["code"]: finding for finding in platform["findings"]}
    assert by_code["token-good"]["severity"] == "good"
    assert by_code["never-launched"]["cure"].startswith("Open a module from a course")


def test_the_command_looks_at_all_platforms_and_knows_no_others(patient: Patient) -> None:
    code, text = run(patient, "--json")
    unknown, said = run(patient, "11111111-2222-3333-4444-555555555555")

    assert [each["registration"] for each in json.loads(text)["platforms"]] == [patient.id]
    assert code == 0
    assert unknown == 1
    assert "platform-not-found" in said


def test_the_page_has_a_button_that_looks_and_says_what_was_found(patient: Patient) -> None:
    browser = patient.app.test_client()
    page = f"/admin/platforms/{patient.id}/check-up"
    stranger = browser.post(page).status_code
    sign_in(browser, Role.PLATFORM_ADMINISTRATOR)
    patient.sandbox.arm("token-503")

    token = csrf_token(browser, page)
    shown = browser.post(page, data={"csrf_token": token}, headers={"Accept-Language": "en"})

    assert stranger != 200
    assert shown.status_code == 200
    assert "Something does not work" in shown.text
    assert "token-unavailable" in shown.text
    assert f'action="{page}"' in browser.get(f"/admin/platforms/{patient.id}").text


# What it says


def codes_in_use() -> set[str]:
    """Codes of findings that ask for something, read from the source."""
    text = "".join((ROOT / "lms/lti" / name).read_text("utf-8") for name in ("doctor_records.py", "doctor_calls.py"))
    direct = re.findall(r"(?:attention|problem)\(\s*(?:self\.)?row,\s*\"([a-z-]+)\"", text)
    return {*direct, *re.findall(r"\"([a-z]+-(?:address-refused|unreachable))\"", text)}


def test_every_finding_that_asks_for_something_has_a_cure_and_an_explanation() -> None:
    document = (ROOT / "docs" / "lti.md").read_text("utf-8")

    assert codes_in_use() == set(cures.FOR_ANY)
    assert sorted(code for code in cures.FOR_ANY if f"`{code}`" not in document) == []


@pytest.mark.parametrize("family", platforms.FAMILIES)
def test_a_cure_in_the_words_of_one_product_is_for_a_finding_that_exists(house: object, family: str) -> None:
    known = platforms.of("https://lms.academy.example", family)

    assert set(known.cures) <= set(cures.FOR_ANY)
    with use_language("en"):
        assert all("→" in str(cure) or "Bilim" in str(cure) or "Studio" in str(cure) for cure in known.cures.values())


def test_each_product_names_its_own_menu() -> None:
    with use_language("en"):
        told = {
            family: str(platforms.of("https://lms.academy.example", family).cure("grades-not-granted"))
            for family in ("moodle", "canvas", "blackboardlearn", "desire2learn", "open edx")
        }

    menus = ("Manage tools", "Developer Keys", "LTI Tool Providers", "Manage Extensibility", "Studio")
    assert [menu in text for menu, text in zip(menus, told.values(), strict=True)] == [True] * 5
