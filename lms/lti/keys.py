"""Public keys of platforms: fetched when a token names one that we do not know, kept, and kept longer if they cannot be.

A launch waits for them, so a platform that is dead or slow is asked by one at a time and not at all for a while
(:mod:`lms.core.circuits`, docs/adr/0063). Ours are in :mod:`lms.core.keys` under the use ``lti``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NoReturn

import structlog
from sqlalchemy import update

from lms.core import circuits, clock, http
from lms.core.circuits import PutOff
from lms.core.db import db, insert_once, transaction
from lms.core.errors import RemoteFailure
from lms.core.http import Answer
from lms.core.i18n import _l
from lms.lti.models import PlatformKeySet

USE = "lti"
REFRESH_AFTER = timedelta(hours=24)
ASK_AGAIN_AFTER = timedelta(minutes=1)
"""However many launches name a key that nobody knows, the platform is asked once a minute."""
TIMEOUT_SECONDS = 5
"""A person waits meanwhile, and a thread with them."""

Keys = Mapping[str, Mapping[str, Any]]
log = structlog.get_logger()


@dataclass(frozen=True)
class Stored:
    """A platform's key set as we have it; without ``jwks`` if it was never fetched."""

    jwks_url: str
    jwks: str | None
    fetched_at: datetime | None
    tried_at: datetime | None


def circuit(registration_id: str) -> str:
    """Under which name it is noted how a platform gives its keys: apart from its services, which may be dead alone."""
    return f"{registration_id}/keys"


def known(stored: Stored) -> Keys:
    """The keys that we have, by id."""
    return _by_id(stored.jwks) if stored.jwks else {}


def at_hand(stored: Stored, *, kid: str | None) -> Keys:
    """The keys that we have, where the platform need not be asked.

    :raises RemoteFailure: ``platform-keys-unavailable`` if this one is not among them, and the platform did not answer
        when it was asked for it just now.
    """
    has_failed = stored.tried_at is not None and stored.fetched_at is not None and stored.tried_at > stored.fetched_at
    if kid is not None and kid not in known(stored) and has_failed:
        raise _unavailable()
    return known(stored)


def must_ask(stored: Stored, *, kid: str | None) -> bool:
    """Whether the platform may have a key that we need: we have none, not this one, or none of this day."""
    if stored.fetched_at is None or stored.tried_at is None:
        return True
    now = clock.now()
    is_wanted = (kid is not None and kid not in known(stored)) or stored.fetched_at + REFRESH_AFTER <= now
    return is_wanted and stored.tried_at + ASK_AGAIN_AFTER <= now


def ask(stored: Stored, *, kid: str | None, registration_id: str) -> Keys:
    """Fetch the keys and keep them. If the platform does not answer, old keys stay good.

    Where we have the key and want to know only whether it still holds, one launch asks, and the others do not wait for it.
    Calls the platform, so no transaction may be open.

    :raises RemoteFailure: ``platform-keys-unavailable``, ``address-refused``, ``answer-too-large``, if this key is not among
        the old ones either.
    """
    has_it = kid in known(stored)
    if has_it and not _note_try(stored):
        return known(stored)
    try:
        answer = circuits.guarded(circuit(registration_id), lambda: _fetch(stored.jwks_url))
    except RemoteFailure as failure:
        if not has_it:
            _refuse(stored, failure)
        log.warning("platform-keys-stale", asked=failure.asked, status=failure.status_code)
        return known(stored)
    jwks = _text(answer)
    _keep(stored.jwks_url, jwks)
    return _by_id(jwks)


def _refuse(stored: Stored, failure: RemoteFailure) -> NoReturn:
    """In words that help in a launch: nobody tries again unless the person does."""
    if stored.jwks and not isinstance(failure, PutOff):
        _note_try(stored)
    if isinstance(failure, PutOff) or failure.code == "no-answer":
        raise _unavailable() from failure
    raise failure


def _fetch(jwks_url: str) -> Answer:
    answer = http.get(jwks_url, headers={"Accept": "application/json"}, timeout_seconds=TIMEOUT_SECONDS)
    if not answer.is_success or not _by_id(_text(answer)):
        raise _unavailable(answer)
    return answer


def _text(answer: Answer) -> str:
    return answer.body.decode("utf-8", "replace")


def _unavailable(answer: Answer | None = None) -> RemoteFailure:
    return RemoteFailure(
        "platform-keys-unavailable",
        _l("The learning system did not give us its keys. Reload this page in a minute."),
        asked="platform key set",
        status_code=answer.status if answer else None,
        retry_after_seconds=answer.retry_after_seconds if answer else None,
    )


def _keep(jwks_url: str, jwks: str) -> None:
    now = clock.now()
    values = {"jwks": jwks, "fetched_at": now, "tried_at": now}
    with transaction():
        row, _created = insert_once(PlatformKeySet, {"jwks_url": jwks_url}, values)
        row.jwks, row.fetched_at, row.tried_at = jwks, now, now


def _note_try(stored: Stored) -> bool:
    """Whether nobody else tried since these keys were read."""
    with transaction():
        noted = db.session.execute(
            update(PlatformKeySet)
            .where(PlatformKeySet.jwks_url == stored.jwks_url, PlatformKeySet.tried_at == stored.tried_at)
            .values(tried_at=clock.now())
        )
    return getattr(noted, "rowcount", 0) == 1


@lru_cache(maxsize=64)
def _by_id(jwks: str) -> Keys:
    """Keys that have an id; others cannot be named by a token (SEC 6.4). Nothing, if this is no key set."""
    try:
        listed = json.loads(jwks)["keys"]
        return {key["kid"]: key for key in listed if isinstance(key, dict) and isinstance(key.get("kid"), str)}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
