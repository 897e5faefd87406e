"""Public keys of platforms: fetched when a token names one that we do not know, kept, and kept longer if they cannot be.

Ours are in :mod:`lms.core.keys` under the use ``lti``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import structlog

from lms.core import clock, http
from lms.core.db import db, insert_once, transaction
from lms.core.errors import RemoteFailure
from lms.core.i18n import _l
from lms.lti.models import PlatformKeySet

USE = "lti"
REFRESH_AFTER = timedelta(hours=24)
ASK_AGAIN_AFTER = timedelta(minutes=1)
"""However many launches name a key that nobody knows, the platform is asked once a minute."""

Keys = Mapping[str, Mapping[str, Any]]
log = structlog.get_logger()


@dataclass(frozen=True)
class Stored:
    """A platform's key set as we have it; without ``jwks`` if it was never fetched."""

    jwks_url: str
    jwks: str | None
    fetched_at: datetime | None
    tried_at: datetime | None


def known(stored: Stored) -> Keys:
    """The keys that we have, by id."""
    return _by_id(stored.jwks) if stored.jwks else {}


def must_ask(stored: Stored, *, kid: str | None) -> bool:
    """Whether the platform may have a key that we need: we have none, not this one, or none of this day."""
    if stored.fetched_at is None or stored.tried_at is None:
        return True
    now = clock.now()
    is_wanted = (kid is not None and kid not in known(stored)) or stored.fetched_at + REFRESH_AFTER <= now
    return is_wanted and stored.tried_at + ASK_AGAIN_AFTER <= now


def ask(stored: Stored) -> Keys:
    """Fetch the keys and keep them. If the platform does not answer, old keys stay good.

    Calls the platform, so no transaction may be open.

    :raises RemoteFailure: ``platform-keys-unavailable`` and others, if there are no old keys either.
    """
    try:
        jwks = _fetch(stored.jwks_url)
    except RemoteFailure as failure:
        if stored.jwks is None:
            raise
        log.warning("platform-keys-stale", asked=failure.asked, status=failure.status_code)
        _note_try(stored.jwks_url)
        return known(stored)
    _keep(stored.jwks_url, jwks)
    return _by_id(jwks)


def _fetch(jwks_url: str) -> str:
    answer = http.get(jwks_url, headers={"Accept": "application/json"})
    text = answer.body.decode("utf-8", "replace")
    if not answer.is_success or not _by_id(text):
        raise RemoteFailure(
            "platform-keys-unavailable",
            _l("The learning system did not give us its keys. Reload this page in a minute."),
            asked="platform key set",
            status_code=answer.status,
        )
    return text


def _keep(jwks_url: str, jwks: str) -> None:
    now = clock.now()
    values = {"jwks": jwks, "fetched_at": now, "tried_at": now}
    with transaction():
        row, _created = insert_once(PlatformKeySet, {"jwks_url": jwks_url}, values)
        row.jwks, row.fetched_at, row.tried_at = jwks, now, now


def _note_try(jwks_url: str) -> None:
    with transaction():
        db.session.get_one(PlatformKeySet, jwks_url).tried_at = clock.now()


@lru_cache(maxsize=64)
def _by_id(jwks: str) -> Keys:
    """Keys that have an id; others cannot be named by a token (SEC 6.4). Nothing, if this is no key set."""
    try:
        listed = json.loads(jwks)["keys"]
        return {key["kid"]: key for key in listed if isinstance(key, dict) and isinstance(key.get("kid"), str)}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
