"""How the browser is sent to the tool's login address."""

import json

from tests.lms.sandbox.conftest import Lms
from tests.lms.sandbox.live import form_in


def test_the_strict_profile_begins_a_login_by_get(lms: Lms) -> None:
    lms.browser.get("/enter?person=trainee-1")

    answer = lms.browser.get("/launch/urban-governance")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{lms.tool.url}/lti/login?iss=http%3A%2F%2F127.0.0.1%3A8001&")


def test_a_login_carries_what_the_specification_names(lms: Lms) -> None:
    login = lms.open_module("trainee-1", "urban-governance")

    assert login.pop("lti_message_hint")
    assert login == {
        "iss": "http://127.0.0.1:8001",
        "target_link_uri": f"{lms.tool.url}/learn/urban-governance",
        "login_hint": "account-11",
        "client_id": "bilim-demo",
        "lti_deployment_id": "1",
        "lti_storage_target": "_parent",
    }


def test_moodle_begins_a_login_by_a_form_that_a_script_file_sends(moodle: Lms) -> None:
    moodle.browser.get("/enter?person=trainee-1")

    page = moodle.browser.get("/launch/urban-governance").text

    form = form_in(page)
    assert (form.method, form.url) == ("POST", f"{moodle.tool.url}/lti/login")
    assert form.fields["login_hint"] == "11"
    assert json.loads(form.fields["lti_message_hint"])["cmid"] == 5
    assert '<script src="/sandbox-static/launch.js" defer></script>' in page
    assert '<button class="button">' in page


def test_somebody_who_left_the_course_cannot_open_a_module(lms: Lms) -> None:
    lms.browser.get("/enter?person=trainee-left")

    assert lms.browser.get("/launch/urban-governance").status_code == 403


def test_an_unknown_module_is_not_found(lms: Lms) -> None:
    lms.browser.get("/enter?person=trainee-1")

    assert lms.browser.get("/launch/astronomy").status_code == 404


def test_nobody_opens_a_module_without_signing_in(lms: Lms) -> None:
    answer = lms.browser.get("/launch/urban-governance")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
