from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from certificates.layout import built_in
from certificates.studio import trial, versions
from certificates.studio.models import TemplateVersion, VersionState
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.organisations.models import Organisation, Signer
from lms.signin.roles import ACADEMY_ADMINISTRATOR, AUDITOR
from tests import staff
from tests.certificates import examples, registered

ROOT = "/admin/templates"
ACTOR = "staff:test"


@pytest.fixture
def organisation_id(app: Bilim) -> str:
    app.config["WTF_CSRF_ENABLED"] = False
    return registered.open_register()


@pytest.fixture
def administrator(client: FlaskClient, organisation_id: str) -> FlaskClient:
    """Signed in for the organisation, reading English."""
    staff.sign_in(client, ACADEMY_ADMINISTRATOR, organisation_id)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def draft_id(organisation_id: str) -> str:
    with transaction():
        return versions.draft(organisation_id, title="Жаңы үлгү", layout=built_in(), actor=ACTOR).id


@pytest.fixture
def stranger(app: Bilim, organisation_id: str) -> FlaskClient:
    """Administrator of another academy."""
    with transaction():
        other = Organisation(code="other-academy", country="KG", names={"en": "Other", "ky": "Башка"})
        db.session.add(other)
        db.session.flush()
        other_id = other.id
    client = app.test_client()
    staff.sign_in(client, ACADEMY_ADMINISTRATOR, other_id)
    return client


def only_version() -> TemplateVersion:
    with reading():
        return db.session.scalars(select(TemplateVersion)).one()


def source(**changes: str) -> dict[str, str]:
    layout = built_in()
    return {"title": "Жаңы үлгү", "page": layout.page, "style": layout.style, "frame": layout.frame, **changes}


def test_nobody_sees_templates_without_signing_in(client: FlaskClient, draft_id: str) -> None:
    for path in ("/", f"/{draft_id}", f"/{draft_id}/preview", f"/{draft_id}/package", "/signers/"):
        answer = client.get(ROOT + path)
        assert answer.status_code == 303, path
        assert "/staff/sign-in" in answer.location


def test_another_role_is_refused(client: FlaskClient, organisation_id: str) -> None:
    staff.sign_in(client, AUDITOR, organisation_id)

    assert client.get(f"{ROOT}/").status_code == 403


def test_to_a_stranger_a_template_does_not_exist(stranger: FlaskClient, draft_id: str, organisation_id: str) -> None:
    for path in ("", "/preview", "/preview.pdf", "/trial", "/package"):
        assert stranger.get(f"{ROOT}/{draft_id}{path}").status_code == 404, path
    for path in ("", "/pictures", "/pictures/a.png/remove", "/publish", "/retire", "/discard"):
        form = {"proof": "", "sha256": ""}
        assert stranger.post(f"{ROOT}/{draft_id}{path}", data=form).status_code == 404, path
    assert stranger.post(f"{ROOT}/drafts", data={"organisation": organisation_id}).status_code == 404
    assert stranger.post(f"{ROOT}/packages", data={"organisation": organisation_id}).status_code == 404
    with reading():
        signer_id = db.session.scalars(select(Signer.id).filter_by(organisation_id=organisation_id).limit(1)).one()
    assert stranger.post(f"{ROOT}/signers/{signer_id}/signature").status_code == 404
    assert "Жаңы үлгү" not in stranger.get(f"{ROOT}/").text


def test_a_draft_begins_as_the_template_of_the_product(administrator: FlaskClient, organisation_id: str) -> None:
    answer = administrator.post(f"{ROOT}/drafts", data={"organisation": organisation_id, "title": "Биринчи"})

    assert answer.status_code == 303
    page = administrator.get(answer.location).text
    assert "Биринчи" in page
    assert "окуу модулун" in page
    assert "Биринчи" in administrator.get(f"{ROOT}/").text


def test_a_draft_is_saved_while_it_is_typed(administrator: FlaskClient, draft_id: str) -> None:
    answer = administrator.post(
        f"{ROOT}/{draft_id}", data=source(style="p { color: #123 }"), headers={"Accept": "application/json"}
    )

    assert answer.json is not None
    assert answer.json["saved"].startswith("Saved ")
    assert only_version().style == "p { color: #123 }"


def test_a_frame_that_is_not_allowed_is_told_at_its_field(administrator: FlaskClient, draft_id: str) -> None:
    bad = source(frame='<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')

    answer = administrator.post(f"{ROOT}/{draft_id}", data=bad)
    program = administrator.post(f"{ROOT}/{draft_id}", data=bad, headers={"Accept": "application/json"})

    assert answer.status_code == 422
    assert "The frame may hold plain shapes only; “script” is not one." in answer.text
    assert program.json is not None
    assert program.json["code"] == "frame-not-allowed"
    assert only_version().frame == built_in().frame


def test_the_preview_shows_the_pages_and_says_that_all_is_well(administrator: FlaskClient, draft_id: str) -> None:
    page = administrator.get(f"{ROOT}/{draft_id}/preview?example=full").text

    assert page.count("data:image/png;base64,") == 2
    assert "It fits, and everything that a certificate needs is there." in page


def test_the_preview_says_what_is_wrong(administrator: FlaskClient, draft_id: str) -> None:
    administrator.post(f"{ROOT}/{draft_id}", data=source(page=built_in().page.replace("{{ code }}", "{{ kode }}")))

    page = administrator.get(f"{ROOT}/{draft_id}/preview?part=1").text

    assert "There is no such placeholder." in page
    assert "kode" in page
    assert "<html" not in page


def test_the_preview_takes_a_certificate_of_the_organisation(administrator: FlaskClient, draft_id: str) -> None:
    with reading():
        organisation_id = versions.found(draft_id).organisation_id
    issued = registered.issue(organisation_id)

    answer = administrator.get(f"{ROOT}/{draft_id}/preview.pdf?number={issued.number}")

    assert answer.data.startswith(b"%PDF")
    assert administrator.get(f"{ROOT}/{draft_id}/preview?number=2026-KG-ZZ000001").status_code == 404


def test_a_template_is_published_after_its_trial(administrator: FlaskClient, draft_id: str) -> None:
    page = administrator.get(f"{ROOT}/{draft_id}/trial").text
    form = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("sha256", "proof")}

    answer = administrator.post(f"{ROOT}/{draft_id}/publish", data=form)

    assert answer.status_code == 303
    version = only_version()
    assert (version.state, version.number, version.sha256) == (VersionState.PUBLISHED, 2, built_in().sha256)
    assert administrator.post(f"{ROOT}/{draft_id}", data=source()).status_code == 409


def test_nothing_is_published_without_a_trial(administrator: FlaskClient, draft_id: str) -> None:
    form = {"sha256": built_in().sha256, "proof": "ab" * 32}

    assert administrator.post(f"{ROOT}/{draft_id}/publish", data=form).status_code == 400
    assert only_version().state == VersionState.DRAFT


def test_a_trial_that_finds_a_fault_offers_no_publication(administrator: FlaskClient, draft_id: str) -> None:
    administrator.post(f"{ROOT}/{draft_id}", data=source(style=built_in().style + ".qr { width: 20mm; height: 20mm }"))

    page = administrator.get(f"{ROOT}/{draft_id}/trial").text

    assert "The QR code is smaller than 28 mm." in page
    assert "Publish it" not in page


def test_a_published_template_is_retired_and_stays_to_be_seen(administrator: FlaskClient, draft_id: str) -> None:
    with transaction():
        versions.publish(versions.found(draft_id), trial.Trial(built_in().sha256, ()), actor=ACTOR)

    assert "In use" in administrator.get(f"{ROOT}/{draft_id}").text
    administrator.post(f"{ROOT}/{draft_id}/retire")

    page = administrator.get(f"{ROOT}/{draft_id}").text
    assert "Retired" in page
    assert built_in().sha256 in page
    copy = administrator.post(f"{ROOT}/drafts", data={"organisation": only_version().organisation_id, "base": draft_id})
    assert copy.status_code == 303


def test_a_draft_is_thrown_away(administrator: FlaskClient, draft_id: str) -> None:
    administrator.post(f"{ROOT}/{draft_id}/discard")

    assert administrator.get(f"{ROOT}/{draft_id}").status_code == 404


def test_a_package_goes_out_and_comes_in_again(administrator: FlaskClient, draft_id: str, organisation_id: str) -> None:
    package = administrator.get(f"{ROOT}/{draft_id}/package")
    assert "filename*=UTF-8''" in package.headers["Content-Disposition"]

    answer = administrator.post(
        f"{ROOT}/packages",
        data={"organisation": organisation_id, "file": (BytesIO(package.data), "template.zip")},
    )

    assert answer.status_code == 303
    assert answer.location != f"{ROOT}/{draft_id}"
    assert "Жаңы үлгү" in administrator.get(answer.location).text


def test_a_package_that_is_none_is_refused_with_its_reason(administrator: FlaskClient, organisation_id: str) -> None:
    answer = administrator.post(
        f"{ROOT}/packages", data={"organisation": organisation_id, "file": (BytesIO(b"no archive"), "a.zip")}
    )

    assert answer.status_code == 422
    assert "This file is not a ZIP archive that we can read." in answer.text


def test_pictures_come_and_go(administrator: FlaskClient, draft_id: str) -> None:
    file = {"file": (BytesIO(examples.HAND), "Logo.PNG")}
    assert administrator.post(f"{ROOT}/{draft_id}/pictures", data=file).status_code == 303
    assert "logo.png" in administrator.get(f"{ROOT}/{draft_id}").text

    administrator.post(f"{ROOT}/{draft_id}/pictures/logo.png/remove")

    assert only_version().pictures == {}


def test_a_signature_is_printed_on_new_certificates(administrator: FlaskClient, organisation_id: str) -> None:
    with reading():
        signer_id = db.session.scalars(select(Signer.id).filter_by(organisation_id=organisation_id).limit(1)).one()
    file = {"file": (BytesIO(examples.HAND), "hand.png")}

    assert administrator.post(f"{ROOT}/signers/{signer_id}/signature", data=file).status_code == 303

    assert "data:image/png;base64," in administrator.get(f"{ROOT}/signers/").text
    with reading():
        assert db.session.get_one(Signer, signer_id).signature_sha256 is not None
    administrator.post(f"{ROOT}/signers/{signer_id}/signature/remove")
    with reading():
        assert db.session.get_one(Signer, signer_id).signature_sha256 is None
