"""``flask staff``."""

import json

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from lms.core.audit import AuditEvent
from lms.core.db import db, transaction
from lms.core.web import Bilim
from lms.organisations.models import Organisation
from lms.signin.models import Invitation, StaffGrant, StaffMember, StaffSession
from lms.signin.roles import AUDITOR
from tests.openid import OpenIdProvider
from tests.staff import csrf_token, make_staff, sign_in


@pytest.fixture
def runner(app: Bilim) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_break_glass_makes_a_platform_administrator_and_is_noted(app: Bilim, runner: FlaskCliRunner) -> None:
    shown = json.loads(runner.invoke(args=["staff", "break-glass", "--name", "Кезекчи Мисалов"]).output)

    browser = app.test_client()
    path = shown["link"].removeprefix("http://localhost:8000")
    assert browser.post(path, data={"csrf_token": csrf_token(browser, path)}).status_code == 303
    assert "Кезекчи Мисалов" in browser.get("/admin/staff/").text
    events = [(event.action, event.actor) for event in db.session.scalars(select(AuditEvent).order_by(AuditEvent.id))]
    assert events == [
        ("staff.admitted", "operator:command-line"),
        ("staff.role-given", "operator:command-line"),
        ("staff.link-made", "operator:command-line"),
        ("staff.signed-in", f"staff:{shown['staff']}"),
    ]


def test_break_glass_for_nobody_says_so(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["staff", "break-glass", "--staff", "nobody"])

    assert (result.exit_code, result.output) == (1, "Error: There is no such member of staff.\n")


def test_invite_prints_a_link(runner: FlaskCliRunner) -> None:
    with transaction():
        db.session.add(Organisation(id="academy", code="academy", country="KG", names={}))

    words = [
        "--role",
        "guest-lecturer",
        "--name",
        "Конок Мисалов",
        "--organisation",
        "academy",
        "--until",
        "2099-12-31",
    ]
    shown = json.loads(runner.invoke(args=["staff", "invite", *words]).output)

    assert shown["link"].startswith("http://localhost:8000/staff/invitation/bilim_invitation_")
    invitation = db.session.get_one(Invitation, shown["invitation"])
    assert (invitation.role, invitation.organisation_id) == ("guest-lecturer", "academy")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--role", "guest-lecturer"], "Choose the organisation in which this role is held. A guest's role always has a last day."),
        (["--role", "auditor", "--organisation", "none"], "There is no organisation with the code none."),
    ],
)  # fmt: skip
def test_invite_says_what_is_missing(runner: FlaskCliRunner, words: list[str], sentence: str) -> None:
    result = runner.invoke(args=["staff", "invite", "--name", "n", *words])

    assert (result.exit_code, result.output) == (1, f"Error: {sentence}\n")


def test_disable_ends_sessions(app: Bilim, runner: FlaskCliRunner) -> None:
    staff_id = sign_in(app.test_client(), AUDITOR)

    assert runner.invoke(args=["staff", "disable", staff_id]).output == "disabled\n"
    assert [session.ended_at is not None for session in db.session.scalars(select(StaffSession))] == [True]


def test_list_shows_roles(runner: FlaskCliRunner) -> None:
    staff_id = make_staff(AUDITOR, name="Тизмедеги Мисалов")

    assert runner.invoke(args=["staff", "list"]).output == f"{staff_id} enabled auditor Тизмедеги Мисалов\n"
    assert db.session.scalars(select(StaffGrant.role)).all() == ["auditor"]
    assert db.session.scalars(select(StaffMember.id)).all() == [staff_id]


def test_admit_gives_a_role_to_whom_the_provider_knows(
    app: Bilim, runner: FlaskCliRunner, provider: OpenIdProvider
) -> None:
    words = ["staff", "admit", "--subject", "esi-17", "--name", "Мисал", "--role", "auditor"]

    first, again = (json.loads(runner.invoke(args=words).output) for _time in range(2))

    assert first == again
    assert provider.sign_in(app.test_client()).status_code == 303
