"""``flask certificates offline-keys``, ``publish-list`` and ``offline-bundle``: the keys of summaries, and what a machine without a network needs."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from certificates import chain
from certificates.offline import bundle, listing, signing
from lms.core import audit, clock, keys
from lms.core.db import reading, transaction
from lms.core.keys import SigningKey

OPERATOR = "operator"

offline_keys = AppGroup("offline-keys", help="The keys of the large QR codes: list, rotate, declare compromised.")


@offline_keys.command("list")
def list_keys() -> None:
    """Print every key, newest first: id, state, first day."""
    with reading():
        for row in signing.history():
            click.echo(f"{row.kid} {_state(row)} from {row.active_from:%Y-%m-%d}")


@offline_keys.command("rotate")
def rotate() -> None:
    """Publish the next key now; it signs from a day later."""
    with transaction():
        keys.ensure(signing.USE, signing.ALGORITHM)
        kid = keys.rotate(signing.USE, signing.ALGORITHM).kid
        audit.record("offline.key-published", subject=kid, actor=OPERATOR)
    click.echo(f"{kid} signs from tomorrow")


@offline_keys.command("compromised")
@click.argument("kid")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d"]),
    help="The earliest moment at which others may have had the key; without it, now.",
)
def compromised(kid: str, since: datetime | None) -> None:
    """The key got into other hands: another signs at once, and of the old one only what the register vouches for counts."""
    moment = (since if since.tzinfo else since.replace(tzinfo=UTC)) if since else clock.now()
    with transaction():
        row = signing.known(kid)
        if row is None:
            raise click.ClickException(f"no large QR code was ever signed with {kid}")
        now = signing.compromise(row, moment, actor=OPERATOR)
    click.echo(f"{kid} is compromised since {moment:%Y-%m-%dT%H:%M%z}; {now} signs now")


@click.command("publish-list")
def publish_list() -> None:
    """Publish the list of what holds now, for checks without internet; else it is published once a day."""
    click.echo(f"{listing.publish()} is what /offline/list gives from now on")


@click.command("offline-bundle")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def offline_bundle(file: Path) -> None:
    """Write keys, seals and the list of what holds now, for ``flask certificates verify FILE --offline BUNDLE``."""
    with transaction():
        keys.ensure(chain.KEY_USE, chain.ALGORITHM)
    with reading():
        text = bundle.written()
    file.write_text(text, "utf-8")
    click.echo(f"{file}: what holds as of {bundle.read(text).claims['day']}")


def _state(row: SigningKey) -> str:
    if row.withdrawn_at is not None:
        return f"compromised since {row.withdrawn_at:%Y-%m-%dT%H:%MZ}"
    if row.retired_at is not None and row.retired_at <= clock.now():
        return "retired"
    return "active" if row.active_from <= clock.now() else "published"
