"""``flask certificates verify-receipt``: is this receipt ours, and what does it say?"""

import json
from pathlib import Path

import click

from certificates.batches import receipt
from lms.core.db import reading


@click.command("verify-receipt")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify_receipt(file: Path) -> None:
    """Say what a receipt of many verifications (JWS) says, as JSON; exit with 1 if it does not bear our signature."""
    text = file.read_bytes().decode("ascii", "replace")
    with reading():
        said = receipt.read(text)
    if said is None:
        click.echo("this receipt does not bear our signature")
        raise SystemExit(1)
    click.echo(json.dumps(said, ensure_ascii=False, indent=1))
