"""Programs that may ask for tokens: admitting one and turning one off."""

from collections.abc import Iterable

from lms.core import audit, clock, vault
from lms.core.db import db, new_id
from lms.core.errors import NotFound
from lms.core.i18n import _l
from lms.oauth import scopes
from lms.oauth.models import Client

SECRET_PREFIX = "bilim_secret_"  # noqa: S105  what a secret begins with, so that scanners find a leaked one


def admit(*, name: str, scope: Iterable[str], actor: str) -> tuple[Client, str]:
    """A new client and its secret, which is known only now.

    :raises Invalid: ``scope-unknown``.
    """
    secret = vault.new_secret(SECRET_PREFIX)
    client = Client(
        id=new_id(),
        name=name,
        secret_hash=vault.hashed(secret),
        scope=scopes.joined(scope),
        created_at=clock.now(),
    )
    db.session.add(client)
    audit.record("client-admitted", subject=f"client:{client.id}", actor=actor, scope=client.scope)
    return client, secret


def disable(client_id: str, *, actor: str) -> None:
    """Turn a client off; its tokens end with it.

    :raises NotFound: ``client-unknown``.
    """
    client = db.session.get(Client, client_id)
    if client is None:
        raise NotFound("client-unknown", _l("No client has this id."))
    client.disabled_at = client.disabled_at or clock.now()
    audit.record("client-disabled", subject=f"client:{client.id}", actor=actor)


def enabled(client_id: str) -> Client | None:
    """The client, unless it was turned off."""
    client = db.session.get(Client, client_id)
    return client if client and client.disabled_at is None else None
