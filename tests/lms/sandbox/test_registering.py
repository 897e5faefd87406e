"""The page that opens a tool's registration address goes on when the tool says that it is done, and only then."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask, request
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from lms.core.settings import Settings
from tests.answering import answering
from tests.lms.sandbox.live import LiveSandbox, start_sandbox

pytestmark = pytest.mark.journey

CLOSE = '(window.opener || window.parent).postMessage({subject: "org.imsglobal.lti.close"}, "*")'


@pytest.fixture
def tool_url() -> Iterator[str]:
    """A tool that shows which configuration it was told of."""
    app = Flask("tool")
    app.add_url_rule("/register/one", "register", lambda: f"<title>tool</title>{request.args['openid_configuration']}")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with answering(server):
        yield f"http://localhost:{server.server_port}/register/one"


@pytest.fixture
def platform(settings: Settings) -> Iterator[LiveSandbox]:
    with start_sandbox(replace(settings, public_url="http://localhost:9")) as sandbox:
        yield sandbox


@pytest.fixture
def administrator(platform: LiveSandbox) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(f"{platform.url}/enter?person=administrator")
        yield page
        browser.close()


def test_a_frame_that_says_it_is_done_gives_way_to_the_list_of_tools(
    administrator: Page, platform: LiveSandbox, tool_url: str
) -> None:
    administrator.goto(f"{platform.url}/tools")
    administrator.locator("input[name=url]").fill(tool_url)
    administrator.locator("main button").first.click()
    administrator.wait_for_load_state("networkidle")
    tool = administrator.frame(name="tool")
    assert tool is not None
    assert tool.locator("body").inner_text() == f"{platform.url}/lti/openid-configuration"

    tool.evaluate(CLOSE)

    administrator.wait_for_url(f"{platform.url}/tools")
    assert administrator.locator("h1").count() == 1


def test_a_window_that_says_it_is_done_is_closed(administrator: Page, platform: LiveSandbox, tool_url: str) -> None:
    administrator.goto(f"{platform.url}/tools/register?url={tool_url}&target=window")
    with administrator.context.expect_page() as opened:
        administrator.locator("[data-open]").click()
    opened.value.wait_for_load_state()

    opened.value.evaluate(f"setTimeout(() => {CLOSE}, 0)")

    administrator.wait_for_url(f"{platform.url}/tools")
    opened.value.wait_for_event("close") if not opened.value.is_closed() else None
    assert opened.value.is_closed()


def test_nobody_else_closes_the_page(administrator: Page, platform: LiveSandbox, tool_url: str) -> None:
    administrator.goto(f"{platform.url}/tools/register?url={tool_url}")
    administrator.wait_for_load_state("networkidle")

    administrator.evaluate('window.postMessage({subject: "org.imsglobal.lti.close"}, "*")')
    administrator.wait_for_timeout(300)

    assert "/tools/register" in administrator.url
