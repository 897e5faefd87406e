"""A launch that was proved in a frame goes over to one window, once, while its ticket lasts."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from lms.core import clock
from lms.core.web import Bilim
from lms.lti import handover
from tests.lms.lti.test_launch import code_of
from tests.lms.lti.test_storage import OUR_PAGE, begin, fields, prove
from tests.platform import Platform


@pytest.fixture
def ticket(app: Bilim, platform: Platform) -> dict[str, str]:
    """What the frame's form holds when the launch is proved."""
    frame = app.test_client(use_cookies=False)
    return fields(prove(frame, platform, begin(frame, platform)))


def take(browser: FlaskClient, ticket: dict[str, str]) -> Any:
    return browser.post("/lti/launch/window", data=ticket, headers=OUR_PAGE)


def test_the_button_pressed_twice_opens_the_same_pages_again(app: Bilim, ticket: dict[str, str]) -> None:
    window = app.test_client()

    first, again = take(window, ticket), take(window, ticket)

    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location


def test_a_second_browser_cannot_take_what_the_first_one_has(app: Bilim, ticket: dict[str, str]) -> None:
    first = take(app.test_client(), ticket)
    second = app.test_client()

    answer = take(second, ticket)

    assert code_of(answer) == "state-used"
    assert second.get(first.location).status_code == 403


def test_of_eight_browsers_at_once_one_takes_the_launch(app: Bilim, ticket: dict[str, str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: take(app.test_client(), ticket).status_code, range(8)))

    assert sorted(statuses) == [303] + [403] * 7


@pytest.mark.parametrize("changes", [{"ticket": ""}, {"ticket": "0" * 64}, {"launch": "unknown"}, {"ticket": "é"}])
def test_a_ticket_of_another_launch_opens_nothing(app: Bilim, ticket: dict[str, str], changes: dict[str, str]) -> None:
    assert code_of(take(app.test_client(), {**ticket, **changes})) == "ticket-wrong"


def test_a_ticket_lasts_an_hour(app: Bilim, platform: Platform) -> None:
    with clock.frozen(clock.now()):
        frame = app.test_client(use_cookies=False)
        ticket = fields(prove(frame, platform, begin(frame, platform)))
        clock.advance(3600)
        answer = take(app.test_client(), ticket)

    assert code_of(answer) == "state-expired"


def test_a_launch_made_with_a_cookie_cannot_be_taken_over(app: Bilim, client: FlaskClient, platform: Platform) -> None:
    location = platform.launch(client).location
    launch_id = location.split("/")[2]
    other = app.test_client()

    answer = take(other, {"launch": launch_id, "ticket": handover.ticket_of(launch_id)})

    assert code_of(answer) == "state-used"
    assert other.get(location).status_code == 403
