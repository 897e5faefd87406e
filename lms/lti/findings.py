"""What a check-up of a platform finds: each thing with a stable code, how bad it is, and who can change it where.

The sentences here say what is so. Who must change what in which menu stands with the habits of each LMS, in
:mod:`lms.lti.platforms`, as data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from lms.core.errors import Sentence
from lms.lti import platforms
from lms.lti.models import Registration


class Severity(StrEnum):
    """How bad it is. Only a problem makes a platform unwell."""

    GOOD = "good"
    NOTE = "note"
    """Nothing to do."""
    ATTENTION = "attention"
    """Somebody should look; it works all the same, or for most."""
    PROBLEM = "problem"
    """Launches, grades or lists do not work until somebody changes something."""


@dataclass(frozen=True)
class Finding:
    """One thing that was found."""

    code: str
    severity: Severity
    what: Sentence
    cure: Sentence | None = None
    """Who must change what, where; None where nothing has to be changed."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Numbers and names behind the sentence; nothing secret, nobody's name."""

    def as_json(self) -> dict[str, Any]:
        """For programs; the sentences in the language that is spoken now."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "what": str(self.what),
            "cure": None if self.cure is None else str(self.cure),
            "facts": dict(self.facts),
        }


@dataclass(frozen=True)
class Report:
    """A platform, looked at once."""

    registration: Registration
    checked_at: datetime
    findings: Sequence[Finding]

    @property
    def is_healthy(self) -> bool:
        """Whether nothing that was found keeps people from working."""
        return all(finding.severity != Severity.PROBLEM for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        row = self.registration
        return {
            "registration": row.id,
            "name": row.name,
            "issuer": row.issuer,
            "client_id": row.client_id,
            "product": row.family,
            "checked_at": self.checked_at.isoformat(),
            "healthy": self.is_healthy,
            "findings": [finding.as_json() for finding in self.findings],
        }


def good(code: str, what: Sentence, **facts: object) -> Finding:
    """It is as it should be."""
    return Finding(code, Severity.GOOD, what, None, facts)


def note(code: str, what: Sentence, **facts: object) -> Finding:
    """Worth knowing, and nothing to do."""
    return Finding(code, Severity.NOTE, what, None, facts)


def attention(registration: Registration, code: str, what: Sentence, **facts: object) -> Finding:
    """Somebody should look."""
    return Finding(code, Severity.ATTENTION, what, _cure(registration, code), facts)


def problem(registration: Registration, code: str, what: Sentence, **facts: object) -> Finding:
    """It does not work until somebody changes something."""
    return Finding(code, Severity.PROBLEM, what, _cure(registration, code), facts)


def _cure(registration: Registration, code: str) -> Sentence:
    return platforms.of(registration.issuer, registration.family).cure(code)
