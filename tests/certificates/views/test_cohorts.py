import io
import re
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from certificates.models import Certificate, IssueBatch
from courses import records
from lms.core import jobs
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.organisations import loading as organisations
from lms.organisations.models import Organisation
from lms.signin.roles import ACADEMY_ADMINISTRATOR
from tests import staff
from tests.certificates import academy, registered
from tests.certificates.test_bulk import enter_course

ROOT = "/admin/certificates/cohorts"


@pytest.fixture
def administrator(app: Bilim, client: FlaskClient) -> FlaskClient:
    """Of an academy in whose one cohort two are eligible and one has not confirmed the name."""
    app.config["WTF_CSRF_ENABLED"] = False
    academy.open_academy(app)
    learners = [academy.graduate(), academy.graduate(), academy.enrol()]
    learners[2].complete()
    enter_course(learners)
    with transaction():
        db.session.execute(delete(jobs.Job))
        organisation_id = db.session.scalars(select(Organisation.id)).one()
    staff.sign_in(client, ACADEMY_ADMINISTRATOR, organisation_id)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def cohort_path() -> str:
    with reading():
        cohort = records.cohorts()[0]
    return f"{ROOT}/{cohort.id}/{cohort.module_slug}"


def form_id(page: str, action: str) -> str:
    found = re.search(rf'action="[^"]+/{action}".*?name="id" value="([^"]+)"', page, re.S)
    assert found is not None
    return found[1]


def test_the_list_tells_how_many_completed_and_have_a_certificate(administrator: FlaskClient) -> None:
    page = administrator.get(f"{ROOT}/").text

    assert "Ош шаары, 1-топ" in page
    assert 'data-label="Completed">3<' in page
    assert 'data-label="Certificates">0<' in page


def test_a_double_click_starts_one_batch_whose_page_looks_again_until_it_is_done(administrator: FlaskClient) -> None:
    page = administrator.get(cohort_path()).text
    form = {"id": form_id(page, "issue")}
    first, second = (administrator.post(f"{cohort_path()}/issue", data=form) for _ in range(2))

    assert first.location == second.location
    assert '<meta http-equiv="refresh" content="3">' in administrator.get(first.location).text
    jobs.run_due()

    done = administrator.get(first.location).text
    assert "refresh" not in done
    assert "3 of 3 records are done" in done
    assert "The holder has not confirmed yet how the name is written." in done
    with reading():
        assert len(db.session.scalars(select(IssueBatch)).all()) == 1
        assert len(db.session.scalars(select(Certificate)).all()) == 2


def test_a_batch_is_cancelled_and_goes_on(administrator: FlaskClient) -> None:
    form = {"id": form_id(administrator.get(cohort_path()).text, "issue")}
    batch = administrator.post(f"{cohort_path()}/issue", data=form).location
    administrator.post(f"{batch}/cancel")
    jobs.run_due()
    assert "Cancelled" in administrator.get(batch).text
    with reading():
        assert db.session.scalars(select(Certificate)).all() == []

    administrator.post(f"{batch}/restart")
    jobs.run_due()

    with reading():
        assert len(db.session.scalars(select(Certificate)).all()) == 2


def test_an_archive_is_made_and_downloaded_under_the_name_of_the_cohort(administrator: FlaskClient) -> None:
    issue = {"id": form_id(administrator.get(cohort_path()).text, "issue")}
    administrator.post(f"{cohort_path()}/issue", data=issue)
    jobs.run_due()
    form = {"id": form_id(administrator.get(cohort_path()).text, "export")}
    page = administrator.post(f"{cohort_path()}/export", data=form).location
    assert administrator.get(f"{page}/file").status_code == 404
    jobs.run_due()

    answer = administrator.get(f"{page}/file")

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="public-management.zip"; filename*=')
    assert "%D0%9E%D1%88" in answer.headers["Content-Disposition"]
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert len(ZipFile(io.BytesIO(answer.data)).namelist()) == 4
    assert "manifest.csv" in administrator.get(page).text


def test_another_academy_sees_nothing_of_it(administrator: FlaskClient, app: Bilim) -> None:
    form = {"id": form_id(administrator.get(cohort_path()).text, "issue")}
    batch = administrator.post(f"{cohort_path()}/issue", data=form).location
    with transaction():
        organisations.load(registered.SECOND.replace("series: [PM]", "series: [ZZ]"))
        other_id = db.session.scalars(select(Organisation.id).filter_by(code="second-academy")).one()
    stranger = app.test_client()
    staff.sign_in(stranger, ACADEMY_ADMINISTRATOR, other_id)

    assert "Ош шаары" not in stranger.get(f"{ROOT}/").text
    for path in (cohort_path(), batch):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"{cohort_path()}/issue", data=form).status_code == 404
    assert stranger.post(f"{batch}/cancel").status_code == 404
    assert stranger.post(f"{cohort_path()}/export", data=form).status_code == 404
