"""What operators do about personal data: ``flask privacy retention``, ``flask people rotate-key``."""

import json

import click
from flask.cli import AppGroup

from lms.people import retention

privacy = AppGroup("privacy", help="Personal data: how long it is kept.")


@privacy.command("retention")
@click.option("--dry-run", is_flag=True, help="Count only; nothing is deleted and nobody is named.")
def apply_retention(dry_run: bool) -> None:
    """Delete what is over by the rules that are switched on; print how many of each as JSON."""
    if not dry_run:
        click.echo(json.dumps(retention.apply(actor="operator:command"), indent=2))
        return
    counts = retention.counted()
    lines = {
        code: {"days": rule.days, "applied": rule.is_applied, "found": counts[code]}
        for code, rule in retention.rules().items()
    }
    click.echo(json.dumps(lines, indent=2))
