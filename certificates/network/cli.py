"""``flask network``: which other installations we trust, and what they need to trust us (docs/network.md)."""

import click
from flask.cli import AppGroup

from certificates.network import issuer_list, nodes, publishing
from lms.core.db import reading, transaction
from lms.core.errors import Problem

ACTOR = "operator:command-line"

cli = AppGroup("network", help="Other installations whose credentials are verified here.")


@cli.command("fingerprint")
def fingerprint() -> None:
    """Print what the people of other nodes compare before they trust this one."""
    with transaction():
        click.echo(issuer_list.shown(publishing.fingerprint()))


@cli.command("announce-key")
def announce_key() -> None:
    """Let another key sign our list in a month; other nodes read of it in the lists until then."""
    with transaction():
        announced = publishing.announce_next_key(actor=ACTOR)
    click.echo(f"{issuer_list.shown(announced)} signs in {publishing.ANNOUNCED_BEFORE_USE.days} days")


@cli.command("list")
def list_nodes() -> None:
    """Print the nodes that we trust: address, day of their last list, fault of the last try."""
    with reading():
        for row in nodes.listed():
            click.echo(f"{row.address} {row.list_issued_at:%Y-%m-%d} {row.fault or 'sound'}")


@cli.command("add")
@click.argument("address")
@click.option("--fingerprint", "typed", required=True, help="Told by the people of the node, not by its address.")
def add(address: str, typed: str) -> None:
    """Trust the node at this address."""
    try:
        row = nodes.add(address, typed, actor=ACTOR)
    except Problem as problem:
        raise click.ClickException(f"{problem.code}: {problem.sentence}") from problem
    click.echo(f"{row.address} is trusted")


@cli.command("ask")
def ask() -> None:
    """Fetch the list of every node now."""
    with reading():
        known = nodes.listed()
    for row in known:
        click.echo(f"{row.address} {nodes.ask(row.id) or 'sound'}")


@cli.command("remove")
@click.argument("address")
def remove(address: str) -> None:
    """Trust the node at this address no more."""
    with transaction():
        row = nodes.named_by(address)
        if row is None:
            raise click.ClickException(f"{address} is not in the list")
        nodes.remove(row.id, actor=ACTOR)
    click.echo(f"{address} is trusted no more")
