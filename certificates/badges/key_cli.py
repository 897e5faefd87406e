"""``flask certificates credential-keys``: which keys signed credentials, and their life (docs/keys.md)."""

import click
from flask.cli import AppGroup

from certificates.badges import signing
from lms.core import audit, clock, keys
from lms.core.db import reading, transaction
from lms.core.keys import SigningKey

credential_keys = AppGroup("credential-keys", help="The keys of credentials: list, rotate, declare compromised.")


@credential_keys.command("list")
def list_keys() -> None:
    """Print every key, newest first: id, state, first day."""
    with reading():
        for row in signing.history():
            click.echo(f"{row.kid} {_state(row)} from {row.active_from:%Y-%m-%d}")


@credential_keys.command("rotate")
def rotate() -> None:
    """Publish the next key now; it signs from a day later."""
    with transaction():
        keys.ensure(signing.USE, signing.ALGORITHM)
        kid = keys.rotate(signing.USE, signing.ALGORITHM).kid
        audit.record("credential.key-published", subject=kid, actor="operator")
    click.echo(f"{kid} signs from tomorrow")


@credential_keys.command("compromised")
@click.argument("kid")
def compromised(kid: str) -> None:
    """The key got into other hands: another signs at once; it stays published, and the register has to confirm its work."""
    with transaction():
        if signing.known(kid) is None:
            raise click.ClickException(f"no credential was ever signed with {kid}")
        keys.withdraw(kid)
        audit.record("credential.key-compromised", subject=kid, actor="operator")
        now = keys.signing_now(signing.USE)
    click.echo(f"{kid} is compromised; {now} signs now")


def _state(row: SigningKey) -> str:
    if row.withdrawn_at is not None:
        return "compromised"
    if row.retired_at is not None and row.retired_at <= clock.now():
        return "retired"
    return "active" if row.active_from <= clock.now() else "published"
