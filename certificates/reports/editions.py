"""Editions of reports: asked for, kept in a chain, found again.

Each edition holds the hash of the one before, over all reports. Whoever changes one, takes one out or puts one in behind the
database's back breaks the chain (docs/adr/0048).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from sqlalchemy import select

from certificates.reports import periods
from certificates.reports.models import ReportEdition, ReportRequest
from certificates.reports.snapshot import digest
from lms.core import audit, clock, jobs
from lms.core.db import db, insert_once
from lms.core.errors import Invalid, NotFound
from lms.core.i18n import _l, civil_date

JOB = "report"
NO_EDITION = "0" * 64
"""What the first edition holds as the hash before it."""
LONGEST_REASON = 500
_HASHED = ("organisation_id", "period", "number", "figures_sha256", "differences", "reason", "files", "made_by")


def ask(request_id: str, *, organisation_id: str, period: str, reason: str, actor: str) -> ReportRequest:
    """Ask for the report of a period, in the caller's transaction; the same id again gives the same request.

    :param reason: why there is to be another edition; not needed for the first.
    :raises Invalid: ``period-unknown``, ``reason-missing``, ``reason-too-long``; :raises Conflict: ``period-not-over``.
    """
    periods.refuse_unless_over(period, civil_date(clock.now()))
    reason = reason.strip()
    last = latest(organisation_id, period)
    if last is not None and not reason:
        sentence = _l("This report is made already. For another edition write what is to be corrected.")
        raise Invalid("reason-missing", sentence, fields={"reason": [sentence]})
    if len(reason) > LONGEST_REASON:
        sentence = _l("This is too long. Use at most %(most)s characters.", most=LONGEST_REASON)
        raise Invalid("reason-too-long", sentence, fields={"reason": [sentence]})
    values = {
        "organisation_id": organisation_id,
        "period": period,
        "reason": reason if last else "",
        "asked_by": actor,
        "asked_at": clock.now(),
    }
    asked, is_new = insert_once(ReportRequest, {"id": request_id}, values)
    if is_new:
        jobs.queue(JOB, asked.id)
        audit.record("report.asked", subject=f"report:{asked.id}", actor=actor, period=period)
    return asked


def add(request: ReportRequest, values: Mapping[str, Any], *, after: ReportEdition | None) -> ReportEdition:
    """Put an edition at the end of the chain, in the caller's transaction.

    :param values: columns of the edition, without those of the chain.
    :param after: the end of the chain as it was when the report was made.
    :raises sqlalchemy.exc.IntegrityError: somebody else was faster.
    """
    edition = ReportEdition(
        **values, id=after.id + 1 if after else 1, previous_hash=after.hash if after else NO_EDITION, hash=""
    )
    edition.hash = hash_of(edition)
    db.session.add(edition)
    db.session.flush()
    request.edition_id = edition.id
    facts = {"period": edition.period, "edition": edition.number, "figures_sha256": edition.figures_sha256}
    audit.record("report.made", subject=f"report-edition:{edition.id}", actor=edition.made_by, **facts)
    return edition


def hash_of(edition: ReportEdition) -> str:
    """SHA-256 of everything in an edition together with the hash before: what ``hash`` has to be."""
    content = {name: getattr(edition, name) for name in _HASHED} | {
        "id": edition.id,
        "made_at": edition.made_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "previous": edition.previous_hash,
    }
    return digest(json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def end_of_chain() -> ReportEdition | None:
    """The last edition of all."""
    return db.session.scalar(select(ReportEdition).order_by(ReportEdition.id.desc()).limit(1))


def latest(organisation_id: str, period: str) -> ReportEdition | None:
    """The edition that holds."""
    wanted = select(ReportEdition).filter_by(organisation_id=organisation_id, period=period)
    return db.session.scalar(wanted.order_by(ReportEdition.number.desc()).limit(1))


def get(edition_id: int) -> ReportEdition:
    """:raises NotFound: ``not-found``."""
    edition = db.session.get(ReportEdition, edition_id)
    if edition is None:
        raise _not_found()
    return edition


def request_of(request_id: str) -> ReportRequest:
    """:raises NotFound: ``not-found``."""
    request = db.session.get(ReportRequest, request_id)
    if request is None:
        raise _not_found()
    return request


def of(organisations: frozenset[str] | None) -> Sequence[ReportEdition]:
    """Every edition of these bureaus (None means all), the latest period first, then the latest edition."""
    wanted = select(ReportEdition).order_by(
        ReportEdition.period.desc(), ReportEdition.organisation_id, ReportEdition.number.desc()
    )
    if organisations is not None:
        wanted = wanted.where(ReportEdition.organisation_id.in_(organisations))
    return db.session.scalars(wanted).all()


def editions_like(edition: ReportEdition) -> Sequence[ReportEdition]:
    """All editions of the same report, the newest first."""
    wanted = select(ReportEdition).filter_by(organisation_id=edition.organisation_id, period=edition.period)
    return db.session.scalars(wanted.order_by(ReportEdition.number.desc())).all()


def with_figures(figures: str, pdf_sha256: str) -> ReportEdition | None:
    """The edition with exactly these figures; of several that have them, the one with this file. Reads any language's file."""
    found = db.session.scalars(select(ReportEdition).filter_by(figures_sha256=digest(figures))).all()
    exact = [each for each in found if pdf_sha256 in {file["sha256"] for file in each.files.values()}]
    return next(iter([*exact, *found]), None)


def under_way(organisations: frozenset[str] | None) -> Sequence[ReportRequest]:
    """Requests that are not done yet, the newest first."""
    wanted = select(ReportRequest).filter_by(edition_id=None, refusal=None).order_by(ReportRequest.asked_at.desc())
    if organisations is not None:
        wanted = wanted.where(ReportRequest.organisation_id.in_(organisations))
    return db.session.scalars(wanted).all()


def _not_found() -> NotFound:
    return NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
