"""The answer to one row: the verdict of page, API and command line, as much of it as is kept, and read again.

What is printed on a certificate is not copied: it never changes, so it is read from the register when somebody looks.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self

from sqlalchemy import select

from certificates import verification
from certificates.batches.models import VerificationBatchRow
from certificates.differences import Field
from certificates.models import ISSUED, Certificate
from certificates.typed import Kind
from certificates.verdicts import VerdictCode
from certificates.verification import CodeVerdict, Facts, Outline, RegisterStatus, StandingFacts, Verdict
from lms.core.db import db


@dataclass(frozen=True)
class Answer:
    """What is kept of a verdict: texts, numbers and None, as JSON gives them back."""

    code: str
    reasons: list[str]
    status: str
    since: str | None
    reason: str | None
    replaced_by: str | None
    valid_until: str | None
    differences: list[str]
    """Fields in which a file says something else; not what it says."""
    mentioned_code: str | None

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """What is kept of this verdict."""
        standing = verdict.standing
        return cls(
            code=verdict.code.value,
            reasons=list(verdict.reasons),
            status=verdict.register_status.value,
            since=_written(standing.since) if standing else None,
            reason=standing.reason if standing else None,
            replaced_by=standing.replaced_by if standing else None,
            valid_until=_written(standing.valid_until) if standing else None,
            differences=sorted({difference.field.value for difference in verdict.differences}),
            mentioned_code=verdict.mentioned_code,
        )

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    def verdict(self, facts: Facts | None, outline: Outline | None) -> Verdict:
        """The verdict again, as it was, for whoever puts it into words."""
        code: CodeVerdict | VerdictCode
        code = CodeVerdict(self.code) if self.code in frozenset(CodeVerdict) else VerdictCode(self.code)
        status = RegisterStatus(self.status)
        standing = None
        if status is not RegisterStatus.UNKNOWN:
            standing = StandingFacts(status, _read(self.since), self.reason, self.replaced_by, _read(self.valid_until))
        return Verdict(
            code,
            tuple(self.reasons),
            status,
            facts,
            standing,
            mentioned_code=self.mentioned_code,
            outline=outline,
        )


@dataclass(frozen=True)
class Answered:
    """A row with its verdict, or without one where it could not be verified or was not yet."""

    row: VerificationBatchRow
    verdict: Verdict | None
    differences: tuple[Field, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether it proves a certificate that held at that moment."""
        return self.verdict is not None and self.verdict.is_accepted


def answered(rows: Collection[VerificationBatchRow]) -> list[Answered]:
    """Rows with their verdicts; facts come from the register, in one query. Reads in the caller's transaction."""
    numbers = {row.certificate_number for row in rows if row.certificate_number}
    wanted = select(Certificate).where(Certificate.number.in_(numbers), Certificate.status.in_(ISSUED))
    certificates = {one.number: one for one in db.session.scalars(wanted)} if numbers else {}
    return [_answered(row, certificates.get(row.certificate_number or "")) for row in rows]


def _answered(row: VerificationBatchRow, certificate: Certificate | None) -> Answered:
    if row.answer is None:
        return Answered(row, None, ())
    kept = Answer(**row.answer)
    facts = outline = None
    if certificate is not None and row.kind == Kind.NUMBER:
        outline = verification.outline_of(certificate)
    elif certificate is not None:
        facts = verification.facts_of(certificate)
    return Answered(row, kept.verdict(facts, outline), tuple(map(Field, kept.differences)))


def number_in(verdict: Verdict) -> str | None:
    """The register number of the certificate whose facts the verdict tells."""
    told = verdict.facts or verdict.outline
    return told.number if told else None


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _read(day: str | None) -> date | None:
    return date.fromisoformat(day) if day else None
