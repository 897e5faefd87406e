"""What the bureau keeps about somebody who was nominated or is on a roster, once it is known who that is; and the consent."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import select, update

from courses.cohorts import rotation
from courses.cohorts.hosting_models import Stay
from courses.cohorts.models import Binding, Call, Cohort, Member, Nomination, RosterImport
from lms.core.db import db
from lms.core.i18n import _l
from lms.people import consents, holdings, retention
from lms.people.consents import Consent
from lms.people.holdings import Holding
from lms.people.retention import LostFiles


def init() -> None:
    """Make them known."""
    holdings.register(
        "cohorts",
        Holding(
            title=_l("Nominations and cohorts"),
            shown=_shown,
            erased=_erased,
            why=_l("E-mail address and passport are deleted. The rest stays in the register of training by law."),
        ),
    )
    consents.register("nominations", _consents)
    rotation.init()
    retention.register("lost-rosters", LostFiles("rosters", _kept_rosters))


def _kept_rosters(names: Collection[str]) -> Iterable[str | None]:
    return db.session.scalars(select(RosterImport.stored_as).where(RosterImport.stored_as.in_(names)))


def _shown(person_id: str) -> dict[str, list[dict[str, Any]]]:
    members = _members(person_id)
    return {
        "rosters": [_roster(member, cohort) for member, cohort in members],
        "nominations": [_nomination(row, call) for row, call in _nominations(members)],
    }


def _roster(member: Member, cohort: Cohort) -> dict[str, Any]:
    return {
        **_common(member),
        "cohort": cohort.title,
        "starts_on": cohort.starts_on.isoformat(),
        "ends_on": cohort.ends_on.isoformat(),
        "has_passport": member.passport_encrypted is not None,
        "passport_until": member.passport_until.isoformat() if member.passport_until else None,
        "at_the_host": _stay(member),
        "left_at": member.left_at.isoformat() if member.left_at else None,
    }


def _stay(member: Member) -> dict[str, Any] | None:
    told = db.session.get(Stay, member.id)
    if told is None:
        return None
    back = told.came_back_on.isoformat() if told.came_back_on else None
    return {"hours": told.hours, "result": told.result, "came_back_on": back}


def _nomination(row: Nomination, call: Call) -> dict[str, Any]:
    return {
        **_common(row),
        "call": call.title,
        "number": row.number,
        "service_years": row.service_years,
        "post_group": row.post_group,
        "languages": list(row.languages),
        "last_training_on": row.last_training_on.isoformat() if row.last_training_on else None,
        "outcome": row.outcome,
        "rank": row.rank,
        "points": row.points,
        "protocol": row.protocol,
    }


def _common(row: Member | Nomination) -> dict[str, Any]:
    """Not the personal number itself: a file that travels should not carry it."""
    return {
        "name": row.name,
        "latin_name": row.latin_name,
        "gender": row.gender,
        "region": row.region,
        "level": row.level,
        "email": row.email,
        "has_personal_number": row.number_encrypted is not None,
    }


def _consents(person_id: str) -> list[Consent]:
    return [
        Consent(
            title=_l("Nomination for training: %(title)s", title=call.title),
            text=_l(
                "I agree that my agency nominates me for this training, and that the bureau keeps and compares the facts "
                "above for the selection, shows my number, points and outcome without my name in the public protocol, and "
                "gives the host what it needs for my journey if I am selected."
            ),
            version=row.consent_version,
            language=row.consent_language,
            given_on=row.consented_on,
            how_to_withdraw=_l("Write to the bureau. What the law keeps in the register of training stays."),
        )
        for row, call in _nominations(_members(person_id))
    ]


def _members(person_id: str) -> Sequence[tuple[Member, Cohort]]:
    """As whom somebody decided this person is on rosters."""
    bound = (Binding.person_id == person_id, Binding.verdict == "same", Binding.undone_at.is_(None))
    found = db.session.execute(
        select(Member, Cohort)
        .join(Binding, Binding.member_id == Member.id)
        .join(Cohort, Cohort.id == Member.cohort_id)
        .where(*bound)
        .order_by(Cohort.starts_on, Cohort.id)
    )
    return [(row[0], row[1]) for row in found]


def _nominations(members: Sequence[tuple[Member, Cohort]]) -> Sequence[tuple[Nomination, Call]]:
    """Also those from which no place followed: the same person by the keyed hash."""
    keys = {member.person_key for member, _cohort in members}
    found = db.session.execute(
        select(Nomination, Call)
        .join(Call, Call.id == Nomination.call_id)
        .where(Nomination.person_key.in_(keys))
        .order_by(Call.opens_on, Call.id)
    )
    return [(row[0], row[1]) for row in found]


def _erased(person_id: str) -> int:
    """Address and passport; how many rows had one."""
    members = _members(person_id)
    nominations = [row.id for row, _call in _nominations(members) if row.email is not None]
    rows = [row.id for row, _cohort in members if row.email is not None or row.passport_encrypted is not None]
    nothing = {"email": None, "passport_encrypted": None, "passport_until": None}
    for statement in (
        update(Member).where(Member.id.in_(rows)).values(**nothing),
        update(Nomination).where(Nomination.id.in_(nominations)).values(email=None),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
    return len(rows) + len(nominations)
