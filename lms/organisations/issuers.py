"""Who issues and who signs on a day, and which body answers for an old certificate today."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from lms.core import audit
from lms.core.db import db, insert_once
from lms.organisations.models import JointIssuer, Organisation, PlatformIssuer, Series, Signer

LONGEST_SUCCESSION = 20


@dataclass(frozen=True)
class Succession:
    """The body that answers today, and the legal act by which it took over."""

    names: Mapping[str, str]
    act: str | None
    day: date | None


def issuer_of(series: str, *, organisation_code: str | None = None) -> Organisation | None:
    """The organisation that numbers a series; None if there is none, or several and no code tells which."""
    wanted = select(Organisation).join(Series, Series.organisation_id == Organisation.id).where(Series.code == series)
    if organisation_code is not None:
        wanted = wanted.where(Organisation.code == organisation_code)
    found = db.session.scalars(wanted.limit(2)).all()
    return found[0] if len(found) == 1 else None


def signer_on(organisation_id: str, day: date) -> Signer | None:
    """Who signs for the organisation on this day; of two spans that overlap, the later one."""
    return db.session.scalar(
        select(Signer)
        .where(
            Signer.organisation_id == organisation_id,
            Signer.valid_from <= day,
            or_(Signer.valid_until.is_(None), Signer.valid_until >= day),
        )
        .order_by(Signer.valid_from.desc())
        .limit(1)
    )


def signers_of(organisation_id: str) -> list[Signer]:
    """Everybody who signs or signed for the organisation, the latest span first."""
    wanted = select(Signer).filter_by(organisation_id=organisation_id).order_by(Signer.valid_from.desc())
    return list(db.session.scalars(wanted))


def joint_issuers(series: str, organisation_id: str) -> list[Organisation]:
    """The organisations that issue the certificates of a series together with this one, by their code."""
    wanted = (
        select(Organisation)
        .join(JointIssuer, JointIssuer.organisation_id == Organisation.id)
        .join(Series, Series.id == JointIssuer.series_id)
        .where(Series.code == series, Series.organisation_id == organisation_id)
        .order_by(Organisation.code)
    )
    return list(db.session.scalars(wanted))


def named(organisation_ids: Collection[str] | None) -> list[Organisation]:
    """These organisations, or all of them, by their code."""
    wanted = select(Organisation).order_by(Organisation.code)
    if organisation_ids is not None:
        wanted = wanted.where(Organisation.id.in_(organisation_ids))
    return list(db.session.scalars(wanted))


def id_of(code: str) -> str | None:
    """Id of the organisation with this code; None if there is none."""
    return db.session.scalar(select(Organisation.id).filter_by(code=code))


def valid_for_months(series: str, organisation_id: str) -> int | None:
    """How long certificates of a series are valid; None means without end."""
    return db.session.scalar(select(Series.valid_for_months).filter_by(code=series, organisation_id=organisation_id))


def prints_transcript(series: str, organisation_id: str) -> bool:
    """Whether certificates of a series have a second page with units, hours and results."""
    wanted = select(Series.has_transcript).filter_by(code=series, organisation_id=organisation_id)
    return bool(db.session.scalar(wanted))


def codes_by_platform(registration_ids: Collection[str]) -> dict[str, str]:
    """Codes of the organisations that answer for the learners of these platforms; who is not assigned is missing."""
    wanted = (
        select(PlatformIssuer.registration_id, Organisation.code)
        .join(Organisation, Organisation.id == PlatformIssuer.organisation_id)
        .where(PlatformIssuer.registration_id.in_(registration_ids))
    )
    return {row.registration_id: row.code for row in db.session.execute(wanted)}


def of_platform(registration_id: str) -> str | None:
    """Id of the organisation that answers for the learners of a platform; None where nobody was assigned."""
    return db.session.scalar(select(PlatformIssuer.organisation_id).filter_by(registration_id=registration_id))


def assign(registration_id: str, organisation: Organisation, *, actor: str) -> None:
    """Let an organisation answer for the learners of a platform from now on. What was issued stays as it is."""
    row, is_new = insert_once(
        PlatformIssuer, {"registration_id": registration_id}, {"organisation_id": organisation.id}
    )
    if is_new or row.organisation_id != organisation.id:
        row.organisation_id = organisation.id
        subject = f"registration:{registration_id}"
        audit.record("organisation.assigned", subject=subject, actor=actor, organisation=organisation.code)


def answering_today(organisation_id: str) -> Organisation:
    """The organisation itself, or the body that took over its duties last."""
    body = db.session.get_one(Organisation, organisation_id)
    for _step in range(LONGEST_SUCCESSION):
        if body.successor_id is None:
            break
        body = db.session.get_one(Organisation, body.successor_id)
    return body


def with_predecessors(organisation_id: str) -> frozenset[str]:
    """The organisation, and all whose duties came to it."""
    rows = db.session.execute(select(Organisation.id, Organisation.successor_id)).all()
    found = {organisation_id}
    for _step in range(LONGEST_SUCCESSION):
        came = {row.id for row in rows if row.successor_id in found} - found
        if not came:
            break
        found |= came
    return frozenset(found)


def succession_of(organisation_id: str) -> Succession | None:
    """Which body answers today for what this organisation issued; None if it does so itself."""
    body = db.session.get_one(Organisation, organisation_id)
    last_step = None
    for _step in range(LONGEST_SUCCESSION):
        if body.successor_id is None:
            break
        last_step, body = body, db.session.get_one(Organisation, body.successor_id)
    return Succession(body.names, last_step.succession_act, last_step.succession_date) if last_step else None
