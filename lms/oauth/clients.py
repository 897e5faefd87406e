"""Programs that may ask for tokens: admitting one, saying what it may, turning one off."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from lms.core import audit, clock
from lms.core.db import can_keep, db, new_id
from lms.core.errors import Invalid, NotFound
from lms.core.i18n import _l
from lms.oauth import client_keys, client_secrets, scopes
from lms.oauth.client_keys import KeySource
from lms.oauth.models import PRIVATE_KEY_JWT, SECRET_BASIC, Client

LONGEST_NAME = 120


def admit(
    *,
    name: str,
    scope: Iterable[str],
    actor: str,
    platforms: Sequence[str] = (),
    modules: Sequence[str] = (),
    organisation_id: str | None = None,
    keys: KeySource | None = None,
) -> tuple[Client, str | None]:
    """A new client and its secret, which is known only now; without one if the client has keys of its own.

    :param platforms: registrations for which it may report completions, or ``reach.EVERY``; as ``modules``.
    :raises Invalid: ``name-missing``, ``scope-unknown``; ``reach-missing`` for a client that reports and is bound to
        nothing; and of ``client_keys``.
    """
    client = Client(
        id=new_id(),
        name=_checked_name(name),
        scope=scopes.joined(scope),
        auth_method=PRIVATE_KEY_JWT if keys else SECRET_BASIC,
        platforms=list(platforms),
        modules=list(modules),
        organisation_id=organisation_id,
    )
    _refuse_without_reach(client)
    db.session.add(client)
    db.session.flush()
    facts = {"scope": client.scope, "platforms": client.platforms, "modules": client.modules}
    audit.record("client-admitted", subject=_subject(client), actor=actor, organisation=organisation_id, **facts)
    if keys:
        client_keys.put(client, keys, actor=actor)
        return client, None
    return client, client_secrets.add(client, actor=actor)


def bind(client: Client, *, platforms: Sequence[str], modules: Sequence[str], actor: str) -> None:
    """Say anew for which platforms and modules it may report. Tokens that it has follow at once.

    :raises Invalid: ``reach-missing``.
    """
    client.platforms, client.modules = list(platforms), list(modules)
    _refuse_without_reach(client)
    facts = {"platforms": client.platforms, "modules": client.modules}
    audit.record("client-bound", subject=_subject(client), actor=actor, **facts)


def disable(client_id: str, *, actor: str) -> None:
    """Turn a client off; its tokens end with it.

    :raises NotFound: ``client-unknown``.
    """
    client = find(client_id)
    if client.disabled_at is None:
        client.disabled_at = clock.now()
        audit.record("client-disabled", subject=_subject(client), actor=actor)


def find(client_id: str) -> Client:
    """The client, also one that was turned off.

    :raises NotFound: ``client-unknown``.
    """
    client = db.session.get(Client, client_id)
    if client is None:
        raise NotFound("client-unknown", _l("No program has this id."))
    return client


def enabled(client_id: str) -> Client | None:
    """The client, unless it was turned off."""
    client = db.session.get(Client, client_id) if can_keep(client_id) else None
    return client if client and client.disabled_at is None else None


def listed() -> list[Client]:
    """All of them, in the order of their admission."""
    return list(db.session.scalars(select(Client).order_by(Client.created_at, Client.id)))


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid("name-missing", _l("Write the name of the program or office, in at most 120 characters."))
    return name


def _refuse_without_reach(client: Client) -> None:
    reports = scopes.COMPLETIONS_WRITE in scopes.split(client.scope)
    if reports and not (client.platforms and client.modules):
        raise Invalid(
            "reach-missing",
            _l("Say for which learning systems and modules this program reports, or say that it is for all of them."),
        )
    if not reports and (client.platforms or client.modules):
        raise Invalid(
            "reach-not-wanted", _l("Only a program that reports completions is bound to learning systems and modules.")
        )


def _subject(client: Client) -> str:
    return f"client:{client.id}"
