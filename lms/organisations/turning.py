"""Where people turn who cannot open a module: they left their learning system, or were never in one. Open to all, names nobody."""

from flask import Blueprint, render_template
from sqlalchemy import select

from lms.core import settings
from lms.core.db import db
from lms.organisations.models import Organisation, Series

PATH = "/rights"

blueprint = Blueprint("turning", __name__, template_folder="templates")


@blueprint.get(PATH)
def where() -> str:
    """What one may ask, where those ask who have a learning system, and where all others."""
    configured = settings.current()
    return render_template(
        "organisations/turning.html",
        bodies=_issuing(),
        contact=configured.contact,
        contact_url=link_to(configured.contact),
        privacy_url=configured.privacy_url,
    )


def link_to(contact: str) -> str | None:
    """What opens a contact: the page, or the program for mail; None for what is dialled or read."""
    if contact.startswith("https://"):
        return contact
    return f"mailto:{contact}" if "@" in contact and not set(contact) & set(" ?&<>\"'") else None


def for_pages() -> dict[str, object]:
    """Below every page of ours that belongs to no launch."""
    return {"turning_url": PATH}


def _issuing() -> list[Organisation]:
    """Bodies that number certificates and answer for them today."""
    numbering = select(Series.organisation_id)
    wanted = select(Organisation).where(Organisation.id.in_(numbering), Organisation.successor_id.is_(None))
    return list(db.session.scalars(wanted.order_by(Organisation.country, Organisation.code)))
