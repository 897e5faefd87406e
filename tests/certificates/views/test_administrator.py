import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from certificates import corrections, lookup, register, replacing
from certificates.corrections import About
from certificates.models import Certificate, EventNote
from certificates.standing import Kind, Replacing
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.organisations import loading as organisations
from lms.organisations.models import Organisation
from lms.signin.roles import ACADEMY_ADMINISTRATOR, BUREAU_OFFICER, PLATFORM_ADMINISTRATOR
from tests import staff
from tests.certificates import registered

ROOT = "/admin/certificates"


@pytest.fixture
def organisation_id(app: Bilim) -> str:
    app.config["WTF_CSRF_ENABLED"] = False
    return registered.open_register()


@pytest.fixture
def certificate(organisation_id: str) -> Certificate:
    return registered.issue(organisation_id)


@pytest.fixture
def administrator(client: FlaskClient, organisation_id: str) -> FlaskClient:
    """Signed in for the organisation, reading English."""
    staff.sign_in(client, ACADEMY_ADMINISTRATOR, organisation_id)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def second_organisation() -> str:
    with transaction():
        organisations.load(registered.SECOND)
        return db.session.scalars(select(Organisation.id).filter_by(code="second-academy")).one()


def state_of(certificate: Certificate) -> str:
    with reading():
        return lookup.standing_of(db.session.get_one(Certificate, certificate.id)).state.value


def test_nobody_sees_certificates_without_signing_in(client: FlaskClient, certificate: Certificate) -> None:
    for path in ("/", f"/{certificate.id}", f"/{certificate.id}/file", "/corrections", "/cohorts/"):
        answer = client.get(ROOT + path)
        assert answer.status_code == 303, path
        assert "/staff/sign-in" in answer.location


def test_a_bureau_officer_is_told_that_the_role_is_missing(client: FlaskClient, certificate: Certificate) -> None:
    staff.sign_in(client, BUREAU_OFFICER)

    assert client.get(f"{ROOT}/").status_code == 403
    assert client.post(f"{ROOT}/{certificate.id}/revoke", data={"reason": "other"}).status_code == 403
    assert state_of(certificate) == "valid"


def test_an_administrator_of_another_organisation_finds_nothing(client: FlaskClient, certificate: Certificate) -> None:
    staff.sign_in(client, ACADEMY_ADMINISTRATOR, second_organisation())

    assert certificate.id not in client.get(f"{ROOT}/?q=PM").text
    for path in ("", "/file", "/revoke"):
        assert client.get(f"{ROOT}/{certificate.id}{path}").status_code == 404
    assert client.post(f"{ROOT}/{certificate.id}/revoke", data={"reason": "other"}).status_code == 404
    assert state_of(certificate) == "valid"


def test_a_stranger_learns_nothing_from_the_difference_between_other_and_none(
    client: FlaskClient, certificate: Certificate
) -> None:
    staff.sign_in(client, ACADEMY_ADMINISTRATOR, second_organisation())

    there, nowhere = (client.get(f"{ROOT}/{name}") for name in (certificate.id, "nothing-has-this-id"))

    assert there.status_code == nowhere.status_code == 404
    assert _timeless(there.text, certificate.id) == _timeless(nowhere.text, "nothing-has-this-id")


def test_the_platforms_administrator_finds_those_of_every_organisation(
    client: FlaskClient, certificate: Certificate
) -> None:
    staff.sign_in(client, PLATFORM_ADMINISTRATOR)

    assert certificate.number in client.get(f"{ROOT}/").text
    assert client.get(f"{ROOT}/{certificate.id}").status_code == 200


@pytest.mark.parametrize(
    "query", ["2026-KG-PM000001", "pm000001", "ысакова", "АЙГҮЛ ӨМҮР", "Aigul", "艾古丽", "  ysakova "]
)
def test_a_certificate_is_found_by_its_number_and_by_any_part_of_the_name(
    administrator: FlaskClient, certificate: Certificate, query: str
) -> None:
    assert certificate.number in administrator.get(f"{ROOT}/", query_string={"q": query}).text


@pytest.mark.parametrize("query", ["%", "_", "Асанов", "' OR 1=1 --"])
def test_what_does_not_fit_is_not_found(administrator: FlaskClient, certificate: Certificate, query: str) -> None:
    page = administrator.get(f"{ROOT}/", query_string={"q": query}).text

    assert certificate.number not in page
    assert "Nothing found" in page


def test_a_list_is_narrowed_by_state(administrator: FlaskClient, organisation_id: str) -> None:
    valid, revoked = registered.issue(organisation_id), registered.issue(organisation_id)
    expired = registered.issue(organisation_id, valid_until=date(2026, 1, 1))
    with transaction():
        register.change(revoked.id, Kind.REVOKED, actor=registered.CLERK, reason_code="other")

    for state, number in (("valid", valid.number), ("revoked", revoked.number), ("expired", expired.number)):
        assert re.findall(r"2026-KG-PM\d{6}", administrator.get(f"{ROOT}/?state={state}").text) == [number]


def test_a_long_list_goes_on_behind_a_cursor_and_misses_nothing(
    administrator: FlaskClient, organisation_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("certificates.searching.PAGE_SIZE", 2)
    numbers = [registered.issue(organisation_id).number for _ in range(5)]

    seen, path = [], f"{ROOT}/"
    while path:
        page = administrator.get(path).text
        seen += re.findall(r'class="code" href="[^"]+">(2026-KG-PM\d{6})<', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = following[1].replace("&amp;", "&") if following else ""

    assert seen == numbers[::-1]


def test_revoking_asks_for_a_reason_first(administrator: FlaskClient, certificate: Certificate) -> None:
    assert "It can never become valid again." in administrator.get(f"{ROOT}/{certificate.id}/revoke").text

    answer = administrator.post(f"{ROOT}/{certificate.id}/revoke", data={"note": "x"})

    assert answer.status_code == 422
    assert "Choose a reason." in answer.text
    assert state_of(certificate) == "valid"


def test_a_revoked_certificate_says_who_why_and_when_and_keeps_the_note_apart(
    administrator: FlaskClient, certificate: Certificate
) -> None:
    form = {"reason": "fraud-or-cheating", "note": "Somebody else sat the test."}

    assert administrator.post(f"{ROOT}/{certificate.id}/revoke", data=form).status_code == 303

    page = administrator.get(f"{ROOT}/{certificate.id}").text
    assert "The certificate is revoked." in page
    assert "Fraud or cheating was found." in page
    assert "Somebody else sat the test." in page
    public = administrator.get(f"/v/{certificate.code}").text
    assert "Revoked" in public
    assert "Fraud" not in public
    assert "Somebody else" not in public
    with reading():
        actors = set(db.session.scalars(select(AuditEvent.actor).filter_by(action="certificate.revoked")))
        assert len(actors) == 1
        assert actors.pop().startswith("staff:")
        assert db.session.scalars(select(EventNote.text)).all() == ["Somebody else sat the test."]


def test_a_suspended_certificate_can_be_reinstated_and_both_stay_in_its_history(
    administrator: FlaskClient, certificate: Certificate
) -> None:
    administrator.post(f"{ROOT}/{certificate.id}/suspend", data={"reason": "under-review"})
    assert state_of(certificate) == "suspended"
    administrator.post(f"{ROOT}/{certificate.id}/reinstate", data={})

    assert state_of(certificate) == "valid"
    with reading():
        assert [event.kind for event in lookup.events_of(certificate.id)] == [
            "reserved",
            "issued",
            "suspended",
            "reinstated",
        ]


def test_a_second_click_changes_nothing_and_says_so(administrator: FlaskClient, certificate: Certificate) -> None:
    first, second = (administrator.post(f"{ROOT}/{certificate.id}/revoke", data={"reason": "other"}) for _ in range(2))

    assert (first.status_code, second.status_code) == (303, 409)
    assert "The certificate is in another state by now" in second.text


def test_what_cannot_be_done_in_a_state_is_not_offered(administrator: FlaskClient, certificate: Certificate) -> None:
    assert "Reinstate the certificate" not in administrator.get(f"{ROOT}/{certificate.id}").text
    administrator.post(f"{ROOT}/{certificate.id}/revoke", data={"reason": "other"})

    page = administrator.get(f"{ROOT}/{certificate.id}").text

    assert "Suspend the certificate" not in page
    assert "Issue the certificate anew" in page


def test_a_renewal_must_end_later(administrator: FlaskClient, organisation_id: str) -> None:
    ending = registered.issue(organisation_id, valid_until=date(2030, 1, 1))

    early = administrator.post(f"{ROOT}/{ending.id}/renew", data={"until": "2029-12-31"})
    nonsense = administrator.post(f"{ROOT}/{ending.id}/renew", data={"until": "soon"})
    right = administrator.post(f"{ROOT}/{ending.id}/renew", data={"until": "2031-01-01"})

    assert (early.status_code, nonsense.status_code, right.status_code) == (422, 422, 303)
    assert "The new last day must be later than the present one." in early.text
    with reading():
        new = lookup.of_record(ending.record_id)
        assert new is not None
        assert (new.valid_until, new.status, new.generation) == (date(2031, 1, 1), "reserved", 2)


def test_a_file_keeps_the_letters_of_its_holder_in_its_name(
    administrator: FlaskClient, certificate: Certificate
) -> None:
    answer = administrator.get(f"{ROOT}/{certificate.id}/file")

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="2026-KG-PM000001.pdf"; '
        "filename*=UTF-8''2026-KG-PM000001%20%D0%AB%D1%81%D0%B0%D0%BA%D0%BE%D0%B2%D0%B0%20"
        "%D0%90%D0%B9%D0%B3%D2%AF%D0%BB%20%D3%A8%D0%BC%D2%AF%D1%80%D0%B1%D0%B5%D0%BA%D0%BE%D0%B2%D0%BD%D0%B0.pdf"
    )


def test_a_correction_is_decided_once(administrator: FlaskClient, certificate: Certificate) -> None:
    with transaction():
        asked = corrections.ask(
            db.session.get_one(Certificate, certificate.id),
            about=About.HOURS,
            text="It were 36 hours.",
            forms={},
            actor="person:person",
        )
    assert certificate.number in administrator.get(f"{ROOT}/corrections").text
    assert "It were 36 hours." in administrator.get(f"{ROOT}/corrections/{asked.id}").text

    without, refused, again = (
        administrator.post(f"{ROOT}/corrections/{asked.id}", data={"refuse": "yes", "ground": ground})
        for ground in ("", "The order says 24.", "Once more")
    )

    assert (without.status_code, refused.status_code, again.status_code) == (422, 303, 409)
    with reading():
        assert corrections.get(asked.id).ground == "The order says 24."
        assert corrections.waiting(None) == []


def test_corrections_of_another_organisation_are_not_there(client: FlaskClient, certificate: Certificate) -> None:
    with transaction():
        asked = corrections.ask(
            db.session.get_one(Certificate, certificate.id), about=About.OTHER, text="x", forms={}, actor="person:p"
        )
    staff.sign_in(client, ACADEMY_ADMINISTRATOR, second_organisation())

    assert certificate.number not in client.get(f"{ROOT}/corrections").text
    assert client.get(f"{ROOT}/corrections/{asked.id}").status_code == 404
    assert client.post(f"{ROOT}/corrections/{asked.id}", data={"accept": "yes"}).status_code == 404


def test_a_certificate_that_was_replaced_leads_to_the_one_in_its_place(
    administrator: FlaskClient, certificate: Certificate
) -> None:
    new = registered.replace(certificate, Replacing.REISSUE)

    old_page = administrator.get(f"{ROOT}/{certificate.id}").text
    new_page = administrator.get(f"{ROOT}/{new.id}").text

    assert f"Replaced by {new.number}" in old_page
    assert "Takes the place of" in new_page
    assert certificate.number in new_page
    with pytest.raises(replacing.Conflict), transaction():
        replacing.replace_by(certificate.id, replacing.Changes(), reason=Replacing.REISSUE, actor=registered.CLERK)


def _timeless(page: str, name: str) -> str:
    return re.sub(r"[0-9a-f-]{36}|\d\d:\d\d", "", page.replace(name, ""))
