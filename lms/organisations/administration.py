"""A page on which staff see every body, what it issues, who signs for it and who answers for it today."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from sqlalchemy import select

from lms.core import clock
from lms.core.db import db
from lms.core.errors import Sentence
from lms.core.i18n import civil_date
from lms.organisations import issuers, kinds
from lms.organisations.issuers import Succession
from lms.organisations.kinds import Kind
from lms.organisations.models import Organisation, Series, Signer

blueprint = Blueprint("organisations", __name__, template_folder="templates")


@dataclass(frozen=True)
class _Shown:
    body: Organisation
    kind: Sentence
    series: list[str]
    signer: Signer | None
    today: Succession | None
    """Another body that answers for it, with the legal act."""


@blueprint.get("/")
def listing() -> str:
    """All bodies by country and code, in a fixed number of queries but for those that have a successor."""
    return render_template("organisations/listing.html", organisations=_all())


def _all() -> list[_Shown]:
    bodies = db.session.scalars(select(Organisation).order_by(Organisation.country, Organisation.code)).all()
    series: dict[str, list[str]] = {}
    for row in db.session.scalars(select(Series).order_by(Series.code)):
        series.setdefault(row.organisation_id, []).append(f"{row.country}-{row.code}")
    signers = _signers_today()
    return [
        _Shown(
            body=body,
            kind=kinds.NAMES[Kind(body.kind)],
            series=series.get(body.id, []),
            signer=signers.get(body.id),
            today=issuers.succession_of(body.id) if body.successor_id else None,
        )
        for body in bodies
    ]


def _signers_today() -> dict[str, Signer]:
    today = civil_date(clock.now())
    rows = db.session.scalars(select(Signer).where(Signer.valid_from <= today).order_by(Signer.valid_from))
    return {row.organisation_id: row for row in rows if row.valid_until is None or row.valid_until >= today}
