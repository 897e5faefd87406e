"""Staff see every body and who answers for it today."""

from flask.testing import FlaskClient

from lms.core.db import db, transaction
from lms.core.web import Bilim
from lms.organisations import loading
from lms.organisations.models import Organisation
from lms.signin.roles import Role
from tests.staff import sign_in


def test_the_network_has_six_academies_and_a_centre_and_knows_who_took_over(app: Bilim, client: FlaskClient) -> None:
    with transaction():
        loading.load(loading.DEMO.read_text("utf-8"))
        loading.load(loading.NETWORK.read_text("utf-8"))
    sign_in(client, Role.BUREAU_OFFICER)

    page = client.get("/admin/organisations/?lang=en").text

    rows = db.session.scalars(db.select(Organisation).filter_by(successor_id=None)).all()
    network = [row for row in rows if row.code not in ("demonstration-academy",)]
    assert sorted(row.country for row in network if row.kind == "academy") == ["CN", "KG", "KZ", "TJ", "TM", "UZ"]
    assert [row.code for row in network if row.kind == "centre"] == ["demonstration-astana-hub"]
    assert "Ulgu Misalbekova" in page
    assert "UP-78 (Uzbekistan), 05.05.2025" in page
    assert "Network centre" in page


def test_who_runs_one_academy_does_not_see_all_bodies(app: Bilim, client: FlaskClient) -> None:
    with transaction():
        (academy,) = loading.load(loading.DEMO.read_text("utf-8"))
    sign_in(client, Role.ACADEMY_ADMINISTRATOR, academy.id)

    assert client.get("/admin/organisations/").status_code == 403
