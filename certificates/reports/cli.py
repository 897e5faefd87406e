"""``flask reports``: make what was asked for by an operator, and prove what was made."""

import json

import click
from flask.cli import AppGroup

from certificates.reports import auditing, editions
from lms.core import jobs
from lms.core.db import db, new_id, reading, transaction
from lms.core.errors import Problem
from lms.organisations.models import Organisation

cli = AppGroup("reports", help="Sealed reports of the bureau.")


@cli.command("make")
@click.argument("organisation")
@click.argument("period")
@click.option("--reason", default="", help="Why there is to be another edition.")
def make(organisation: str, period: str, reason: str) -> None:
    """Ask for the report of PERIOD (2026, 2026-Q3) for the bureau with the code ORGANISATION; a worker makes it."""
    request_id = new_id()
    try:
        with transaction():
            body = db.session.scalars(db.select(Organisation).filter_by(code=organisation)).one_or_none()
            if body is None:
                raise click.ClickException(f"no organisation has the code {organisation}")
            editions.ask(request_id, organisation_id=body.id, period=period, reason=reason, actor="operator")
    except Problem as refused:
        raise click.ClickException(f"{refused.code}: {refused.sentence}") from refused
    with reading():
        state = jobs.state_of(editions.JOB, request_id)
    click.echo(f"report {period} of {organisation}: {state.status if state else 'done'}")


@cli.command("audit")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def audit(as_json: bool) -> None:
    """Prove the chain of editions, their figures and their files; exit with 1 if anything does not agree."""
    report = auditing.prove()
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(f"{report.editions} editions and {report.files} files were looked at")
        for code, subject in report.findings:
            click.echo(f"{code} {subject}")
        click.echo("everything agrees" if report.is_sound else "not everything agrees")
    if not report.is_sound:
        raise SystemExit(1)
