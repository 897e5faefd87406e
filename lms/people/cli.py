"""What operators do about personal data: ``flask privacy retention``, ``flask people rotate-key``."""

import json

import click
from flask.cli import AppGroup

from lms.people import number_keys, retention

privacy = AppGroup("privacy", help="Personal data: how long it is kept.")

people = AppGroup("people", help="Keys of personal numbers.")


@people.command("rotate-key")
def rotate_key() -> None:
    """Make a new key and write every personal number and passport anew; stopped in the middle, run it again."""
    key_id, moved = number_keys.rotate(actor="operator:command")
    click.echo(json.dumps({"key": key_id, "people": moved}))


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
