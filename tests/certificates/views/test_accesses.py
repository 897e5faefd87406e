"""The holder's page about who looked."""

from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.oauth import clients
from lms.organisations.models import Organisation
from lms.people import accesses
from lms.people.accesses import AccessKind
from lms.people.models import Person
from lms.signin.roles import BUREAU_OFFICER
from tests.certificates.views.test_trainee import Visitor, platform, visitor
from tests.staff import make_staff

__all__ = ["platform", "visitor"]  # fixtures


def test_a_person_reads_who_looked_for_what_and_by_which_service(
    app: Bilim, visitor: Visitor, client: FlaskClient
) -> None:
    address = f"{visitor.home}/accesses"
    before = visitor.browser.get(address).text
    with reading():
        person_id = db.session.scalars(select(Person.id)).one()
        body_id = db.session.scalars(select(Organisation.id)).first()
    officer = f"staff:{make_staff(BUREAU_OFFICER, body_id, name='Офицер Үлгүбаева')}"
    with transaction():
        program, _secret = clients.admit(name="Personnel system", scope=("records:read",), actor="test:setup")
        asked = {
            officer: (AccessKind.STAFF, "competition: Конкурс <12>"),
            f"client:{program.id}": (AccessKind.PROGRAM, "report: Year 2026"),
            "xroad:KG/GOV/7000/hr": (AccessKind.XROAD, "audit"),
            "staff:gone": (AccessKind.STAFF, "audit"),
        }
        for who, (kind, purpose) in asked.items():
            accesses.note(person_id=person_id, who=who, kind=kind, purpose=purpose, service="door", reference="R-7")

    page = visitor.browser.get(address).text

    assert "Nobody has looked yet" in before
    for words in ("Офицер Үлгүбаева, Demonstration", "Competition for a post", "Конкурс &lt;12&gt;", "R-7", "door"):
        assert words in page
    for words in ("Personnel system", "KG/GOV/7000/hr", "A former member of staff"):
        assert words in page
    assert f'href="{address}"' in visitor.browser.get(f"{visitor.home}/hours/").text
    assert client.get(address).status_code in (401, 403, 404)
