"""What bodies are told over X-Road: as little as the question needs, and never a result or another person's number."""

from typing import Any

from certificates import following, lookup, verification
from certificates.following import News
from certificates.training import search
from certificates.training.search import Found, Line
from certificates.verification import Verdict
from courses import records
from courses.records import TrainedQuestion
from lms.core import clock
from lms.core.errors import NotFound
from lms.core.i18n import _l, civil_date
from lms.organisations import issuers
from lms.organisations.models import Organisation

MOST_RECORDS = 500


def certificate(number: str, *, seen_in: frozenset[str] | None) -> dict[str, Any]:
    """How a certificate stands, with module, year and initials.

    :raises NotFound: ``certificate-unknown``, also for one of a body that the asker does not see.
    """
    verdict = verification.verify_number(number)
    if verdict.outline is None or not _is_seen(verdict, seen_in):
        raise NotFound("certificate-unknown", _l("The register holds no such certificate."))
    outline, standing = verdict.outline, verdict.standing
    return {
        "number": outline.number,
        "state": str(verdict.register_status),
        "titles": dict(outline.titles),
        "year": outline.year,
        "initials": outline.initials,
        "replaced_by": standing.replaced_by if standing else None,
        "as_of": clock.now().isoformat(timespec="seconds"),
    }


def _is_seen(verdict: Verdict, seen_in: frozenset[str] | None) -> bool:
    if seen_in is None or verdict.outline is None:
        return seen_in is None
    issued = lookup.by_number(verdict.outline.number)
    return issued is not None and issued.organisation_id in seen_in


def training_records(found: Found) -> dict[str, Any]:
    """Records of one person; somebody unknown has none, and nothing tells the two apart."""
    return {"records": [_record(line) for line in found.lines]}


def of_person(personal_number: str, *, since: Any, seen_in: frozenset[str] | None) -> Found:
    """What the register of training holds of the person with this number."""
    return search.of_person(personal_number, since=since, seen_in=seen_in, limit=MOST_RECORDS)


def summary(code: str, *, seen_in: frozenset[str] | None) -> dict[str, Any]:
    """People and hours of a body by year and module; no names.

    :raises NotFound: ``organisation-unknown``.
    """
    body_id = issuers.id_of(code)
    if body_id is None or (seen_in is not None and body_id not in seen_in):
        raise NotFound("organisation-unknown", _l("No organisation has this code."))
    (body,) = issuers.named([body_id])
    bodies = issuers.with_predecessors(body_id)
    return {"organization": _named(body), "years": [_year(bodies, year) for year in _years(bodies)]}


def changes(position: int, *, seen_in: frozenset[str] | None, limit: int) -> tuple[list[dict[str, Any]], int, bool]:
    """What became of certificates since a place; the next place; whether there is more. The transaction has to write."""
    found = following.after(position, organisations=seen_in, limit=limit + 1)
    shown = found[:limit]
    told = [_change(news) for news in shown if news.certificate]
    return told, shown[-1].position if shown else position, len(found) > limit


def _record(line: Line) -> dict[str, Any]:
    trained, document = line.trained, line.document
    return {
        "module": trained.module,
        "track": trained.track,
        "titles": dict(trained.titles),
        "hours": trained.hours,
        "completed_on": line.completed_on.isoformat(),
        "document": {"number": document.number, "state": document.state} if document else None,
        "organizer": _named(line.organiser),
        "host": _named(line.host),
        "funded_by": trained.funded_by or None,
    }


def _years(bodies: frozenset[str]) -> range:
    ends = records.trained_between(TrainedQuestion(organisation_ids=bodies))
    return range(civil_date(ends[0]).year, civil_date(ends[1]).year + 1) if ends else range(0)


def _year(bodies: frozenset[str], year: int) -> dict[str, Any]:
    since, until = search.beginning_of(year), search.beginning_of(year + 1)
    rows = records.trained_summary(TrainedQuestion(organisation_ids=bodies, since=since, until=until))
    programmes = [
        {"module": row.module, "track": row.track, "titles": dict(row.titles), "people": row.people, "hours": row.hours}
        for row in rows
    ]
    return {"year": year, "programmes": programmes}


def _change(news: News) -> dict[str, Any]:
    certificate = news.certificate
    return {
        "position": news.position,
        "kind": news.kind,
        "at": news.at.isoformat(timespec="seconds"),
        "number": certificate.number if certificate else None,
        "state": certificate.state if certificate else None,
        "reason": certificate.reason if certificate else None,
        "replaced_by": certificate.replaced_by if certificate else None,
        "module": news.record.module if news.record else None,
    }


def _named(body: Organisation | None) -> dict[str, Any] | None:
    return {"code": body.code, "names": dict(body.names)} if body else None
