"""Platform storage in a real browser: a tool in a frame of another site keeps texts in the page that frames it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Frame, Page, sync_playwright
from werkzeug.serving import make_server

from lms.core.settings import Settings
from tests.answering import answering
from tests.lms.sandbox.live import LiveSandbox, start_sandbox

pytestmark = pytest.mark.journey

SEND = """([data, frame, origin]) => new Promise((resolve) => {
  const parent = window.opener || window.parent;
  const timer = setTimeout(() => resolve({silence: true}), 1500);
  window.addEventListener("message", (event) => {
    if (event.data.message_id !== data.message_id || !event.data.subject.endsWith(".response")) return;
    clearTimeout(timer);
    resolve({...event.data, origin: event.origin});
  });
  (frame ? parent.frames[frame] : parent).postMessage(data, origin);
})"""


@contextmanager
def tool_that_shows_nothing() -> Iterator[str]:
    """Any page on another site; what it says to the platform, the test says."""
    app = Flask("tool")
    app.add_url_rule("/lti/login", "login", lambda: "<!doctype html><title>tool</title>", methods=["GET", "POST"])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with answering(server):
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def platform(settings: Settings) -> Iterator[LiveSandbox]:
    with tool_that_shows_nothing() as url, start_sandbox(replace(settings, public_url=url)) as sandbox:
        yield sandbox


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


def tool_frame(page: Page, platform: LiveSandbox) -> Frame:
    """The tool inside the course page."""
    page.goto(f"{platform.url}/enter?person=trainee-1&module=e-government")
    page.wait_for_load_state("networkidle")
    found = page.frame(name="tool")
    assert found is not None
    assert "/lti/login" in found.url
    return found


def send(tool: Frame | Page, platform: LiveSandbox, frame: str = "", origin: str | None = None, **data: Any) -> Any:
    sent = {"message_id": "message-1", **data}
    return tool.evaluate(SEND, [sent, frame, platform.url if origin is None else origin])


def test_what_is_put_is_got(page: Page, platform: LiveSandbox) -> None:
    tool = tool_frame(page, platform)

    put = send(tool, platform, subject="lti.put_data", key="lti_state_1", value="one", message_id="m1")
    got = send(tool, platform, subject="lti.get_data", key="lti_state_1", message_id="m2")

    assert put == {
        "subject": "lti.put_data.response",
        "message_id": "m1",
        "key": "lti_state_1",
        "value": "one",
        "origin": platform.url,
    }
    assert (got["value"], got["message_id"]) == ("one", "m2")


def test_what_was_never_put_or_was_taken_away_is_nothing(page: Page, platform: LiveSandbox) -> None:
    tool = tool_frame(page, platform)
    send(tool, platform, subject="lti.put_data", key="key", value="one", message_id="m1")

    send(tool, platform, subject="lti.put_data", key="key", value=None, message_id="m2")

    got = [send(tool, platform, subject="lti.get_data", key=key, message_id=key)["value"] for key in ("key", "other")]
    assert got == [None, None]


def test_capabilities_are_told_to_anybody(page: Page, platform: LiveSandbox) -> None:
    told = send(tool_frame(page, platform), platform, origin="*", subject="lti.capabilities")

    subjects = [each["subject"] for each in told["supported_messages"]]
    assert subjects == ["lti.capabilities", "lti.put_data", "lti.get_data"]
    assert all("frame" not in each for each in told["supported_messages"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"subject": "lti.put_data", "value": "x"}, "bad_request"),
        ({"subject": "lti.put_data", "key": "k", "value": 7}, "bad_request"),
        ({"subject": "lti.put_data", "key": "k", "value": "x" * 5000}, "bad_request"),
        ({"subject": "lti.get_data"}, "bad_request"),
        ({"subject": "lti.moon_phase"}, "unsupported_subject"),
    ],
)
def test_what_cannot_be_done_is_answered_with_an_error(
    page: Page, platform: LiveSandbox, data: dict[str, Any], code: str
) -> None:
    assert send(tool_frame(page, platform), platform, **data)["error"]["code"] == code


def test_a_stranger_stores_nothing(page: Page, platform: LiveSandbox) -> None:
    tool_frame(page, platform)
    itself = page.main_frame

    answer = send(itself, platform, subject="lti.put_data", key="k", value="x")

    assert answer["error"]["code"] == "wrong_origin"


def test_the_frame_stores_where_the_platform_names_one(page: Page, platform: LiveSandbox) -> None:
    platform.set_option("storage", "frame")
    tool = tool_frame(page, platform)

    told = send(tool, platform, origin="*", subject="lti.capabilities", message_id="m1")
    refused = send(tool, platform, subject="lti.put_data", key="k", value="one", message_id="m2")
    send(tool, platform, "lti_storage", subject="lti.put_data", key="k", value="one", message_id="m3")
    got = send(tool, platform, "lti_storage", subject="lti.get_data", key="k", message_id="m4")

    assert {each.get("frame") for each in told["supported_messages"][1:]} == {"lti_storage"}
    assert refused["error"]["code"] == "bad_request"
    assert got["value"] == "one"


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("storage-silent", {"silence": True}),
        ("storage-error", "storage_exhaustion"),
        ("storage-forgets", None),
        ("storage-lies", "another-value"),
    ],
)
@pytest.mark.parametrize("where", ["parent", "frame"])
def test_storage_can_fail(page: Page, platform: LiveSandbox, fault: str, seen: Any, where: str) -> None:
    platform.set_option("storage", where)
    platform.arm(fault)
    tool, frame = tool_frame(page, platform), "lti_storage" if where == "frame" else ""
    send(tool, platform, frame, subject="lti.put_data", key="k", value="one", message_id="m1")

    got = send(tool, platform, frame, subject="lti.get_data", key="k", message_id="m2")

    assert got.get("error", {}).get("code", got.get("value", got)) == seen


def test_a_platform_without_storage_says_nothing(page: Page, platform: LiveSandbox) -> None:
    platform.choose_profile("moodle")
    tool = tool_frame(page, platform)

    assert send(tool, platform, origin="*", subject="lti.capabilities") == {"silence": True}


def test_a_window_that_the_page_opened_reaches_its_storage_too(page: Page, platform: LiveSandbox) -> None:
    tool_frame(page, platform)
    with page.context.expect_page() as opened:
        page.locator('a[target="_blank"]').first.click()
    window = opened.value
    window.wait_for_url("**/lti/login**")

    put = send(window, platform, subject="lti.put_data", key="k", value="two", message_id="m1")

    assert put["value"] == "two"
