"""Each program has a limit of its own, whatever address it calls from."""

from lms.core.settings import Settings
from tests.api.machine import Caller
from tests.conftest import application
from tests.lms.oauth.machine import admitted


def test_a_program_that_asks_too_often_waits_and_another_behind_the_same_address_does_not(settings: Settings) -> None:
    with application(settings, rate_limits=True, api_calls_per_minute=3) as app:
        first, second = (admitted(app.test_client(), name=name) for name in ("First", "Second"))
        busy, quiet = (Caller(each.client, each.id, each.token()) for each in (first, second))

        answers = [busy.get(path) for path in ("/records", "/changes", "/records", "/changes")]

        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[3].content_type == "application/problem+json"
        assert answers[3].get_json()["code"] == "too-many-requests"
        assert 0 < int(answers[3].headers["Retry-After"]) <= 60
        assert quiet.get("/records").status_code == 200
