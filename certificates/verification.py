"""Is this certificate in the register, and is this file the one we sealed? One answer for page, program and command line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from io import BytesIO

import pikepdf

from certificates import inspection, numbering, register
from certificates.inspection import VerdictCode
from certificates.models import Certificate
from certificates.snapshot import Issuer
from certificates.standing import State
from lms.core.db import reading
from lms.core.i18n import civil_date
from lms.organisations import issuers
from lms.organisations.issuers import Succession

REGISTER_NUMBER = re.compile(r"\d{4}[A-Z]{3,12}\d{6}")
"""As it reads after its hyphens are taken away."""
CODE_LENGTH = 13


class CodeVerdict(StrEnum):
    """What a typed or scanned code is."""

    VALID = "VALID"
    SUSPENDED = "SUSPENDED"
    """Not to be accepted for now; the issuer is looking into it."""
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    """Its last day of validity is over."""
    SUPERSEDED = "SUPERSEDED"
    """Another certificate has taken its place."""
    UNKNOWN = "UNKNOWN"
    """Not in the register. A number that is only reserved answers the same."""
    MISTYPED = "MISTYPED"
    """No certificate can have this code: its length or its check symbol is wrong."""


class RegisterStatus(StrEnum):
    """What the register says, apart from what a file is."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class StandingFacts:
    """What the register says about a certificate today, as far as everybody with its code may know."""

    status: RegisterStatus
    since: date | None
    """Civil date of what led there; None for what is valid or has expired."""
    reason: str | None
    """Only where it accuses nobody; :data:`certificates.standing.TOLD_TO_ALL`."""
    replaced_by: str | None
    """Register number of the certificate that took its place."""
    valid_until: date | None
    """The last day of validity; None means without end."""


@dataclass(frozen=True)
class Facts:
    """What is printed on the certificate, except the result, and who answers for it today."""

    number: str
    code: str
    holder: Mapping[str, str]
    """Confirmed forms of the name by script."""
    titles: Mapping[str, str]
    hours: int
    completed_on: date
    issued_on: date
    issuer: Issuer
    successor: Succession | None
    """The body that answers today, if it is another one."""
    verify_url: str


@dataclass(frozen=True)
class Verdict:
    """The answer: a stable code, machine-readable reasons, the register's status and, if known, the printed facts."""

    code: CodeVerdict | VerdictCode
    reasons: tuple[str, ...]
    register_status: RegisterStatus
    facts: Facts | None
    standing: StandingFacts | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether this proves a certificate that holds today."""
        genuine = self.code in (CodeVerdict.VALID, VerdictCode.AUTHENTIC_EXACT, VerdictCode.AUTHENTIC_BY_SIGNATURE)
        return genuine and self.register_status is RegisterStatus.VALID


def verify_code(typed: str) -> Verdict:
    """The verdict on a code as a person types it or a scanner reads it. Reads in the caller's transaction."""
    code = numbering.normalise(typed)
    if not numbering.check(code):
        return _without_facts(CodeVerdict.MISTYPED, _what_was_mistyped(code))
    certificate = register.by_code(code)
    if certificate is None:
        return _without_facts(CodeVerdict.UNKNOWN, "not-in-register")
    standing = _standing(certificate)
    code_verdict = CodeVerdict(standing.status.upper())
    return Verdict(code_verdict, ("in-register",), standing.status, _facts(certificate), standing)


def verify_pdf(data: bytes) -> Verdict:
    """The verdict on an uploaded file, which is not kept.

    Reads in transactions of its own, so that none is open while the file is taken apart.
    """
    with reading():
        seals = register.trusted_seals()
        exact = register.by_file(register.digest(data))
    found = inspection.inspect(data, seals=seals, is_registered=lambda _sha256: exact is not None)
    with reading():
        certificate = exact or _named_inside(data, found)
        facts = _facts(certificate) if certificate else None
        standing = _standing(certificate) if certificate else None
    status = standing.status if standing else RegisterStatus.UNKNOWN
    return Verdict(found.code, found.reasons, status, facts, standing)


def _without_facts(code: CodeVerdict, reason: str) -> Verdict:
    return Verdict(code, (reason,), RegisterStatus.UNKNOWN, None)


def _what_was_mistyped(code: str) -> str:
    if REGISTER_NUMBER.fullmatch(code):
        return "register-number"
    return "check-symbol" if len(code) == CODE_LENGTH else "length"


def _named_inside(data: bytes, found: inspection.Verdict) -> Certificate | None:
    """The certificate that a file names as its own; believed only under our unbroken seal."""
    if not found.is_authentic:
        return None
    with pikepdf.open(BytesIO(data)) as pdf:
        first_identifier = bytes(pdf.trailer["/ID"][0])
    digits = first_identifier.decode("ascii", "replace")
    return register.by_id("-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])))


def _standing(certificate: Certificate) -> StandingFacts:
    """Of a certificate to which nothing has happened, the row tells all; the events of the others are folded."""
    state = register.state_today(certificate)
    if state in (State.VALID, State.EXPIRED):
        return StandingFacts(RegisterStatus(state), None, None, None, certificate.valid_until)
    found = register.standing_of(certificate)
    return StandingFacts(
        status=RegisterStatus(found.state),
        since=civil_date(found.since) if found.since else None,
        reason=found.public_reason,
        replaced_by=found.replaced_by,
        valid_until=found.valid_until,
    )


def _facts(certificate: Certificate) -> Facts:
    snapshot = register.snapshot_of(certificate)
    return Facts(
        number=snapshot.number,
        code=snapshot.code,
        holder=snapshot.holder,
        titles=snapshot.titles,
        hours=snapshot.hours,
        completed_on=snapshot.completed_on,
        issued_on=snapshot.issued_on,
        issuer=snapshot.issuer,
        successor=issuers.succession_of(certificate.organisation_id),
        verify_url=snapshot.verify_url,
    )
