"""The protocol of a selection: made once when the call is closed, fixed by an order, changed by recorded decisions only."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import select

from courses.cohorts import calls, plans, selection
from courses.cohorts.criteria import Criteria
from courses.cohorts.models import Call, Nomination, Plan, SelectionDecision
from courses.cohorts.plans import QuotaExceeded
from courses.cohorts.selection import RESERVE, SELECTED, Limits, Ranked
from lms.core import audit, clock
from lms.core.db import db
from lms.core.errors import Conflict, NotFound
from lms.core.i18n import _l

DECLINED = "declined"
_MOVES = {SELECTED: DECLINED, RESERVE: SELECTED}
"""What a decision may do: a place is given up, or goes to somebody of the reserve list."""


def select_by_criteria(call: Call, plan: Plan, *, actor: str) -> tuple[Ranked, ...]:
    """Reveal the seed and write down what the published criteria say, once.

    :raises Conflict: ``call-not-closed``, ``selected-already``.
    """
    if call.selected_at:
        raise Conflict("selected-already", _l("The selection was made already and stands."))
    if calls.state_of(call) != "closed":
        raise Conflict("call-not-closed", _l("The selection is made after the last day of the call."))
    rows = {row.number: row for row in calls.nominations(call)}
    limits = plans.left(plan)
    call.seed, call.selected_at, call.limits = calls.seed_of(call), clock.now(), _document(limits)
    ranked = repeated(call, list(rows.values()))
    for each in ranked:
        _note(rows[each.number], each)
    counts = {outcome: sum(each.outcome == outcome for each in ranked) for outcome in (SELECTED, RESERVE)}
    audit.record("selection.made", subject=f"call:{call.id}", actor=actor, seed=call.seed, **counts)
    return ranked


def repeated(call: Call, rows: Sequence[Nomination]) -> tuple[Ranked, ...]:
    """The same selection again, from what was published: the proof that nobody touched it."""
    return selection.choose(
        [calls.candidate(row) for row in rows],
        Criteria.of(call.criteria),
        limits_of(call),
        seed=call.seed or "",
        on=call.closes_on,
    )


def limits_of(call: Call) -> Limits:
    """What was left of the plan then."""
    kept = call.limits or {"places": 0, "shares": [], "least_women": 0}
    shares = {(dimension, key): places for dimension, key, places in kept["shares"]}
    return Limits(places=kept["places"], shares=shares, least_women=kept["least_women"])


def order(call: Call, *, number: str, on: date, actor: str) -> None:
    """Fix the selection by an order.

    :raises Conflict: ``selection-missing``, ``ordered-already``.
    """
    if call.selected_at is None:
        raise Conflict("selection-missing", _l("Make the selection first."))
    if call.ordered_on:
        raise Conflict("ordered-already", _l("The order was entered already. Only a decision changes it."))
    call.order_number, call.ordered_on = number, on
    audit.record("selection.ordered", subject=f"call:{call.id}", actor=actor, number=number, on=on.isoformat())


def decide(call: Call, plan: Plan, nomination: Nomination, *, reason: str, act: str, actor: str) -> SelectionDecision:
    """After the order: somebody gives up a place, or somebody of the reserve list takes one.

    :raises Conflict: ``order-missing``, ``nothing-to-decide``, ``quota-exceeded``.
    """
    if call.ordered_on is None:
        raise Conflict("order-missing", _l("Enter the order first."))
    before = nomination.outcome or ""
    if before not in _MOVES:
        raise Conflict("nothing-to-decide", _l("This nominee has no place to give up and is on no reserve list."))
    after = _MOVES[before]
    if after == SELECTED:
        _refuse_beyond(plan, nomination)
    nomination.outcome = after
    decision = SelectionDecision(
        nomination_id=nomination.id, before=before, after=after, reason=reason, act=act, decided_by=actor
    )
    db.session.add(decision)
    audit.record("selection.changed", subject=f"nomination:{nomination.id}", actor=actor, before=before, after=after)
    return decision


def decisions(call: Call) -> list[tuple[SelectionDecision, int]]:
    """All decisions after the order with the number of the nomination, in their order."""
    found = db.session.execute(
        select(SelectionDecision, Nomination.number)
        .join(Nomination, Nomination.id == SelectionDecision.nomination_id)
        .where(Nomination.call_id == call.id)
        .order_by(SelectionDecision.decided_at, SelectionDecision.id)
    )
    return [(row[0], row[1]) for row in found]


def nomination_of(call: Call, nomination_id: str) -> Nomination:
    """:raises NotFound: ``not-found``."""
    found = db.session.scalar(select(Nomination).filter_by(id=nomination_id, call_id=call.id))
    if found is None:
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    return found


def _refuse_beyond(plan: Plan, nomination: Nomination) -> None:
    left = plans.left(plan)
    room = {"places": left.places} | {
        dimension: left.shares[dimension, key]
        for dimension, key in (
            ("region", nomination.region),
            ("agency", nomination.agency_id),
            ("level", nomination.level),
        )
        if (dimension, key) in left.shares
    }
    for what, places in room.items():
        if places < 1:
            raise QuotaExceeded(what, asked=1, left=places)


def _document(limits: Limits) -> dict[str, Any]:
    shares = [[dimension, key, places] for (dimension, key), places in sorted(limits.shares.items())]
    return {"places": limits.places, "shares": shares, "least_women": limits.least_women}


def _note(row: Nomination, each: Ranked) -> None:
    row.rank, row.points, row.outcome = each.rank, each.points, each.outcome
    row.protocol = {
        "rules": [asdict(rule) for rule in each.rules],
        "grounds": [asdict(ground) for ground in each.grounds],
        "lot": each.lot,
        "why": each.why,
    }
