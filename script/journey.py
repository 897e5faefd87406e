"""Walks one person through all of it over HTTP, as browsers without script would, and says how long each step took.

A trainee learns, answers and writes; an instructor grades; the grade reaches the gradebook; a certificate is issued; and
strangers verify it, by page and by program. Any step that does not end as it should stops the walk.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import requests

from lms.sandbox import demo
from script import answers
from script.browser import Browser, Fields, Page

MODULE = "public-management"
REPORTED_MODULE = "e-government"
PATIENCE_SECONDS = 30
NAME = {"Cyrl": "Өрнөкова Жаңылгүл", "Latn": "Ornokova Zhangylgul"}
SENTENCE = "Бул текст текшерүү үчүн гана жазылган жана эч кимдин оюн билдирбейт. "


class Failed(Exception):
    """A step did not end as it should."""


@dataclass
class Journey:
    """What the walk remembers from one step to the next."""

    tool: str
    sandbox: str
    trainee: Browser = field(default_factory=Browser)
    instructor: Browser = field(default_factory=Browser)
    stranger: Browser = field(default_factory=Browser)
    administrator: Browser = field(default_factory=Browser)
    module_url: str = ""
    code: str = ""
    document: bytes = b""


def walk(tool: str, sandbox: str) -> int:
    """0 if every step worked, else 1."""
    journey = Journey(tool, sandbox)
    started = time.monotonic()
    for words, step in STEPS:
        begun = time.monotonic()
        try:
            step(journey)
        except (Failed, LookupError, requests.RequestException) as error:
            print(f"FAILED  {words}: {error}", flush=True)
            return 1
        print(f"{time.monotonic() - begun:6.2f} s  {words}", flush=True)
    print(f"{time.monotonic() - started:6.2f} s  the whole journey", flush=True)
    return 0


def open_the_address(journey: Journey) -> None:
    """The first page offers its doors."""
    page = _good(journey.stranger.open(f"{journey.tool}/"))
    for door in ("person=trainee-1", "person=instructor", "/verify"):
        page.link(door)


def launch_the_module(journey: Journey) -> None:
    """The sandbox's course page launches the module in its frame."""
    page = launch(journey, journey.trainee, "trainee-1", MODULE)
    journey.module_url = page.url
    _expect("/s/" in page.url and page.url.endswith(f"/learn/{MODULE}"), f"landed on {page.url}")


def read_the_units(journey: Journey) -> None:
    """Each section of each unit that is written, one page after the other."""
    for unit in answers.units(MODULE):
        page = _good(journey.trainee.open(f"{journey.module_url}/{unit}/1"))
        while urlsplit(page.url).path.split("/")[-1].isdigit():
            page = _good(journey.trainee.send(page.form(), page.form().filled()))
        _expect(page.url.endswith("/test"), f"reading {unit} ended on {page.url}")


def fail_a_test(journey: Journey) -> None:
    """No answers, no points; the result says so and the test can be taken again."""
    unit = answers.units(MODULE)[0]
    _begin_test(journey, unit)
    page = _finish_test(journey, unit)
    _expect("/result/1" in page.url, f"ended on {page.url}")


def pass_the_tests(journey: Journey) -> None:
    """The right answers, one question a page, in each unit; the first test for the second time."""
    for unit in answers.units(MODULE):
        page = _begin_test(journey, unit)
        while urlsplit(page.url).path.split("/")[-1].isdigit():
            given: Fields = [("csrf_token", dict(page.form().values)["csrf_token"])]
            page = _good(journey.trainee.send(page.form(), given + answers.answer_on(page.text, MODULE, unit)))
        page = _finish_test(journey, unit)
        _expect("100 %" in page.text, f"the test of {unit} was not answered rightly")


def submit_the_work(journey: Journey) -> None:
    """The written task."""
    page = _good(journey.trainee.open(f"{journey.module_url}/assignment"))
    text = SENTENCE * 70
    _good(journey.trainee.send(page.form(), page.form().filled(text=text, action="submit")))


def grade_the_work(journey: Journey) -> None:
    """The instructor finds the text that waits and marks it."""
    page = launch(journey, journey.instructor, "instructor", MODULE)
    work = _good(journey.instructor.open(page.link("/work/")))
    _good(journey.instructor.send(work.form(), work.form().filled(percent="80", comment="Жакшы иш.")))


def wait_for_the_gradebook(journey: Journey) -> None:
    """The score arrives at the LMS by itself."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        for row in requests.get(f"{journey.sandbox}/grades.json", timeout=10).json():
            if row.get("person") == "trainee-1" and row.get("module") == MODULE and row.get("score") is not None:
                return
        time.sleep(0.2)
    raise Failed("no score in the gradebook")


def confirm_the_name(journey: Journey) -> None:
    """The holder sees how the name will look and says that it is right."""
    certificate = _certificate_page(journey)
    page = _good(journey.trainee.open(certificate.link("/name")))
    preview = _good(journey.trainee.send(page.form("/name"), page.form("/name").filled(**NAME)))
    _good(journey.trainee.send(preview.form("/name"), [*preview.form("/name").filled(), ("is-right", "yes")]))


def fetch_the_certificate(journey: Journey) -> None:
    """The sealed file, as soon as it is made."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        page = _certificate_page(journey)
        if any("/file" in link for link in page.links):
            break
        time.sleep(0.3)
    journey.code = urlsplit(page.link("/v/")).path.rsplit("/", 1)[-1]
    journey.document = _good(journey.trainee.open(page.link("/file"))).content
    _expect(journey.document.startswith(b"%PDF-"), "the file is no PDF")


def verify_by_code(journey: Journey) -> None:
    """Anybody who was given the code; typed with hyphens and in small letters."""
    page = _good(journey.stranger.open(f"{journey.tool}/v/{journey.code.lower()}"))
    _expect(NAME["Cyrl"] in page.text and 'class="verdict valid"' in page.text, "the register does not know the code")
    _expect("80 %" not in page.text, "the result is shown to strangers")


def verify_an_unknown_code(journey: Journey) -> None:
    """A code with a wrong check symbol opens nothing."""
    last = "2" if journey.code.endswith("3") else "3"
    page = journey.stranger.open(f"{journey.tool}/v/{journey.code[:-1]}{last}")
    _expect(NAME["Cyrl"] not in page.text and 'class="verdict valid"' not in page.text, "a wrong code was accepted")


def verify_the_file(journey: Journey) -> None:
    """The file as it was issued is genuine."""
    page = _upload(journey, journey.document)
    _expect('class="verdict genuine"' in page.text or 'class="verdict valid"' in page.text, "the file is not genuine")


def verify_an_altered_file(journey: Journey) -> None:
    """One changed byte is found."""
    middle = len(journey.document) // 3
    changed = bytes([journey.document[middle] ^ 1])
    page = _upload(journey, journey.document[:middle] + changed + journey.document[middle + 1 :])
    _expect('class="verdict altered"' in page.text, "the altered file was not found out")


def report_by_program(journey: Journey) -> None:
    """A course module's own server reports a completion, twice; the second time changes nothing."""
    launch(journey, Browser(), "trainee-2", REPORTED_MODULE)
    person = _person_id(journey)
    report = {
        "issuer": journey.sandbox,
        "client_id": "bilim-demo",
        "user_id": person,
        "module": REPORTED_MODULE,
        "score_percent": 91,
        "completed_at": "2026-03-02T17:40:00+06:00",
    }
    headers = {"Authorization": f"Bearer {_token(journey, 'completions:write')}"}
    statuses = [
        requests.post(f"{journey.tool}/api/v1/completions", json=report, headers=headers, timeout=10).status_code
        for _attempt in range(2)
    ]
    _expect(statuses == [201, 200], f"answered {statuses}")


def verify_by_program(journey: Journey) -> None:
    """The bureau's system asks for the same certificate."""
    headers = {"Authorization": f"Bearer {_token(journey, 'certificates:read')}"}
    answer = requests.get(f"{journey.tool}/api/v1/certificates/{journey.code}", headers=headers, timeout=10)
    _expect(answer.status_code == 200 and answer.json()["verdict"] == "valid", f"answered {answer.status_code}")


def administer(journey: Journey) -> None:
    """An administrator signs in at the sandbox's sign-in service, opens the list of staff, and signs out."""
    browser = journey.administrator
    answer = _good(browser.open(f"{journey.sandbox}/staff/enter?person=platform-administrator")).form("/staff/callback")
    page = _good(browser.send(answer, answer.filled()))
    _expect(page.url.endswith("/admin/"), f"landed on {page.url}")
    way_out = _good(browser.open(f"{journey.tool}/admin/staff/")).form("/staff/sign-out")
    browser.send(way_out, way_out.filled())
    closed = _good(browser.open(f"{journey.tool}/admin/staff/"))
    _expect("/staff/sign-in?next=" in closed.url, f"still open: {closed.url}")


STEPS: tuple[tuple[str, Callable[[Journey], None]], ...] = (
    ("the first page offers its doors", open_the_address),
    ("the LMS launches the module", launch_the_module),
    ("the trainee reads all units", read_the_units),
    ("a test without answers is not passed", fail_a_test),
    ("it is taken again, and all tests are passed", pass_the_tests),
    ("the written work is submitted", submit_the_work),
    ("the instructor grades it", grade_the_work),
    ("the grade stands in the LMS gradebook", wait_for_the_gradebook),
    ("the holder confirms the name", confirm_the_name),
    ("the sealed certificate is there", fetch_the_certificate),
    ("a stranger verifies it by its code", verify_by_code),
    ("a wrong code opens nothing", verify_an_unknown_code),
    ("the file is genuine", verify_the_file),
    ("an altered file is found out", verify_an_altered_file),
    ("a program reports a completion, once", report_by_program),
    ("a program verifies the certificate", verify_by_program),
    ("an administrator signs in and out", administer),
)


def launch(journey: Journey, browser: Browser, person: str, module: str) -> Page:
    """Open a module from the sandbox's course page, through all the forms that a browser would send by itself."""
    course = _good(browser.open(f"{journey.sandbox}/enter?person={person}&module={module}"))
    page = browser.open(course.frames[0])
    for _hop in range(6):
        page = _good(page)
        onward = [form for form in page.forms if _is_launch_step(form.action)]
        if not onward:
            return page
        page = browser.send(onward[0], onward[0].filled())
    raise Failed(f"the launch does not end; last seen {urlsplit(page.url).path}")


def _is_launch_step(action: str) -> bool:
    return urlsplit(action).path in ("/lti/login", "/lti/launch", "/oidc/authorize")


def _begin_test(journey: Journey, unit: str) -> Page:
    """The first question."""
    page = _good(journey.trainee.open(f"{journey.module_url}/{unit}/test"))
    if not page.url.rsplit("/", 1)[-1].isdigit():
        page = _good(journey.trainee.send(page.form(), page.form().filled()))
    return page


def _finish_test(journey: Journey, unit: str) -> Page:
    page = _good(journey.trainee.open(f"{journey.module_url}/{unit}/test"))
    return _good(journey.trainee.send(page.form("/finish"), page.form("/finish").filled()))


def _certificate_page(journey: Journey) -> Page:
    address = journey.module_url.replace("/learn/", "/certificates/")
    return _good(journey.trainee.open(address))


def _upload(journey: Journey, document: bytes) -> Page:
    page = _good(journey.stranger.open(f"{journey.tool}/verify"))
    form = page.form("/verify/pdf")
    return journey.stranger.send(
        form, form.filled(), files={form.files[0]: ("certificate.pdf", document, "application/pdf")}
    )


def _person_id(journey: Journey) -> str:
    """The platform's id of the second trainee, which a module's own server knows from its own launch."""

    found = demo.person("trainee-2")
    if found is None:
        raise Failed("the sandbox has no second trainee")
    return found.uuid


def _token(journey: Journey, scope: str) -> str:
    client = json.loads((Path(os.environ["BILIM_INSTANCE"]) / "oauth-client.json").read_text())
    answer = requests.post(
        f"{journey.tool}/oauth/token",
        data={"grant_type": "client_credentials", "scope": scope},
        auth=(client["client_id"], client["client_secret"]),
        timeout=10,
    )
    _expect(answer.status_code == 200, f"the token endpoint answered {answer.status_code}")
    token: str = answer.json()["access_token"]
    return token


def _good(page: Page) -> Page:
    _expect(page.status == 200, f"{urlsplit(page.url).path} answered {page.status}")
    return page


def _expect(is_true: bool, otherwise: str) -> None:
    if not is_true:
        raise Failed(otherwise)


if __name__ == "__main__":
    sys.exit(walk(os.environ["BILIM_PUBLIC_URL"], os.environ["BILIM_SANDBOX_URL"]))
