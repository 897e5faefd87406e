"""Is this certificate in the register, and is this file the one we sealed? One answer for page, program and command line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from certificates import differences, inspection, lookup, numbering, page_text, seal_keys
from certificates import typed as typed_as
from certificates.differences import Difference
from certificates.models import ISSUED, Certificate
from certificates.snapshot import Issuer
from certificates.standing import State
from certificates.verdicts import VerdictCode
from lms.core import files
from lms.core.db import reading
from lms.core.errors import NotFound
from lms.core.i18n import civil_date
from lms.organisations import issuers
from lms.organisations.issuers import Succession

REGISTER_NUMBER = re.compile(r"\d{4}[A-Z]{3,12}\d{6}")
"""As it reads after its hyphens are taken away."""
CODE_LENGTH = 13
RECEIPT_NAME, IS_RECEIPT = "receipt.jws", "receipt-not-certificate"
"""The file inside a sealed receipt of many verifications, and the reason by which it is known."""
REPORT_NAME, IS_REPORT = "figures.json", "report-not-certificate"
"""The same of a sealed report on training."""


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
class Outline:
    """What a register number tells: numbers can be counted through, so less than a code."""

    number: str
    titles: Mapping[str, str]
    year: int
    """Of completion."""
    initials: str


@dataclass(frozen=True)
class Verdict:
    """The answer: a stable code, machine-readable reasons, the register's status and, if known, the printed facts."""

    code: CodeVerdict | VerdictCode
    reasons: tuple[str, ...]
    register_status: RegisterStatus
    facts: Facts | None
    standing: StandingFacts | None = None
    differences: tuple[Difference, ...] = ()
    """Where a file says something else than the certificate that was issued."""
    mentioned_code: str | None = None
    """A code that stands in a file which proves nothing itself: what it opens can be compared by eye."""
    outline: Outline | None = None
    """In the place of the facts where only a number was known."""
    node: str | None = None
    """Address of the other installation whose credential it is (``certificates.network``)."""
    receipt: str | None = None
    """Of a sealed file that is no certificate but a receipt (``certificates.batches.receipt``): the statement inside."""
    report: str | None = None
    """Of a sealed file that is a report on training (``certificates.reports``): the figures inside."""

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
    certificate = lookup.by_code(code)
    if certificate is None:
        return _without_facts(CodeVerdict.UNKNOWN, "not-in-register")
    standing = standing_facts(certificate)
    code_verdict = CodeVerdict(standing.status.upper())
    return Verdict(code_verdict, ("in-register",), standing.status, facts_of(certificate), standing)


def verify_typed(typed: str) -> Verdict:
    """The verdict on what somebody typed into the one field: a SHA-256 is known by its form, anything else is a code."""
    sha256 = typed_as.sha256_of(typed)
    return verify_hash(sha256) if sha256 else verify_code(typed)


def verify_hash(typed: str) -> Verdict:
    """The verdict on a file of which only the SHA-256 is known. Reads in the caller's transaction.

    Every version of a file counts. A file that the register does not hold may still be genuine: it has to be looked at.
    """
    sha256 = typed_as.sha256_of(typed)
    if sha256 is None:
        return _without_facts(CodeVerdict.MISTYPED, "hash-form")
    certificate = lookup.by_file(sha256)
    if certificate is None:
        return _without_facts(CodeVerdict.UNKNOWN, "hash-not-in-register")
    if not seal_keys.is_beyond_doubt(certificate):
        return Verdict(VerdictCode.UNKNOWN_SIGNER, ("seal-compromised",), RegisterStatus.UNKNOWN, None)
    standing = standing_facts(certificate)
    facts = facts_of(certificate)
    return Verdict(VerdictCode.AUTHENTIC_EXACT, ("registered-hash",), standing.status, facts, standing)


def verify_number(typed: str) -> Verdict:
    """The verdict on a register number, with module, year and initials only. Reads in the caller's transaction."""
    number = typed_as.number_of(typed)
    certificate = lookup.by_number(number) if number else None
    if certificate is None or certificate.status not in ISSUED:
        return _without_facts(CodeVerdict.UNKNOWN, "number-not-in-register")
    standing = standing_facts(certificate)
    verdict = CodeVerdict(standing.status.upper())
    return Verdict(verdict, ("number-in-register",), standing.status, None, standing, outline=outline_of(certificate))


def verify_pdf(data: bytes) -> Verdict:
    """The verdict on an uploaded file, which is not kept.

    Reads in transactions of its own, so that none is open while the file is taken apart.
    """
    with reading():
        seals = seal_keys.trusted()
        exact = lookup.by_file(lookup.digest(data))
        in_doubt = exact is not None and not seal_keys.is_beyond_doubt(exact)
    found = inspection.inspect(
        data,
        seals=seals,
        is_registered=lambda _sha256: exact is not None and not in_doubt,
        time_roots=seal_keys.time_roots(),
    )
    with reading():
        return _with_register(found, exact)


def _with_register(found: inspection.Verdict, exact: Certificate | None) -> Verdict:
    """The register's word beside that of the file. What is printed is told only of a file that is ours and unchanged."""
    meant = exact or _meant(found)
    if meant is None and found.is_authentic and (other := _other_than_certificate(found)):
        return other
    told = _told_apart(found, meant) if meant and not exact else ()
    code, reasons = found.code, found.reasons
    if found.is_authentic and differences.contradicts(told):
        code, reasons = VerdictCode.INCONSISTENT, ("register-says-otherwise",)
    if code not in (VerdictCode.AUTHENTIC_EXACT, VerdictCode.AUTHENTIC_BY_SIGNATURE, VerdictCode.INCONSISTENT):
        mentioned = differences.mentioned_code(found.contents)
        return Verdict(code, reasons, RegisterStatus.UNKNOWN, None, None, told, mentioned)
    standing = standing_facts(meant) if meant else None
    status = standing.status if standing else RegisterStatus.UNKNOWN
    return Verdict(code, reasons, status, facts_of(meant) if meant else None, standing, told)


def _meant(found: inspection.Verdict) -> Certificate | None:
    """The certificate that a file pretends to be: by the code that is printed in it, or by its hidden identifier.

    Under our unbroken seal the identifier decides.
    """
    code, document_id = differences.mentioned_code(found.contents), found.contents.document_id
    by_id = lookup.by_id(document_id) if document_id else None
    by_code = lookup.by_code(code) if code else None
    return by_id if found.is_authentic else by_code or by_id


def _other_than_certificate(found: inspection.Verdict) -> Verdict | None:
    """What else we seal: a receipt or a report, known by what is attached. Whoever shows it checks that against what we keep."""
    for attachment in found.contents.attachments:
        text = attachment.data.decode("utf-8", "replace")
        if attachment.name == RECEIPT_NAME:
            return Verdict(found.code, ("sealed-by-us", IS_RECEIPT), RegisterStatus.UNKNOWN, None, receipt=text)
        if attachment.name == REPORT_NAME:
            return Verdict(found.code, ("sealed-by-us", IS_REPORT), RegisterStatus.UNKNOWN, None, report=text)
    return None


def _told_apart(found: inspection.Verdict, meant: Certificate) -> tuple[Difference, ...]:
    """What the file says otherwise; what is true is told to those who know the code of the certificate anyway."""
    if found.code not in (VerdictCode.TAMPERED, VerdictCode.INCONSISTENT) and not found.is_authentic:
        return ()
    try:
        issued = page_text.read(files.read(str(meant.file_name)))
    except NotFound:
        return ()
    knows_code = differences.mentioned_code(found.contents) == meant.code
    return differences.between(issued, found.contents, lookup.snapshot_of(meant), may_see=knows_code)


def _without_facts(code: CodeVerdict, reason: str) -> Verdict:
    return Verdict(code, (reason,), RegisterStatus.UNKNOWN, None)


def _what_was_mistyped(code: str) -> str:
    if REGISTER_NUMBER.fullmatch(code):
        return "register-number"
    return "check-symbol" if len(code) == CODE_LENGTH else "length"


def standing_facts(certificate: Certificate) -> StandingFacts:
    """What the register says about it today. Reads in the caller's transaction.

    Of a certificate to which nothing has happened, the row tells all; the events of the others are folded.
    """
    state = lookup.state_today(certificate)
    if state in (State.VALID, State.EXPIRED):
        return StandingFacts(RegisterStatus(state), None, None, None, certificate.valid_until)
    found = lookup.standing_of(certificate)
    return StandingFacts(
        status=RegisterStatus(found.state),
        since=civil_date(found.since) if found.since else None,
        reason=found.public_reason,
        replaced_by=found.replaced_by,
        valid_until=found.valid_until,
    )


def facts_of(certificate: Certificate) -> Facts:
    """What is printed on it, as far as everybody with its code may know. Reads in the caller's transaction."""
    snapshot = lookup.snapshot_of(certificate)
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


def outline_of(certificate: Certificate) -> Outline:
    """What its number tells."""
    snapshot = lookup.snapshot_of(certificate)
    written = snapshot.holder.get("Cyrl") or snapshot.holder.get("Latn") or snapshot.holder.get("Hani", "")
    initials = " ".join(f"{word[0].upper()}." for word in written.split())
    return Outline(snapshot.number, snapshot.titles, snapshot.completed_on.year, initials)
