"""The list of staff: what each may see, give and take away."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.core import clock
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.organisations.models import Organisation
from lms.signin.models import Invitation, StaffGrant, StaffMember
from lms.signin.roles import (
    ACADEMY_ADMINISTRATOR,
    AUDITOR,
    BUREAU_OFFICER,
    GUEST_LECTURER,
    HOST_COORDINATOR,
    PLATFORM_ADMINISTRATOR,
)
from tests.staff import csrf_token, make_staff, sign_in

MACHINE = {"Accept": "application/json"}


@pytest.fixture
def organisations(app: Bilim) -> tuple[str, str]:
    """Two academies."""
    with transaction():
        made = [Organisation(code=code, country="KG", names={"ky": code, "en": code}) for code in ("first", "second")]
        db.session.add_all(made)
    return made[0].id, made[1].id


@pytest.fixture
def moment() -> Iterator[None]:
    """A day on which nothing has ended."""
    with clock.frozen(datetime(2026, 11, 20, 12, tzinfo=UTC)):
        yield


def send(browser: FlaskClient, path: str, **form: str) -> TestResponse:
    """Post a form as a page of staff would."""
    return browser.post(path, data={"csrf_token": csrf_token(browser, "/admin/"), **form})


def send_as_program(browser: FlaskClient, path: str, **form: str) -> tuple[int, str]:
    answer = browser.post(path, data={"csrf_token": csrf_token(browser, "/admin/"), **form}, headers=MACHINE)
    return answer.status_code, answer.get_json()["code"]


def grants_of(staff_id: str) -> list[tuple[str, str | None]]:
    with transaction():
        rows = db.session.scalars(select(StaffGrant).filter_by(staff_id=staff_id).order_by(StaffGrant.role))
        return [(row.role, row.organisation_id) for row in rows]


def only_grant_of(staff_id: str) -> str:
    with reading():
        return db.session.scalars(select(StaffGrant.id).filter_by(staff_id=staff_id)).one()


# Inviting


def test_an_invitation_shows_its_link_once(client: FlaskClient) -> None:
    sign_in(client, PLATFORM_ADMINISTRATOR)

    answer = send(client, "/admin/staff/invite", name="Чакырылган Мисалов", role="bureau-officer")

    assert answer.status_code == 201
    link = re.search(r'href="http://localhost:8000(/staff/invitation/[^"]+)"', answer.text)
    assert link is not None
    assert "Чакырылган Мисалов" in client.get(link[1]).text
    assert link[1] not in client.get("/admin/staff/").text


@pytest.mark.usefixtures("moment")
@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": "", "role": "auditor"}, "name"),
        ({"name": "n" * 256, "role": "auditor"}, "name"),
        ({"name": "n", "role": ""}, "role"),
        ({"name": "n", "role": "emperor"}, "role"),
        ({"name": "n", "role": "academy-administrator"}, "organisation"),
        ({"name": "n", "role": "academy-administrator", "organisation": "nowhere"}, "organisation"),
        ({"name": "n", "role": "platform-administrator", "organisation": "FIRST"}, "organisation"),
        ({"name": "n", "role": "guest-lecturer", "organisation": "FIRST"}, "ends_on"),
        ({"name": "n", "role": "host-coordinator", "organisation": "FIRST"}, "ends_on"),
        ({"name": "n", "role": "auditor", "ends_on": "2026-11-19"}, "ends_on"),
        ({"name": "n", "role": "auditor", "ends_on": "soon"}, "ends_on"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_invitation_that_cannot_be_is_explained_at_its_field(
    client: FlaskClient, organisations: tuple[str, str], form: dict[str, str], field: str
) -> None:
    sign_in(client, PLATFORM_ADMINISTRATOR)

    answer = send(
        client,
        "/admin/staff/invite",
        **{name: organisations[0] if text == "FIRST" else text for name, text in form.items()},
    )

    assert answer.status_code == 422
    assert re.findall(r'<a href="#(\w+)">', answer.text) == [field]
    assert db.session.scalars(select(Invitation)).all() == []


@pytest.mark.usefixtures("moment")
def test_a_guest_is_invited_to_the_end_of_the_last_day_in_the_zone_of_the_academy(
    client: FlaskClient, organisations: tuple[str, str]
) -> None:
    sign_in(client, PLATFORM_ADMINISTRATOR)

    send(
        client,
        "/admin/staff/invite",
        name="n",
        role="guest-lecturer",
        organisation=organisations[0],
        ends_on="2026-12-31",
    )

    assert db.session.scalars(select(Invitation.role_ends_at)).one() == datetime(2026, 12, 31, 18, tzinfo=UTC)


def test_the_same_day_may_be_the_last(client: FlaskClient, organisations: tuple[str, str]) -> None:
    with clock.frozen(datetime(2026, 11, 20, 17, 59, tzinfo=UTC)):  # 23:59 in Bishkek
        sign_in(client, PLATFORM_ADMINISTRATOR)

        answer = send(client, "/admin/staff/invite", name="n", role="auditor", ends_on="2026-11-20")

    assert answer.status_code == 201


def test_an_invitation_is_withdrawn(client: FlaskClient) -> None:
    sign_in(client, PLATFORM_ADMINISTRATOR)
    send(client, "/admin/staff/invite", name="Чакырылган Мисалов", role="auditor")
    with reading():
        invitation_id = db.session.scalars(select(Invitation.id)).one()

    answer = send(client, f"/admin/staff/invitations/{invitation_id}/withdraw")

    assert answer.status_code == 303
    assert "Чакырылган Мисалов" not in client.get("/admin/staff/").text


# An academy administrator and the neighbours


def test_an_academy_administrator_sees_their_own_academy_only(
    client: FlaskClient, organisations: tuple[str, str]
) -> None:
    first, second = organisations
    own = make_staff(GUEST_LECTURER, first, name="Өз Конок")
    other = make_staff(ACADEMY_ADMINISTRATOR, second, name="Башка Академиядан")
    sign_in(client, ACADEMY_ADMINISTRATOR, first)

    page = client.get("/admin/staff/").text

    assert "Өз Конок" in page
    assert "Башка Академиядан" not in page
    assert client.get(f"/admin/staff/{own}").status_code == 200
    assert client.get(f"/admin/staff/{other}").status_code == 404


def test_roles_elsewhere_are_not_shown(client: FlaskClient, organisations: tuple[str, str]) -> None:
    first, second = organisations
    both = make_staff(GUEST_LECTURER, first)
    with transaction():
        db.session.add(StaffGrant(staff_id=both, role=HOST_COORDINATOR, organisation_id=second))
    sign_in(client, ACADEMY_ADMINISTRATOR, first)

    page = client.get(f"/admin/staff/{both}").text

    assert ">first<" in page
    assert "second" not in page


@pytest.mark.parametrize("role", [PLATFORM_ADMINISTRATOR, BUREAU_OFFICER, AUDITOR])
def test_an_academy_administrator_gives_no_role_of_the_whole_platform(
    client: FlaskClient, organisations: tuple[str, str], role: str
) -> None:
    staff_id = sign_in(client, ACADEMY_ADMINISTRATOR, organisations[0])

    refused = (403, "role-not-yours-to-give")
    assert send_as_program(client, "/admin/staff/invite", name="n", role=role) == refused
    own = {"role": role, "organisation": organisations[0]}
    assert send_as_program(client, "/admin/staff/invite", name="n", **own) == refused
    assert send_as_program(client, f"/admin/staff/{staff_id}/roles", **own) == refused
    assert send_as_program(client, f"/admin/staff/{staff_id}/roles", role=role) == refused


def test_an_academy_administrator_gives_no_role_in_another_academy(
    client: FlaskClient, organisations: tuple[str, str]
) -> None:
    first, second = organisations
    sign_in(client, ACADEMY_ADMINISTRATOR, first)

    form = {"name": "n", "role": "academy-administrator", "organisation": second}
    assert send_as_program(client, "/admin/staff/invite", **form) == (403, "role-not-yours-to-give")


def test_an_academy_administrator_takes_nothing_away_elsewhere(
    client: FlaskClient, organisations: tuple[str, str]
) -> None:
    first, second = organisations
    both = make_staff(GUEST_LECTURER, first)
    with transaction():
        db.session.add(StaffGrant(id="elsewhere", staff_id=both, role=GUEST_LECTURER, organisation_id=second))
    sign_in(client, ACADEMY_ADMINISTRATOR, first)

    assert send_as_program(client, f"/admin/staff/{both}/roles/elsewhere/withdraw") == (404, "role-unknown")


def test_an_academy_administrator_turns_no_account_off(client: FlaskClient, organisations: tuple[str, str]) -> None:
    guest = make_staff(GUEST_LECTURER, organisations[0])
    sign_in(client, ACADEMY_ADMINISTRATOR, organisations[0])

    assert send_as_program(client, f"/admin/staff/{guest}/disable") == (404, "not-found")


def test_an_academy_administrator_does_not_withdraw_invitations_of_others(
    app: Bilim, organisations: tuple[str, str]
) -> None:
    first, second = organisations
    platform, academy = app.test_client(), app.test_client()
    sign_in(platform, PLATFORM_ADMINISTRATOR)
    send(platform, "/admin/staff/invite", name="Башка Академиядан", role="academy-administrator", organisation=second)
    with reading():
        invitation_id = db.session.scalars(select(Invitation.id)).one()
    sign_in(academy, ACADEMY_ADMINISTRATOR, first)

    assert "Башка Академиядан" not in academy.get("/admin/staff/").text
    path = f"/admin/staff/invitations/{invitation_id}/withdraw"
    assert send_as_program(academy, path) == (404, "invitation-unknown")


@pytest.mark.parametrize("role", [BUREAU_OFFICER, AUDITOR, HOST_COORDINATOR, GUEST_LECTURER])
def test_other_roles_do_not_see_the_list(client: FlaskClient, organisations: tuple[str, str], role: str) -> None:
    sign_in(client, role, organisations[0])  # type: ignore[arg-type]

    assert client.get("/admin/staff/", headers=MACHINE).get_json()["code"] == "role-missing"


# Changing


def test_a_role_is_given_and_its_last_day_moved(client: FlaskClient, organisations: tuple[str, str]) -> None:
    first, _second = organisations
    staff_id = make_staff(AUDITOR)
    sign_in(client, PLATFORM_ADMINISTRATOR)
    form = {"role": "academy-administrator", "organisation": first}

    send(client, f"/admin/staff/{staff_id}/roles", **form)
    send(client, f"/admin/staff/{staff_id}/roles", **form, ends_on="2099-12-31")

    assert grants_of(staff_id) == [("academy-administrator", first), ("auditor", None)]
    assert "2099" in client.get(f"/admin/staff/{staff_id}").text


def test_a_role_is_taken_away(client: FlaskClient) -> None:
    staff_id = make_staff(AUDITOR)
    sign_in(client, PLATFORM_ADMINISTRATOR)
    grant_id = only_grant_of(staff_id)

    assert send(client, f"/admin/staff/{staff_id}/roles/{grant_id}/withdraw").status_code == 303
    assert grants_of(staff_id) == []


def test_an_account_is_turned_off_with_its_sessions_and_on_again(app: Bilim) -> None:
    administrator, auditor = app.test_client(), app.test_client()
    sign_in(administrator, PLATFORM_ADMINISTRATOR)
    staff_id = sign_in(auditor, AUDITOR)

    send(administrator, f"/admin/staff/{staff_id}/disable")

    assert auditor.get("/admin/", headers=MACHINE).status_code == 401
    send(administrator, f"/admin/staff/{staff_id}/enable")
    assert db.session.get_one(StaffMember, staff_id).disabled_at is None


def test_nobody_locks_themselves_out(client: FlaskClient) -> None:
    staff_id = sign_in(client, PLATFORM_ADMINISTRATOR)
    grant_id = only_grant_of(staff_id)

    assert send_as_program(client, f"/admin/staff/{staff_id}/disable") == (409, "own-account")
    path = f"/admin/staff/{staff_id}/roles/{grant_id}/withdraw"
    assert send_as_program(client, path) == (409, "own-account")


def test_last_sign_ins_are_shown(client: FlaskClient) -> None:
    with clock.frozen(datetime(2026, 11, 20, 6, 30, tzinfo=UTC)):
        staff_id = sign_in(client, PLATFORM_ADMINISTRATOR)
        page = client.get(f"/admin/staff/{staff_id}?lang=en").text

    assert "Nov 20, 2026, 12:30" in page.replace("\u202f", " ")
    assert "One-time link" in page


def test_the_audit_tells_what_was_done_and_names_nobody(client: FlaskClient, organisations: tuple[str, str]) -> None:
    guest = make_staff(AUDITOR, name="Жашыруун Мисалов")
    staff_id = sign_in(client, PLATFORM_ADMINISTRATOR)

    send(client, "/admin/staff/invite", name="Жашыруун Мисалов", role="auditor")
    send(client, f"/admin/staff/{guest}/roles", role="bureau-officer")
    send(client, f"/admin/staff/{guest}/disable")
    send(client, "/staff/sign-out")

    events = db.session.scalars(select(AuditEvent).filter_by(actor=f"staff:{staff_id}").order_by(AuditEvent.id)).all()
    assert [event.action for event in events] == [
        "staff.signed-in",
        "staff.invited",
        "staff.role-given",
        "staff.disabled",
        "staff.signed-out",
    ]
    everything = " ".join(f"{event.subject} {event.facts}" for event in db.session.scalars(select(AuditEvent)))
    assert "Жашыруун" not in everything


def test_every_form_needs_the_token_of_its_page(client: FlaskClient) -> None:
    staff_id = sign_in(client, PLATFORM_ADMINISTRATOR)
    paths = [
        "/admin/staff/invite",
        "/admin/staff/invitations/x/withdraw",
        f"/admin/staff/{staff_id}/roles",
        f"/admin/staff/{staff_id}/roles/x/withdraw",
        f"/admin/staff/{staff_id}/disable",
        f"/admin/staff/{staff_id}/enable",
        "/staff/sign-out",
    ]

    assert [client.post(path, headers=MACHINE).get_json()["code"] for path in paths] == ["form-expired"] * len(paths)
