"""``flask certificates``: make a seal for demonstrations, issue what is due, check a file, explain a gap."""

from pathlib import Path

import click
from flask.cli import AppGroup

from certificates import authority, issuing, register, verification, wording
from certificates.seal import Seal
from certificates.verification import Verdict
from lms.core import jobs, settings
from lms.core.db import reading, transaction
from lms.core.errors import Problem
from lms.core.i18n import use_language

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
    path = issuing.seal_path()
    if not path.exists():
        authority.make_authority(path, passphrase, organisation=organisation, country=country)
    seal = Seal.load(path, passphrase)
    with transaction():
        is_new = register.know_seal(seal)
    click.echo(f"seal {seal.fingerprint} {'entered in the register' if is_new else 'is known already'}")


@cli.command("issue-due")
def issue_due() -> None:
    """Issue every certificate that its record allows and that is not there yet."""
    with reading():
        changed = issuing.changed_records()
        waiting = sorted(set(changed) - register.issued_records(changed))
    for record_id in waiting:
        click.echo(f"{record_id} {_issue(record_id)}")
    click.echo(f"{len(waiting)} records had no certificate")


@cli.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Say whether a PDF is a certificate that we issued; exit with 1 if it must not be accepted."""
    verdict = verification.verify_pdf(file.read_bytes())
    with use_language("en"):
        for line in _told(verdict):
            click.echo(line)
    if not verdict.is_accepted:
        raise SystemExit(1)


@cli.command("void")
@click.argument("number")
@click.option("--reason", required=True, help="Code of the reason for the gap, for example certificate-too-long.")
def void(number: str, reason: str) -> None:
    """Give up a number that was reserved and never became a certificate; its record may get another."""
    with transaction():
        certificate = register.by_number(number)
        if certificate is None:
            raise click.ClickException(f"the register has no number {number}")
        try:
            register.give_up(certificate, reason_code=reason, actor=OPERATOR)
        except Problem as problem:
            raise click.ClickException(f"{number}: {problem.sentence}") from problem
        jobs.queue(issuing.JOB, certificate.record_id)
    click.echo(f"{number} is void: {reason}")


def _issue(record_id: str) -> str:
    """What became of one record, in one word or two."""
    try:
        return issuing.issue(record_id).number
    except issuing.NotEligible as refusal:
        return str(refusal)
    except (jobs.NeedsPerson, jobs.TryLater) as stop:
        return stop.code


def _told(verdict: Verdict) -> list[str]:
    words = wording.of_verdict(verdict)
    lines = [f"{verdict.code}: {words.title}. {words.sentence}", f"register: {verdict.register_status}"]
    lines += [f"- {reason}" for reason in wording.of_reasons(verdict)]
    if verdict.facts:
        lines += [f"{verdict.facts.number} {verdict.facts.titles['en']}, {verdict.facts.hours} academic hours"]
    return lines
