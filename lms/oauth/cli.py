"""``flask oauth``: admitting programs to the API, their secrets and keys, and our own keys."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from lms.core import keys as signing_keys
from lms.core.db import db, reading, transaction
from lms.core.errors import Problem
from lms.core.i18n import use_language
from lms.oauth import client_keys, client_secrets, clients, reach, scopes, tokens
from lms.oauth.client_keys import KeySource
from lms.oauth.models import Client
from lms.organisations.models import Organisation

ACTOR = "operator:command-line"
PLATFORMS = "bilim.oauth.platforms"
"""Where the application keeps the function that lists learning systems (``reach.Platforms``)."""

cli = AppGroup("oauth", help="Programs that may use the API.")


@cli.command("create-client")
@click.option("--name", required=True, help="Name of the program or office.")
@click.option(
    "--scope", "scope", required=True, multiple=True, type=click.Choice(list(scopes.SCOPES)), help="Repeat for several."
)
@click.option("--platform", "platforms", multiple=True, help="Id of a learning system it reports for; repeat.")
@click.option("--every-platform", is_flag=True, help="It reports for every learning system.")
@click.option("--module", "modules", multiple=True, help="Short name of a module it reports; repeat.")
@click.option("--every-module", is_flag=True, help="It reports every module.")
@click.option("--organisation", "code", help="Code of the body whose records alone it sees; without it, it sees all.")
@click.option("--jwks", type=click.File("r"), help="File with its public keys, in place of a secret.")
@click.option("--jwks-uri", default="", help="Address of its public keys, in place of a secret.")
def create_client(
    *,
    name: str,
    scope: tuple[str, ...],
    platforms: tuple[str, ...],
    every_platform: bool,
    modules: tuple[str, ...],
    every_module: bool,
    code: str | None,
    jwks: TextIO | None,
    jwks_uri: str,
) -> None:
    """Admit a program. Prints its id and its secret, which is shown only now."""
    with _told_plainly(), transaction():
        signing_keys.ensure(tokens.KEY_USE, tokens.ALGORITHM)
        client, secret = clients.admit(
            name=name,
            scope=scope,
            actor=ACTOR,
            platforms=_platforms([*platforms, *([reach.EVERY] if every_platform else [])]),
            modules=reach.checked_modules([*modules, *([reach.EVERY] if every_module else [])]),
            organisation_id=_organisation_id(code),
            keys=_key_source(jwks, jwks_uri),
        )
    _print(_shown(client) | ({"client_secret": secret} if secret else {}))


@cli.command("list-clients")
def list_clients() -> None:
    """Print all programs, one line each."""
    with reading():
        for client in clients.listed():
            state = "disabled" if client.disabled_at else "enabled"
            click.echo(f"{client.id} {state} {client.auth_method} {client.scope} {client.name}")


@cli.command("show-client")
@click.argument("client_id")
def show_client(client_id: str) -> None:
    """Print what is known of one program, with its secrets by their beginnings."""
    with _told_plainly(), reading():
        client = clients.find(client_id)
        secrets = [
            {
                "secret_id": each.id,
                "begins_with": each.beginning,
                "created_at": each.created_at.isoformat(),
                "retired_at": each.retired_at.isoformat() if each.retired_at else None,
            }
            for each in client_secrets.of(client_id)
        ]
    last = client.last_token_at.isoformat() if client.last_token_at else None
    _print(_shown(client) | {"last_token_at": last, "secrets": secrets})


@cli.command("add-secret")
@click.argument("client_id")
def add_secret(client_id: str) -> None:
    """Give a program one more secret, which is shown only now. The others stay good until they are retired."""
    with _told_plainly(), transaction():
        secret = client_secrets.add(clients.find(client_id), actor=ACTOR)
    _print({"client_id": client_id, "client_secret": secret})


@cli.command("retire-secret")
@click.argument("client_id")
@click.argument("secret_id")
def retire_secret(client_id: str, secret_id: str) -> None:
    """Take a secret away at once. ``show-client`` prints the ids."""
    with _told_plainly(), transaction():
        client_secrets.retire(client_id, secret_id, actor=ACTOR)
    click.echo("retired")


@cli.command("set-keys")
@click.argument("client_id")
@click.option("--jwks", type=click.File("r"), help="File with public keys (JSON Web Key Set).")
@click.option("--jwks-uri", default="", help="Address at which the program publishes them.")
def set_keys(client_id: str, jwks: TextIO | None, jwks_uri: str) -> None:
    """Let a program prove itself by its own keys (private_key_jwt), and by no secret any more."""
    with _told_plainly(), transaction():
        source = _key_source(jwks, jwks_uri)
        if source is None:
            raise click.UsageError("give --jwks or --jwks-uri")
        client_keys.put(clients.find(client_id), source, actor=ACTOR)
    click.echo("set")


@cli.command("bind-client")
@click.argument("client_id")
@click.option("--platform", "platforms", multiple=True, help="Id of a learning system; repeat.")
@click.option("--every-platform", is_flag=True)
@click.option("--module", "modules", multiple=True, help="Short name of a module; repeat.")
@click.option("--every-module", is_flag=True)
def bind_client(
    client_id: str, platforms: Sequence[str], every_platform: bool, modules: Sequence[str], every_module: bool
) -> None:
    """Say anew for which learning systems and modules a program reports."""
    with _told_plainly(), transaction():
        clients.bind(
            clients.find(client_id),
            platforms=_platforms([*platforms, *([reach.EVERY] if every_platform else [])]),
            modules=reach.checked_modules([*modules, *([reach.EVERY] if every_module else [])]),
            actor=ACTOR,
        )
    click.echo("bound")


@cli.command("disable-client")
@click.argument("client_id")
def disable_client(client_id: str) -> None:
    """Turn a program off at once, with all its tokens."""
    with _told_plainly(), transaction():
        clients.disable(client_id, actor=ACTOR)
    click.echo("disabled")


@cli.command("rotate-keys")
def rotate_keys() -> None:
    """Publish the next key for access tokens now. It signs from a day later, when programs have seen it."""
    with transaction():
        key = signing_keys.publish_next(tokens.KEY_USE, actor=ACTOR, algorithm=tokens.ALGORITHM)
    _print({"kid": key.kid, "signs_from": key.active_from.isoformat()})


@contextmanager
def _told_plainly() -> Iterator[None]:
    """A problem as a message of the command line, in English."""
    try:
        yield
    except Problem as problem:
        with use_language("en"):
            raise click.ClickException(f"{problem.sentence} ({problem.code})") from problem


def _platforms(asked: Sequence[str]) -> list[str]:
    known: reach.Platforms = current_app.extensions[PLATFORMS]
    return reach.checked_platforms(asked, {platform_id for platform_id, _name in known()})


def _organisation_id(code: str | None) -> str | None:
    if code is None:
        return None
    found = db.session.scalar(select(Organisation.id).filter_by(code=code))
    if found is None:
        raise click.ClickException(f"no organisation has the code {code}")
    return found


def _key_source(jwks: TextIO | None, jwks_uri: str) -> KeySource | None:
    if jwks is None and not jwks_uri:
        return None
    return client_keys.source(jwks=jwks.read() if jwks else "", jwks_uri=jwks_uri)


def _shown(client: Client) -> dict[str, object]:
    return {
        "client_id": client.id,
        "name": client.name,
        "scope": client.scope,
        "token_endpoint_auth_method": client.auth_method,
        "platforms": client.platforms,
        "modules": client.modules,
        "organisation_id": client.organisation_id,
        "token_url": f"{tokens.issuer()}/oauth/token",
    }


def _print(shown: dict[str, object]) -> None:
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
