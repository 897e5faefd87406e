"""Proof that the register is what it was: chain, signed heads, what is printed, credentials, every number, every stored file.

Reads in parts, so that a register of many years fits. Whatever does not agree is a finding with a stable code; a file that
nobody claims is told too, but is no fault: a worker that died between storing and saying so leaves one behind.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import select

from certificates import chain, head_stamps, lookup, numbering, register
from certificates.badges import credential
from certificates.badges.models import Credential
from certificates.chain import ROWS_AT_ONCE, Link
from certificates.models import RESERVED, VOID, Certificate, CertificateEvent, EventNote, NumberCounter, SignedHead
from certificates.revisions import CertificateRevision
from certificates.standing import Kind, State, after
from lms.core import files, keys
from lms.core.db import db, reading
from lms.core.errors import NotFound

_KINDS = frozenset(Kind)
FOLDER = "certificates"
"""Of sealed files in the store."""
BYTES_AT_ONCE = 1024 * 1024


class Finding(NamedTuple):
    """Something that is not as it was left."""

    code: str
    subject: str
    """An event, a day, a number or a file."""


@dataclass
class Report:
    """What was looked at, and what was found."""

    events: int = 0
    signed_heads: int = 0
    certificates: int = 0
    numbers: int = 0
    credentials: int = 0
    files: int = 0
    gaps: dict[str, str | None] = field(default_factory=dict)
    """Numbers that were given up, each with its reason."""
    orphans: list[str] = field(default_factory=list)
    """Stored files that belong to no certificate."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether everything agrees."""
        return not self.findings

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "sound": self.is_sound,
            "events": self.events,
            "signed_heads": self.signed_heads,
            "certificates": self.certificates,
            "numbers": self.numbers,
            "credentials": self.credentials,
            "files": self.files,
            "gaps": self.gaps,
            "orphans": self.orphans,
            "findings": [finding._asdict() for finding in self.findings],
        }


@dataclass
class _Told:
    """What the events say about one certificate."""

    state: State = State.RESERVED
    snapshot_sha256: str | None = None
    pdf_sha256: str | None = None
    credential_sha256: str | None = None


class _File(NamedTuple):
    name: str
    sha256: str


def prove(*, with_files: bool = True) -> Report:
    """Look at everything. Opens its own transactions; files are read outside of them.

    :param with_files: False leaves out the stored files, which take longest.
    """
    report = Report()
    with reading():
        told = _proved_chain(report)
        _prove_notes(report)
        _prove_credentials(report, told)
        _prove_certificates(report, told)
        _prove_numbers(report)
        expected = list(_expected_files())
    if with_files:
        _prove_files(report, expected)
    return report


def _proved_chain(report: Report) -> dict[str, _Told]:
    """Walk along the chain once; what the events say about each certificate is kept for the next step."""
    told: dict[str, _Told] = {}
    signed = {head.event_id: head for head in chain.signed_heads()}
    _prove_signatures(report, signed.values())
    last_id, last_hash = 0, chain.NO_EVENT
    for link in chain.links():
        report.events += 1
        if link.previous_hash != last_hash:
            report.findings.append(Finding("chain-broken", f"event:{link.id}"))
        if link.digest() != link.hash:
            report.findings.append(Finding("event-altered", f"event:{link.id}"))
        head = signed.pop(link.id, None)
        if head is not None and head.hash != link.hash:
            report.findings.append(Finding("head-contradicts", f"day:{head.day}"))
        _hear(told.setdefault(link.certificate_id, _Told()), link)
        last_id, last_hash = link.id, link.hash
    if chain.head() != (last_id, last_hash):
        report.findings.append(Finding("chain-cut", f"event:{chain.head()[0]}"))
    report.findings += [Finding("head-contradicts", f"day:{head.day}") for head in signed.values()]
    return told


def _prove_signatures(report: Report, heads: Iterable[SignedHead]) -> None:
    public = [key.public_jwk for key in keys.history(chain.KEY_USE)]
    for head in heads:
        report.signed_heads += 1
        if not chain.is_genuine(head, public):
            report.findings.append(Finding("head-forged", f"day:{head.day}"))
        if head.timestamp_token and not head_stamps.stamped_at(head.statement, head.timestamp_token):
            report.findings.append(Finding("stamp-not-proved", f"day:{head.day}"))


def _hear(told: _Told, link: Link) -> None:
    if link.kind in _KINDS:  # what was altered to something else is found by its hash
        told.state = after(told.state, Kind(link.kind))
    told.snapshot_sha256 = link.facts.get("snapshot_sha256", told.snapshot_sha256)
    told.pdf_sha256 = link.facts.get("pdf_sha256", told.pdf_sha256)
    told.credential_sha256 = link.facts.get("credential_sha256", told.credential_sha256)


def _prove_notes(report: Report) -> None:
    rows = db.session.execute(
        select(EventNote, CertificateEvent.facts).join(CertificateEvent, CertificateEvent.id == EventNote.event_id)
    )
    for note, facts in rows:
        if register.note_digest(note.salt, note.text) != facts.get("note_sha256"):
            report.findings.append(Finding("note-altered", f"event:{note.event_id}"))


def _prove_credentials(report: Report, told: dict[str, _Told]) -> None:
    """Each is the one whose hash stands in the chain; one that is older than such hashes bears our signature."""
    wanted = select(Credential.certificate_id, Credential.jwt, Certificate.number).join(
        Certificate, Certificate.id == Credential.certificate_id
    )
    expected = {known: said.credential_sha256 for known, said in told.items() if said.credential_sha256}
    for row in db.session.execute(wanted, execution_options={"yield_per": ROWS_AT_ONCE}):
        report.credentials += 1
        digest = expected.pop(row.certificate_id, None)
        is_right = lookup.digest(row.jwt.encode()) == digest if digest else credential.bears_our_signature(row.jwt)
        if not is_right:
            report.findings.append(Finding("credential-altered", row.number))
    report.findings += [Finding("credential-missing", f"certificate:{known}") for known in expected]


def _prove_certificates(report: Report, told: dict[str, _Told]) -> None:
    columns = Certificate.__table__.c
    wanted = (columns[name] for name in ("id", "number", "status", "snapshot", "snapshot_sha256", "pdf_sha256"))
    for row in db.session.execute(select(*wanted), execution_options={"yield_per": ROWS_AT_ONCE}):
        report.certificates += 1
        said = told.pop(row.id, None)
        if said is None:
            report.findings.append(Finding("events-missing", row.number))
            continue
        if sha256(row.snapshot.encode()).hexdigest() != (said.snapshot_sha256 or row.snapshot_sha256):
            report.findings.append(Finding("snapshot-altered", row.number))
        if row.pdf_sha256 != said.pdf_sha256:
            report.findings.append(Finding("file-hash-altered", row.number))
        if row.status != said.state:
            report.findings.append(Finding("state-altered", row.number))
    report.findings += [Finding("certificate-missing", f"certificate:{known}") for known in told]


def _prove_numbers(report: Report) -> None:
    """Within country, year and series every number from 1 to the counter is there; what was given up says why."""
    rows = db.session.execute(select(Certificate.number, Certificate.status, Certificate.status_reason))
    found: Counter[tuple[str, int, str]] = Counter()
    highest: dict[tuple[str, int, str], set[int]] = {}
    for number, status, reason in rows:
        country, year, series, place = numbering.place_of(number)
        found[country, year, series] += 1
        highest.setdefault((country, year, series), set()).add(place)
        if status == VOID:
            report.gaps[number] = reason
            if not reason:
                report.findings.append(Finding("gap-unexplained", number))
    report.numbers = found.total()
    counters = {(row.country, row.year, row.series): row.last for row in db.session.scalars(select(NumberCounter))}
    for key in sorted({*highest, *counters}):
        country, year, series = key
        given = highest.get(key, set())
        missing = set(range(1, counters.get(key, 0) + 1)) - given
        lost = [numbering.register_number(year, country, series, place) for place in sorted(missing)]
        report.findings += [Finding("number-missing", number) for number in lost]
        if given and max(given) > counters.get(key, 0):
            behind = numbering.register_number(year, country, series, max(given))
            report.findings.append(Finding("counter-behind", behind))


def _expected_files() -> Iterator[_File]:
    """Every version of every file that was ever issued."""
    seen = set()
    later = select(CertificateRevision.file_name, CertificateRevision.sha256)
    first = select(Certificate.file_name, Certificate.pdf_sha256).where(Certificate.status.not_in((RESERVED, VOID)))
    for name, digest in [*db.session.execute(first), *db.session.execute(later)]:
        if name not in seen:
            seen.add(name)
            yield _File(str(name), str(digest))


def _prove_files(report: Report, expected: list[_File]) -> None:
    for file in expected:
        report.files += 1
        try:
            if _digest_of(file.name) != file.sha256:
                report.findings.append(Finding("file-altered", file.name))
        except NotFound:
            report.findings.append(Finding("file-missing", file.name))
    report.orphans = sorted({*files.names(FOLDER)} - {file.name for file in expected})


def _digest_of(name: str) -> str:
    total = sha256()
    with files.opened(name) as file:
        while part := file.read(BYTES_AT_ONCE):
            total.update(part)
    return total.hexdigest()
