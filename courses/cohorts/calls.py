"""Calls and nominations: dates, criteria fixed before, nominees who have agreed, and rules that say what is met."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from courses.cohorts import draws, identity, plans
from courses.cohorts.criteria import Candidate, Criteria, Rule, eligibility
from courses.cohorts.models import Call, Nomination, Plan
from lms.core import audit, clock, secret_key, vault
from lms.core.db import db, new_id
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.i18n import _l, civil_date
from lms.people import number_keys

CONSENT_VERSION = "2026-1"
"""Of the text that a nominee agrees to; the text stands in docs/bureau.md and on the form."""
SEED_PURPOSE = "selection-seed"
secret_key.register(Call.seed_encrypted, SEED_PURPOSE)


def publish(plan: Plan, values: Mapping[str, Any], criteria: Criteria, *, actor: str) -> Call:
    """Publish a call. From now on its criteria and the commitment of its draw stand.

    :raises Invalid: ``days-not-in-order``.
    """
    if values["closes_on"] < values["opens_on"]:
        raise Invalid(
            "days-not-in-order",
            _l("The last day lies before the first."),
            fields={"closes_on": [_l("The last day lies before the first.")]},
        )
    seed = secrets.token_hex(32)
    call = Call(
        **values,
        id=new_id(),
        plan_id=plan.id,
        criteria=criteria.document(),
        seed_commitment=draws.commitment(seed),
        seed_encrypted=vault.encrypt(seed.encode(), SEED_PURPOSE),
        published_at=clock.now(),
    )
    db.session.add(call)
    audit.record("call.published", subject=f"call:{call.id}", actor=actor, commitment=call.seed_commitment)
    return call


def seed_of(call: Call) -> str:
    """The secret seed. Nobody sees it before nominations are closed."""
    return vault.decrypt(call.seed_encrypted, SEED_PURPOSE).decode()


def get(call_id: str) -> tuple[Call, Plan]:
    """:raises NotFound: ``not-found``."""
    call = db.session.get(Call, call_id)
    if call is None:
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    return call, plans.get(call.plan_id)


def state_of(call: Call) -> str:
    """``published``, ``open``, ``closed``, ``selected`` or ``ordered``."""
    today = civil_date(clock.now())
    if call.ordered_on:
        return "ordered"
    if call.selected_at:
        return "selected"
    if today < call.opens_on:
        return "published"
    return "open" if today <= call.closes_on else "closed"


def nominate(call: Call, values: Mapping[str, Any], *, actor: str) -> Nomination:
    """Put somebody forward, with the consent that was given.

    :param values: see :class:`courses.cohorts.forms.NominationForm`.
    :raises Conflict: ``call-not-open``, ``nominated-already``.
    """
    if state_of(call) != "open":
        raise Conflict(
            "call-not-open", _l("Nominations are taken between the first and the last day of the call only.")
        )
    kept = {key: value for key, value in values.items() if key != "personal_number"}
    number = values["personal_number"]
    keys = identity.keys_of(number, email=values["email"], name=values["name"])
    known = select(Nomination.id).where(Nomination.call_id == call.id, Nomination.person_key.in_(keys))
    if db.session.scalar(known.limit(1)):
        raise Conflict("nominated-already", _l("This person is nominated in this call already."))
    nomination = Nomination(
        **kept,
        id=new_id(),
        call_id=call.id,
        number=_next_number(call),
        number_encrypted=identity.encrypted_number(number),
        person_key=keys[0],
        number_key=number_keys.current().id,
        consent_version=CONSENT_VERSION,
        made_by=actor,
    )
    db.session.add(nomination)
    subject = f"nomination:{nomination.id}"
    audit.record("nomination.made", subject=subject, actor=actor, call=call.id, consent=CONSENT_VERSION)
    return nomination


def nominations(call: Call, *, agencies: frozenset[str] | None = None) -> Sequence[Nomination]:
    """Of a call, by rank, then by number; of these agencies only, unless None."""
    wanted = select(Nomination).filter_by(call_id=call.id)
    if agencies is not None:
        wanted = wanted.where(Nomination.agency_id.in_(agencies))
    return db.session.scalars(wanted.order_by(Nomination.rank.is_(None), Nomination.rank, Nomination.number)).all()


def rules_of(call: Call, nomination: Nomination) -> tuple[Rule, ...]:
    """Each condition of the call for this nominee, met or unmet."""
    return eligibility(candidate(nomination), Criteria.of(call.criteria), on=call.closes_on)


def candidate(row: Nomination) -> Candidate:
    """What the criteria look at."""
    return Candidate(
        number=row.number,
        region=row.region,
        agency=row.agency_id,
        level=row.level,
        gender=row.gender,
        service_years=row.service_years,
        post_group=row.post_group,
        languages=frozenset(row.languages),
        last_training_on=row.last_training_on,
    )


def open_today() -> Sequence[tuple[Call, Plan]]:
    """Calls in which anybody may nominate now."""
    today: date = civil_date(clock.now())
    found = db.session.execute(
        select(Call, Plan)
        .join(Plan, Plan.id == Call.plan_id)
        .where(Call.opens_on <= today, Call.closes_on >= today, Call.selected_at.is_(None))
        .order_by(Call.closes_on, Call.id)
    )
    return [(row[0], row[1]) for row in found]


def of_organisations(organisations: frozenset[str] | None) -> Sequence[tuple[Call, Plan]]:
    """Calls of these bureaus, of all if None, the newest first."""
    wanted = select(Call, Plan).join(Plan, Plan.id == Call.plan_id).order_by(Call.opens_on.desc(), Call.id)
    if organisations is not None:
        wanted = wanted.where(Plan.organisation_id.in_(organisations))
    return [(row[0], row[1]) for row in db.session.execute(wanted)]


def _next_number(call: Call) -> int:
    last: int | None = db.session.scalar(select(func.max(Nomination.number)).filter_by(call_id=call.id))
    return (last or 0) + 1
