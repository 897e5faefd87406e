"""Public keys of platforms: fetched when a token names one that we do not know, kept, and kept longer if they cannot be.

Ours are in :mod:`lms.core.keys` under the use ``lti``.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

import structlog

from lms.core import clock, http
from lms.core.db import db, insert_once, transaction
from lms.core.errors import RemoteFailure
from lms.core.i18n import _l
from lms.lti.models import PlatformKeySet, Registration

USE = "lti"
REFRESH_AFTER = timedelta(hours=24)
ASK_AGAIN_AFTER = timedelta(minutes=1)
"""However many launches name a key that nobody knows, the platform is asked once a minute."""

Keys = Mapping[str, Mapping[str, Any]]
log = structlog.get_logger()


def of_platform(registration: Registration, stored: PlatformKeySet | None, *, kid: str | None) -> Keys:
    """The platform's keys by id, fetched now if that may help.

    Calls the platform, so no transaction may be open. If it does not answer, old keys stay good.

    :raises RemoteFailure: ``platform-keys-unavailable`` if there are no old keys either.
    """
    known = _by_id(stored.jwks) if stored else {}
    if stored and not _is_worth_asking(stored, kid, known):
        return known
    try:
        jwks = _fetch(registration.jwks_url)
    except RemoteFailure as failure:
        if stored is None:
            raise
        log.warning("platform-keys-stale", asked=failure.asked, status=failure.status_code)
        jwks = None
    _keep(registration.jwks_url, jwks)
    return _by_id(jwks) if jwks else known


def _is_worth_asking(stored: PlatformKeySet, kid: str | None, known: Keys) -> bool:
    now = clock.now()
    is_wanted = (kid is not None and kid not in known) or stored.fetched_at + REFRESH_AFTER <= now
    return is_wanted and stored.tried_at + ASK_AGAIN_AFTER <= now


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


def _keep(jwks_url: str, jwks: str | None) -> None:
    """Remember the keys, or at least that we asked."""
    now = clock.now()
    with transaction():
        if jwks is None:
            db.session.get_one(PlatformKeySet, jwks_url).tried_at = now
            return
        values = {"jwks": jwks, "fetched_at": now, "tried_at": now}
        row, created = insert_once(PlatformKeySet, {"jwks_url": jwks_url}, values)
        if not created:
            row.jwks, row.fetched_at, row.tried_at = jwks, now, now


@lru_cache(maxsize=64)
def _by_id(jwks: str) -> Keys:
    """Keys that have an id; others cannot be named by a token (SEC 6.4). Nothing, if this is no key set."""
    try:
        listed = json.loads(jwks)["keys"]
        return {key["kid"]: key for key in listed if isinstance(key, dict) and isinstance(key.get("kid"), str)}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
