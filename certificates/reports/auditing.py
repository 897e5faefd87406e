"""Proof that reports are what they were: the chain, the figures, the order of editions, every stored file."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from certificates.reports import editions, snapshot
from certificates.reports.models import ReportEdition
from lms.core import files
from lms.core.db import db, reading
from lms.core.errors import NotFound

FOLDER = "reports"


@dataclass
class Report:
    """What was looked at, and what was found: a code, and which edition or file."""

    editions: int = 0
    files: int = 0
    orphans: list[str] = field(default_factory=list)
    """Files that no edition claims: a worker died before it could. No fault."""
    findings: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether everything agrees."""
        return not self.findings

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        findings = [{"code": code, "subject": subject} for code, subject in self.findings]
        return {
            "sound": self.is_sound,
            "editions": self.editions,
            "files": self.files,
            "orphans": self.orphans,
            "findings": findings,
        }


def prove() -> Report:
    """Look at every edition and every file. Opens its own transaction."""
    report = Report()
    with reading():
        known = db.session.scalars(select(ReportEdition).order_by(ReportEdition.id)).all()
    _prove_chain(report, known)
    for edition in known:
        _prove_figures(report, edition)
    _prove_order(report, known)
    claimed = [kept for edition in known for kept in edition.files.values()]
    for kept in claimed:
        _prove_file(report, kept["name"], kept["sha256"])
    report.orphans = sorted({*files.names(FOLDER)} - {kept["name"] for kept in claimed})
    return report


def _prove_chain(report: Report, known: Any) -> None:
    last_id, last_hash = 0, editions.NO_EDITION
    for edition in known:
        report.editions += 1
        if edition.id != last_id + 1 or edition.previous_hash != last_hash:
            report.findings.append(("chain-broken", f"edition:{edition.id}"))
        if editions.hash_of(edition) != edition.hash:
            report.findings.append(("edition-altered", f"edition:{edition.id}"))
        last_id, last_hash = edition.id, edition.hash


def _prove_figures(report: Report, edition: ReportEdition) -> None:
    if snapshot.digest(edition.figures) != edition.figures_sha256:
        report.findings.append(("figures-altered", f"edition:{edition.id}"))


def _prove_order(report: Report, known: Any) -> None:
    """Editions of a report are numbered from 1, and each says truly what changed since the one before."""
    before: dict[tuple[str, str], ReportEdition] = {}
    for edition in known:
        last = before.get((edition.organisation_id, edition.period))
        if edition.number != (last.number if last else 0) + 1:
            report.findings.append(("edition-missing", f"edition:{edition.id}"))
        elif last and _changed(last, edition) != edition.differences:
            report.findings.append(("differences-untrue", f"edition:{edition.id}"))
        before[edition.organisation_id, edition.period] = edition


def _changed(last: ReportEdition, edition: ReportEdition) -> list[list[Any]]:
    found = snapshot.differences(json.loads(last.figures), json.loads(edition.figures))
    return [list(difference) for difference in found]


def _prove_file(report: Report, name: str, digest: str) -> None:
    report.files += 1
    try:
        if sha256(files.read(name)).hexdigest() != digest:
            report.findings.append(("file-altered", name))
    except NotFound:
        report.findings.append(("file-missing", name))
