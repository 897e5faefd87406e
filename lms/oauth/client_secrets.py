"""Secrets of clients: shown once, kept as hashes, several at a time so that one can follow another without a pause."""

from hmac import compare_digest

from sqlalchemy import select

from lms.core import audit, clock, vault
from lms.core.db import db, new_id
from lms.core.errors import Conflict, NotFound
from lms.core.i18n import _l
from lms.oauth.models import SECRET_BASIC, Client, ClientSecret

PREFIX = "bilim_secret_"
"""What a secret begins with, so that scanners find a leaked one."""
SHOWN_LETTERS = len(PREFIX) + 6
MOST_AT_ONCE = 3


def add(client: Client, *, actor: str) -> str:
    """A new secret, which is known only now. The others stay good until they are retired.

    :raises Conflict: ``secrets-too-many``; ``client-has-keys`` for a client that proves itself by its own key.
    """
    if client.auth_method != SECRET_BASIC:
        raise Conflict("client-has-keys", _l("This program proves itself by its own key and needs no secret."))
    if len([each for each in of(client.id) if each.retired_at is None]) >= MOST_AT_ONCE:
        raise Conflict("secrets-too-many", _l("Retire a secret that is not in use any more, before you add another."))
    secret = vault.new_secret(PREFIX)
    row = ClientSecret(
        id=new_id(), client_id=client.id, secret_hash=vault.hashed(secret), beginning=secret[:SHOWN_LETTERS]
    )
    db.session.add(row)
    audit.record("client-secret-added", subject=f"client:{client.id}", actor=actor, secret=row.id)
    return secret


def retire(client_id: str, secret_id: str, *, actor: str) -> None:
    """Take a secret away at once. Tokens that it fetched stay good until they end.

    :raises NotFound: ``secret-unknown``.
    """
    row = db.session.get(ClientSecret, secret_id)
    if row is None or row.client_id != client_id:
        raise NotFound("secret-unknown", _l("This program has no such secret."))
    if row.retired_at is None:
        row.retired_at = clock.now()
        audit.record("client-secret-retired", subject=f"client:{client_id}", actor=actor, secret=row.id)


def of(client_id: str) -> list[ClientSecret]:
    """All that a client ever had, newest first."""
    wanted = select(ClientSecret).filter_by(client_id=client_id)
    return list(db.session.scalars(wanted.order_by(ClientSecret.created_at.desc(), ClientSecret.id)))


def fits(client: Client, secret: str) -> bool:
    """Whether this is a secret of the client that was not retired."""
    given = vault.hashed(secret)
    good = [each.secret_hash for each in of(client.id) if each.retired_at is None]
    return any(compare_digest(given, known) for known in good)
