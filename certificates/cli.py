"""``flask certificates``: make a seal for demonstrations, issue what is due, change what was issued, prove the register."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from certificates import (
    auditing,
    authority,
    chain,
    issuing,
    life,
    lookup,
    register,
    replacing,
    seal_keys,
    typed,
    verification,
    wording,
)
from certificates.badges import credential
from certificates.models import Certificate
from certificates.network import foreign
from certificates.offline import bundle, checking
from certificates.replacing import Changes
from certificates.seal import Seal
from certificates.standing import ReasonCode, Replacing
from certificates.verification import Verdict
from lms.core import jobs, keys, settings
from lms.core.db import reading, transaction
from lms.core.errors import Problem
from lms.core.i18n import pick, use_language

OPERATOR = "operator"

cli = AppGroup("certificates", help="Issue and verify certificates.")


@cli.command("make-authority")
@click.option("--organisation", default="Demonstration Academy of Public Administration", show_default=True)
@click.option("--country", default="KG", show_default=True)
def make_authority(organisation: str, country: str) -> None:
    """Make a seal for demonstrations, unless there is one, and enter it in the register."""
    passphrase = settings.current().seal_passphrase
    if not passphrase:
        raise click.ClickException("BILIM_SEAL_PASSPHRASE is missing: the seal is kept encrypted with it")
    path = seal_keys.seal_path()
    if not path.exists():
        authority.make_authority(path, passphrase, organisation=organisation, country=country)
    seal = Seal.load(path, passphrase)
    with transaction():
        is_new = seal_keys.know(seal)
    click.echo(f"seal {seal.fingerprint} {'entered in the register' if is_new else 'is known already'}")


@cli.command("issue-due")
def issue_due() -> None:
    """Issue every certificate that its record allows and that is not there yet."""
    with reading():
        changed = issuing.changed_records()
        waiting = sorted(set(changed) - lookup.issued_records(changed))
    for record_id in waiting:
        click.echo(f"{record_id} {_issue(record_id)}")
    click.echo(f"{len(waiting)} records had no certificate")


@cli.command("verify")
@click.argument("file")
@click.option(
    "--offline",
    "bundle_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Ask neither network nor database, but what `offline-bundle` wrote. For a PDF.",
)
def verify(file: str, bundle_file: Path | None) -> None:
    """Say whether a PDF, a credential (JWT) or the SHA-256 of a PDF is a certificate of ours; exit with 1 if it must not be accepted."""
    known = _bundle(bundle_file) if bundle_file else None
    verdict = checking.verify_pdf(_read_pdf(file), known) if known else _verdict_on(file)
    with use_language("en"):
        for line in _told(verdict):
            click.echo(line)
        if known:
            click.echo(f"what holds is known as of {known.claims['day']}")
    if not verdict.is_accepted:
        raise SystemExit(1)


@cli.command("void")
@click.argument("number")
@click.option("--reason", required=True, help="Code of the reason for the gap, for example certificate-too-long.")
def void(number: str, reason: str) -> None:
    """Give up a number that was reserved and never became a certificate; its record may get another."""
    with _changing(number) as certificate:
        register.give_up(certificate, reason_code=reason, actor=OPERATOR)
        jobs.queue(issuing.JOB, certificate.record_id)
    click.echo(f"{number} is void: {reason}")


_reason = click.option(
    "--reason", required=True, type=click.Choice([code.value for code in ReasonCode]), help="Code of the reason."
)
_note = click.option("--note", default="", help="Words for the administrators; nobody else sees them.")


@cli.command("revoke")
@click.argument("number")
@_reason
@_note
def revoke(number: str, reason: str, note: str) -> None:
    """Take a certificate back for good."""
    with _changing(number) as certificate:
        life.revoke(certificate.id, reason=ReasonCode(reason), note=note, actor=OPERATOR)
    click.echo(f"{number} is revoked: {reason}")


@cli.command("suspend")
@click.argument("number")
@_reason
@_note
def suspend(number: str, reason: str, note: str) -> None:
    """Let a certificate not be accepted for now."""
    with _changing(number) as certificate:
        life.suspend(certificate.id, reason=ReasonCode(reason), note=note, actor=OPERATOR)
    click.echo(f"{number} is suspended: {reason}")


@cli.command("reinstate")
@click.argument("number")
@_note
def reinstate(number: str, note: str) -> None:
    """Let a suspended certificate be valid again."""
    with _changing(number) as certificate:
        life.reinstate(certificate.id, note=note, actor=OPERATOR)
    click.echo(f"{number} is valid again")


@cli.command("renew")
@click.argument("number")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The new last day; without it, what the series says.")
def renew(number: str, until: datetime | None) -> None:
    """Issue another certificate in its place, with a later last day of validity."""
    with _changing(number) as certificate:
        new = replacing.renew(certificate.id, until=until.date() if until else None, actor=OPERATOR)
    click.echo(f"{number} is replaced by {_issue(new.record_id)}")


@cli.command("supersede")
@click.argument("number")
@click.option("--cyrillic", help="The name in Cyrillic letters, if it has to change; then in all letters.")
@click.option("--latin", help="The name in Latin letters.")
@click.option("--chinese", help="The name in Chinese characters.")
@click.option("--hours", type=int, help="The right number of academic hours.")
def supersede(number: str, cyrillic: str | None, latin: str | None, chinese: str | None, hours: int | None) -> None:
    """Issue another certificate in its place, corrected or just anew."""
    forms = {script: form for script, form in (("Cyrl", cyrillic), ("Latn", latin), ("Hani", chinese)) if form}
    with _changing(number) as certificate:
        changes = Changes(holder={**lookup.snapshot_of(certificate).holder, **forms} if forms else None, hours=hours)
        reason = Replacing.CORRECTION if forms or hours else Replacing.REISSUE
        new = replacing.replace_by(certificate.id, changes, reason=reason, actor=OPERATOR)
    click.echo(f"{number} is replaced by {_issue(new.record_id)}")


@cli.command("history")
@click.argument("number")
def history(number: str) -> None:
    """Print what happened to a certificate, oldest first."""
    with reading():
        for event in lookup.events_of(_known(number).id):
            click.echo(f"{event.at:%Y-%m-%dT%H:%M:%SZ} {event.kind} {event.reason_code or '-'} {event.actor}")


@cli.command("audit")
@click.option("--json", "as_json", is_flag=True, help="The whole report as JSON.")
@click.option("--without-files", is_flag=True, help="Leave out the stored files, which take longest.")
def audit(as_json: bool, without_files: bool) -> None:
    """Prove the register: the chain, signed heads, what is printed, numbers, stored files. Ends with 1 if something differs."""
    report = auditing.prove(with_files=not without_files)
    click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1) if as_json else _told_report(report))
    if not report.is_sound:
        raise SystemExit(1)


@cli.command("heads")
def heads() -> None:
    """Print every signed head of the register and the public keys that prove them, as JSON; keep a copy elsewhere."""
    with reading():
        signed = [chain.as_json(head) for head in chain.signed_heads()]
        known = [key.public_jwk for key in keys.history(chain.KEY_USE)]
    click.echo(json.dumps({"heads": signed, "keys": known}, indent=1))


@contextmanager
def _changing(number: str) -> Iterator[Certificate]:
    """The certificate with a number, in a transaction; refusals are told in one sentence."""
    try:
        with transaction():
            yield _known(number)
    except Problem as problem:
        raise click.ClickException(f"{number}: {problem.sentence}") from problem


def _known(number: str) -> Certificate:
    certificate = lookup.by_number(number)
    if certificate is None:
        raise click.ClickException(f"the register has no number {number}")
    return certificate


def _told_report(report: auditing.Report) -> str:
    lines = [
        f"{report.events} events, {report.signed_heads} signed heads, {report.certificates} certificates, "
        f"{report.numbers} numbers, {report.credentials} credentials, {report.files} files"
    ]
    lines += [f"gap: {number} {reason or '-'}" for number, reason in sorted(report.gaps.items())]
    lines += [f"orphan: {name}" for name in report.orphans]
    lines += [f"{finding.code}: {finding.subject}" for finding in report.findings]
    return "\n".join([*lines, "the register is sound" if report.is_sound else "THE REGISTER IS NOT SOUND"])


def _issue(record_id: str) -> str:
    """What became of one record, in one word or two."""
    try:
        return issuing.issue(record_id).number
    except issuing.NotEligible as refusal:
        return str(refusal)
    except (jobs.NeedsPerson, jobs.TryLater) as stop:
        return stop.code


def _bundle(path: Path) -> bundle.Bundle:
    try:
        return bundle.read(path.read_text("utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{path} is no bundle, or is damaged: {error}") from error


def _read_pdf(name: str) -> bytes:
    if not Path(name).is_file():
        raise click.ClickException(f"there is no file {name}")
    return Path(name).read_bytes()


def _verdict_on(asked: str) -> Verdict:
    """A file, if there is one with this name; else a SHA-256."""
    path = Path(asked)
    if not path.is_file():
        if typed.sha256_of(asked) is None:
            raise click.ClickException(f"{asked} is neither a file nor a SHA-256")
        with reading():
            return verification.verify_hash(asked)
    data = path.read_bytes()
    if credential.looks_like_one(data):
        return foreign.verify(data.decode("ascii"))
    return verification.verify_pdf(data)


def _told(verdict: Verdict) -> list[str]:
    words = wording.of_verdict(verdict)
    lines = [f"{verdict.code}: {words.title}. {words.sentence}", f"register: {verdict.register_status}"]
    if verdict.standing and verdict.standing.replaced_by:
        lines += [f"replaced by: {verdict.standing.replaced_by}"]
    lines += [f"- {reason}" for reason in wording.of_reasons(verdict)]
    lines += [
        f"- {wording.of_field(one.field)}: {one.printed or '-'} (as issued: {one.registered or '-'})"
        for one in verdict.differences
    ]
    if verdict.facts:
        lines += [f"{verdict.facts.number} {pick(verdict.facts.titles)}, {verdict.facts.hours} academic hours"]
    if verdict.facts and verdict.facts.successor:
        issuer, successor = verdict.facts.issuer, verdict.facts.successor
        lines += [f"issued by {pick(issuer.names)}, today {pick(successor.names)}"]
    return lines
