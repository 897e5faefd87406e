"""``flask oauth``: admitting programs to the API."""

import json

import click
from flask.cli import AppGroup
from sqlalchemy import select

from lms.core import keys
from lms.core.db import db, reading, transaction
from lms.core.errors import Problem
from lms.oauth import clients, scopes, tokens
from lms.oauth.models import Client

ACTOR = "operator:command-line"

cli = AppGroup("oauth", help="Programs that may use the API.")


@cli.command("create-client")
@click.option("--name", required=True, help="Name of the program or office.")
@click.option(
    "--scope", "scope", required=True, multiple=True, type=click.Choice(list(scopes.SCOPES)), help="Repeat for several."
)
def create_client(name: str, scope: tuple[str, ...]) -> None:
    """Admit a program. Prints its id and its secret, which is shown only now."""
    with transaction():
        keys.ensure(tokens.KEY_USE, tokens.ALGORITHM)
        client, secret = clients.admit(name=name, scope=scope, actor=ACTOR)
    shown = {
        "client_id": client.id,
        "client_secret": secret,
        "name": client.name,
        "scope": client.scope,
        "token_url": f"{tokens.issuer()}/oauth/token",
    }
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2))


@cli.command("disable-client")
@click.argument("client_id")
def disable_client(client_id: str) -> None:
    """Turn a program off at once, with all its tokens."""
    try:
        with transaction():
            clients.disable(client_id, actor=ACTOR)
    except Problem as problem:
        raise click.ClickException(str(problem.sentence)) from problem
    click.echo("disabled")


@cli.command("list-clients")
def list_clients() -> None:
    """Print all programs, one line each."""
    with reading():
        for client in db.session.scalars(select(Client).order_by(Client.created_at)):
            state = "disabled" if client.disabled_at else "enabled"
            click.echo(f"{client.id} {state} {client.scope} {client.name}")
