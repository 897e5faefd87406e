"""Staff for tests: signed in by the real one-time link that the operator's command prints."""

import json
import re
from datetime import datetime

from flask import current_app
from flask.testing import FlaskClient

from lms.core.db import transaction
from lms.signin import members
from lms.signin.members import Post
from lms.signin.roles import Role


def make_staff(
    role: Role, organisation_id: str | None = None, *, ends_at: datetime | None = None, name: str = "Мисал Үлгүбаева"
) -> str:
    """A member of staff with one role; returns the id."""
    with transaction():
        member = members.admit(name, actor="operator:test")
        members.give(member, Post(role, organisation_id, ends_at), actor="operator:test")
        return member.id


def sign_in(client: FlaskClient, role: Role, organisation_id: str | None = None) -> str:
    """Let this browser be signed in as somebody new with this role; returns the id of the member of staff."""
    staff_id = make_staff(role, organisation_id)
    sign_in_as(client, staff_id)
    return staff_id


def sign_in_as(client: FlaskClient, staff_id: str) -> None:
    """Let this browser be signed in as a member of staff who is there already."""
    path = one_time_link(staff_id)
    answer = client.post(path, data={"csrf_token": csrf_token(client, path)})
    assert answer.status_code == 303, answer.text


def one_time_link(staff_id: str) -> str:
    """The path of a link made by ``flask staff break-glass``."""
    result = current_app.test_cli_runner().invoke(args=["staff", "break-glass", "--staff", staff_id])
    assert result.exit_code == 0, result.output
    address: str = json.loads(result.output)["link"]
    return address.removeprefix("http://localhost:8000")


def csrf_token(client: FlaskClient, path: str) -> str:
    """The token of the forms on a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found is not None, f"no form at {path}"
    return found[1]


def state_purpose(client: FlaskClient, kind: str = "report", words: str = "Letter 12") -> None:
    """Let whoever is signed in here say for what people are looked at."""
    path = "/bureau/purpose"
    sent = {"csrf_token": csrf_token(client, path), "purpose": kind, "words": words}
    answer = client.post(path, data=sent)
    assert answer.status_code == 303, answer.text
