"""A launch about personal data: what is kept, the same as a file, and a request for deletion that somebody decides."""

import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from courses.models import Answer, Submission
from lms.core.audit import AuditEvent
from lms.core.db import db, reading
from lms.people.person_requests import PersonRequest
from lms.signin.roles import Role
from tests.courses.conftest import Launching, Visitor, launched, module, platform, trainee
from tests.platform import CLAIM
from tests.staff import sign_in

__all__ = ["launched", "module", "platform", "trainee"]
ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"
STUDENT = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Student"


def about(launched: Launching, user_id: str, *, by: str, **changes: Any) -> Visitor:
    return launched(
        by,
        **{
            "message_type": "LtiDataPrivacyLaunchRequest",
            "target": "/lti/launch",
            f"{CLAIM}for_user": {"user_id": user_id},
            "roles": [STUDENT],
            "context": None,
            "resource_link": None,
            "ags": None,
            **changes,
        },
    )


@pytest.mark.parametrize("name", ["LtiDataPrivacyLaunchRequest", "DataPrivacyLaunchRequest"])
def test_a_person_reads_and_takes_along_what_is_kept(trainee: Visitor, launched: Launching, name: str) -> None:
    trainee.take_test()
    trainee.submit_work()

    visitor = about(launched, "person-17", by="person-17", message_type=name)
    page = visitor.get("/privacy/")
    exported = visitor.post("/privacy/export")

    assert page.status_code == 200
    assert "They stay by law" in page.text
    kept = json.loads(exported.text)
    assert kept["courses"][0]["texts"][0]["text"] == "На моей улице пять ям."
    assert kept["courses"][0]["attempts"][0]["score_percent"] == 100
    assert kept["learning_systems"][0]["user_id"] == "person-17"
    assert set(kept) == {
        *("accesses", "certificates", "cohorts", "consents", "courses"),
        *("learning_systems", "mail", "names", "requests", "visits"),
    }


def test_an_administrator_of_the_platform_sees_a_person_and_others_do_not(
    trainee: Visitor, launched: Launching
) -> None:
    allowed = about(launched, "person-17", by="admin-1", roles=[ADMINISTRATOR])
    other = about(launched, "person-17", by="person-18")

    assert allowed.get("/privacy/").status_code == 200
    for answer in (other.get("/privacy/"), other.post("/privacy/export"), other.post("/privacy/deletion")):
        assert answer.status_code == 403
        assert "person-17" not in answer.text
    unknown = about(launched, "nobody", by="admin-1", roles=[ADMINISTRATOR]).get("/privacy/")
    assert (unknown.status_code, "data-person-unknown" in unknown.text) == (404, True)


def test_a_request_is_decided_by_an_administrator_and_deletes_what_the_law_does_not_keep(
    trainee: Visitor, launched: Launching
) -> None:
    trainee.take_test()
    trainee.submit_work()
    visitor = about(launched, "person-17", by="person-17")
    for _ in range(2):
        visitor.post("/privacy/deletion")
    assert "Waits for an answer" in visitor.get("/privacy/").text
    office = visitor.browser.application.test_client()
    sign_in(office, Role.PLATFORM_ADMINISTRATOR)
    (path,) = re.findall(r'action="(/admin/rights/[^"]+)"', office.get("/admin/rights/").text)

    refused = office.post(path, data={"decision": "refused", "answer": " "})
    granted = office.post(path, data={"decision": "granted", "answer": "Done."})
    again = office.post(path, data={"decision": "refused", "answer": "No."})

    assert [refused.status_code, granted.status_code, again.status_code] == [422, 303, 409]
    with reading():
        assert list(db.session.scalars(select(Answer))) == []
        assert [row.text for row in db.session.scalars(select(Submission))] == [""]
        (request,) = db.session.scalars(select(PersonRequest))
        assert (request.decision, request.answer) == ("granted", "Done.")
        assert (request.due_at - request.asked_at).days == 7
        actions = {event.action for event in db.session.scalars(select(AuditEvent))}
        assert {"deletion.asked", "deletion.granted", "personal-data.erased"} <= actions
    assert "Done." in visitor.get("/privacy/").text
