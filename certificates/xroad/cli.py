"""``flask xroad``: which bodies may ask for what over X-Road."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click
from flask.cli import AppGroup

from certificates.xroad import rights, users
from certificates.xroad.models import XroadRight
from certificates.xroad.rights import Service
from lms.core.db import reading, transaction
from lms.core.errors import Problem
from lms.core.i18n import use_language
from lms.people.purposes import PURPOSES

ACTOR = "operator:command-line"
_SERVICE = click.option(
    "--service", required=True, type=click.Choice([each.value for each in Service]), help="What it may ask for."
)

cli = AppGroup("xroad", help="Bodies that ask over X-Road.")


@cli.command("allow")
@click.argument("client")
@_SERVICE
@click.option("--ground", required=True, help="The act or agreement that allows it.")
@click.option("--purpose", "purposes", multiple=True, type=click.Choice(list(PURPOSES)), help="Repeat for several.")
@click.option("--organisation", "code", help="Code of the body whose people alone it sees; without it, it sees all.")
def allow(client: str, service: str, *, ground: str, purposes: tuple[str, ...], code: str | None) -> None:
    """Let CLIENT (INSTANCE/CLASS/MEMBER/SUBSYSTEM) ask for a service; again changes its right."""
    with _told_plainly(), transaction():
        right = rights.allow(
            client, Service(service), ground=ground, actor=ACTOR, purposes=purposes, organisation_code=code
        )
        click.echo(_line(right))


@cli.command("withdraw")
@click.argument("client")
@_SERVICE
def withdraw(client: str, service: str) -> None:
    """Take a right away, at once."""
    with _told_plainly(), transaction():
        rights.withdraw(client, Service(service), actor=ACTOR)
    click.echo(f"{client} may not ask for {service} any more")


@cli.command("list")
def listing() -> None:
    """Print all rights, one line each."""
    with reading():
        for right in rights.listed():
            click.echo(_line(right))


@cli.command("asked")
@click.argument("message_id")
def asked(message_id: str) -> None:
    """Print who asked with this X-Road-Id, one line for each request; that you asked stands in the audit."""
    with transaction():
        for found in users.asked(message_id, actor=ACTOR):
            click.echo(json.dumps(asdict(found) | {"at": found.at.isoformat()}, ensure_ascii=False))


def _line(right: XroadRight) -> str:
    facts = {
        "client": right.client,
        "service": right.service,
        "purposes": right.purposes,
        "organisation_id": right.organisation_id,
        "ground": right.ground,
    }
    return json.dumps(facts, ensure_ascii=False)


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        with use_language("en"):
            yield
    except Problem as problem:
        raise click.ClickException(str(problem.sentence)) from problem
