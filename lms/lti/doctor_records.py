"""What our own records say of a platform: its standing, places, launches, refusals, and work that waits. Calls nobody."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import Select, func, select

from lms.core import circuits, clock, jobs
from lms.core.audit import AuditEvent
from lms.core.db import db
from lms.core.i18n import _l, format_moment
from lms.lti import ags, ags_line_items, nrps, nrps_update, registrations
from lms.lti.claims import NOTICES_SCOPE
from lms.lti.findings import Finding, attention, good, note, problem
from lms.lti.memberships import RosterUpdate
from lms.lti.models import Context, Deployment, LaunchSession, Registration, ResourceLink, State
from lms.lti.services import ContextServices, NoticeHandler

LOOKED_BACK = timedelta(days=7)
"""Older refusals say nothing of today."""
LONG_AGO = timedelta(days=30)
MOST_LINKS = 2000
"""Newer links than these need not be read to know what the courses of a platform grant."""
SCORE_KINDS = ("score", "part-score")
"""The jobs that send grades. Their subjects belong to the packages above, so they are counted for all platforms."""
MOST_NAMED = 3
"""So many codes and ids are written into a sentence; the rest is in the facts."""


def standing(row: Registration) -> Iterator[Finding]:
    """Whether an administrator let it in."""
    if row.state == State.PENDING:
        yield problem(row, "platform-pending", _l("It registered by itself. Nobody has confirmed it."))
    elif row.state == State.DISABLED:
        yield problem(row, "platform-disabled", _l("An administrator of Bilim has closed it."))
    elif row.state == State.DELETED:
        yield problem(row, "platform-deleted", _l("It was deleted."))
    else:
        yield good("platform-active", _l("It is open for launches."))
    if row.proposed and row.state != State.PENDING:
        yield attention(row, "new-values-wait", _l("It sent new addresses, which wait for a decision."))


def places(row: Registration) -> Iterator[Finding]:
    """Where the tool was put."""
    known = registrations.deployments_of(row)
    approved = [each.deployment_id for each in known if each.is_approved]
    refused = [each.deployment_id for each in known if each.refused_at]
    waiting = [each.deployment_id for each in known if not each.is_approved and not each.refused_at]
    if approved:
        said = _l("Deployments that may open modules: %(ids)s.", ids=_listed(approved))
        yield good("deployments-approved", said, deployments=approved)
    elif row.deployment_policy == "open":
        yield note("deployments-open", _l("No deployment is known yet. The first launch makes it known."))
    else:
        yield problem(row, "deployment-none", _l("No deployment is approved, so every launch is refused."))
    if waiting:
        said = _l(
            "Deployments that wait for a decision, and whose launches are refused: %(ids)s.", ids=_listed(waiting)
        )
        yield attention(row, "deployments-wait", said, deployments=waiting)
    if refused:
        said = _l("Deployments that an administrator of Bilim refused: %(ids)s.", ids=_listed(refused))
        yield note("deployments-refused", said, deployments=refused)


def launches(row: Registration) -> Iterator[Finding]:
    """When somebody last came, and why others could not."""
    last = db.session.scalar(select(func.max(LaunchSession.started_at)).filter_by(registration_id=row.id))
    refused = _refusals(row)
    if last is None:
        yield attention(row, "never-launched", _l("Nobody has opened a module from there yet."))
    else:
        said = _l("The last launch: %(time)s.", time=format_moment(last))
        is_old = last + LONG_AGO < clock.now()
        yield (note if is_old else good)("launch-long-ago" if is_old else "launch-last", said, at=last.isoformat())
    if not refused:
        return
    counts = Counter(str(event.facts.get("code", "")) for event in refused)
    told = ", ".join(f"{code} ({times})" for code, times in counts.most_common(MOST_NAMED))
    facts = {"codes": dict(counts), "last": _facts_of(refused[0])}
    if last is None or last + LOOKED_BACK < clock.now():
        said = _l("In seven days every launch was refused: %(codes)s.", codes=told)
        yield problem(row, "launches-refused-only", said, **facts)
    else:
        said = _l("Launches were refused in the last seven days: %(codes)s.", codes=told)
        yield attention(row, "launches-refused", said, **facts)


def _listed(ids: Sequence[str]) -> str:
    return ", ".join(ids[:MOST_NAMED]) + (" ..." if len(ids) > MOST_NAMED else "")


def _refusals(row: Registration) -> Sequence[AuditEvent]:
    return db.session.scalars(
        select(AuditEvent)
        .where(AuditEvent.subject == row.id, AuditEvent.action == "lti.launch-refused")
        .where(AuditEvent.at > clock.now() - LOOKED_BACK)
        .order_by(AuditEvent.id.desc())
        .limit(500)
    ).all()


def _facts_of(event: AuditEvent) -> dict[str, object]:
    return {"at": event.at.isoformat(), "request": event.request_id, **event.facts}


def work(row: Registration) -> Iterator[Finding]:
    """Grades that wait, of all platforms together, and lists of participants of this one."""
    counts = jobs.counted(SCORE_KINDS)
    waiting = sum(each.number for each in counts if not each.needs_person)
    stuck = {each.last_error or "": each.number for each in counts if each.needs_person}
    if stuck:
        told = ", ".join(f"{code} ({number})" for code, number in sorted(stuck.items()))
        said = _l("Grades could not be sent, in all learning systems together: %(codes)s.", codes=told)
        yield attention(row, "scores-need-person", said, codes=stuck)
    if waiting:
        said = _l("Grades that wait to be sent, in all learning systems together: %(number)s.", number=waiting)
        yield attention(row, "scores-wait", said, number=waiting)
    if not stuck and not waiting:
        yield good("scores-sent", _l("No grade waits to be sent."))
    yield from _lists(row)


def answering(row: Registration) -> Iterator[Finding]:
    """Whether its services are left alone for a while (:mod:`lms.core.circuits`)."""
    found = circuits.standing(row.id)
    if found.retry_at is not None:
        said = _l(
            "Its services failed %(number)s times in a row (%(code)s). Bilim calls them again at %(time)s.",
            number=found.failures,
            code=found.last_error or "-",
            time=format_moment(found.retry_at),
        )
        yield attention(row, "platform-paused", said, failures=found.failures, error=found.last_error)
    elif found.state == "slow":
        said = _l("Its services answer slowly, so Bilim calls them one at a time. Others do not wait for it.")
        yield attention(row, "platform-slow", said)


def _lists(row: Registration) -> Iterator[Finding]:
    courses = [str(course_id) for course_id in db.session.scalars(_courses_of(row))]
    failed = [
        state.last_error or ""
        for state in jobs.states_of(nrps_update.UPDATE, courses).values()
        if state.status != "done" and state.last_error
    ]
    if failed:
        told = ", ".join(f"{code} ({number})" for code, number in sorted(Counter(failed).items()))
        said = _l("Lists of participants could not be read: %(codes)s.", codes=told)
        yield attention(row, "roster-updates-failed", said, codes=dict(Counter(failed)))
    read = db.session.scalar(
        select(func.max(RosterUpdate.finished_at)).where(RosterUpdate.context_row_id.in_(_courses_of(row)))
    )
    if read and not failed:
        yield good("roster-read", _l("Lists of participants are read."), at=read.isoformat())


def grants(row: Registration) -> Iterator[Finding]:
    """What its courses allow, of what we need."""
    found = _links(row)
    if not found:
        return
    if not any(ags.SCORE_SCOPE in scopes for scopes, _column in found):
        said = _l("No course lets Bilim write grades: its launches do not offer the grade service.")
        yield problem(row, "grades-not-granted", said)
    elif not any(column or ags_line_items.SCOPE in scopes for scopes, column in found):
        yield note("columns-not-granted", _l("Launches name no column of the gradebook, and Bilim may make none."))
    else:
        yield good("grades-granted", _l("Courses let Bilim write grades."))
    if not _offers_list(row):
        said = _l("No course offers the list of its participants. Bilim knows only who has come.")
        yield attention(row, "roster-not-granted", said)


def scopes_to_ask(row: Registration) -> list[str]:
    """What the courses of this platform granted; as long as nobody has come, what it said when it registered."""
    granted = {scope for scopes, _column in _links(row) for scope in scopes}
    if _offers_list(row):
        granted.add(nrps.SCOPE)
    wanted = select(NoticeHandler.url).join(Deployment, Deployment.id == NoticeHandler.deployment_row_id)
    if db.session.scalar(wanted.where(Deployment.registration_id == row.id).limit(1)):
        granted.add(NOTICES_SCOPE)
    return sorted(granted or row.scopes or {ags.SCORE_SCOPE, nrps.SCOPE})


def place_to_ask(row: Registration) -> str:
    """The deployment from which somebody came last, as the platform calls it; nothing if nobody has."""
    wanted = select(Deployment.deployment_id).join(LaunchSession, LaunchSession.deployment_id == Deployment.id)
    last = wanted.where(Deployment.registration_id == row.id).order_by(LaunchSession.started_at.desc())
    return db.session.scalar(last.limit(1)) or ""


def _links(row: Registration) -> list[tuple[list[str], str | None]]:
    """What each link of a course granted, and the column that it named."""
    rows = db.session.execute(
        select(ResourceLink.ags_scopes, ResourceLink.line_item_url).filter_by(registration_id=row.id).limit(MOST_LINKS)
    )
    return [(scopes, column) for scopes, column in rows]


def _courses_of(row: Registration) -> Select[str]:
    return select(Context.id).join(Deployment, Deployment.id == Context.deployment_id).filter_by(registration_id=row.id)


def _offers_list(row: Registration) -> bool:
    wanted = select(ContextServices.context_row_id).where(ContextServices.memberships_url.is_not(None))
    return db.session.scalar(wanted.where(ContextServices.context_row_id.in_(_courses_of(row))).limit(1)) is not None
