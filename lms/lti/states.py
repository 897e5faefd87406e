"""Questions to platforms - "who is this?" - each answered once, by the browser that it was asked for (SEC 5.1.1).

The state that travels is random and stored as a hash. Statements are built once, because a lecture of 300 begins with
600 of them in a minute.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import bindparam, insert, select, update

from lms.core import clock
from lms.core.db import db, execute
from lms.core.i18n import _l
from lms.core.vault import hashed, new_secret
from lms.lti import browser, storage
from lms.lti.models import LoginState, PlatformKeySet, Registration, table
from lms.lti.refusals import LaunchRefused, other_browser, try_again

LIFE = timedelta(minutes=10)
_SPEC = "SEC 5.1.1.5"
_STATE, _PLATFORM, _KEYS = table(LoginState), table(Registration), table(PlatformKeySet)


@dataclass(frozen=True)
class Question:
    """What we asked and whom, with the keys that we know of them. Values, so that no transaction hangs on them."""

    state_hash: str
    nonce: str
    browser_hash: str
    expires_at: datetime
    consumed_at: datetime | None
    launch_id: str | None
    registration_id: str
    issuer: str
    client_id: str
    algorithms: str
    leeway_seconds: int
    allows_anonymous: bool
    state: str
    deployment_policy: str
    auth_url: str
    product_family_code: str | None
    family_override: str | None
    jwks_url: str
    jwks: str | None
    fetched_at: datetime | None
    tried_at: datetime | None

    def family(self, said: str | None) -> str | None:
        """The platform's product: as an administrator set it, as this launch says, or as an earlier one did."""
        return self.family_override or said or self.product_family_code


_INSERT = insert(_STATE)
_RECALL = (
    select(
        *(_STATE.c[name] for name in ("state_hash", "nonce", "browser_hash", "expires_at", "consumed_at", "launch_id")),
        *(_STATE.c.registration_id, _PLATFORM.c.issuer, _PLATFORM.c.client_id, _PLATFORM.c.algorithms),
        *(_PLATFORM.c.leeway_seconds, _PLATFORM.c.allows_anonymous, _PLATFORM.c.state),
        *(_PLATFORM.c.deployment_policy, _PLATFORM.c.auth_url, _PLATFORM.c.product_family_code),
        *(_PLATFORM.c.family_override, _PLATFORM.c.jwks_url),
        *(_KEYS.c.jwks, _KEYS.c.fetched_at, _KEYS.c.tried_at),
    )
    .select_from(
        _STATE.join(_PLATFORM, _PLATFORM.c.id == _STATE.c.registration_id).outerjoin(
            _KEYS, _KEYS.c.jwks_url == _PLATFORM.c.jwks_url
        )
    )
    .where(_STATE.c.state_hash == bindparam("state_hash"))
)
"""One column for each field of a question, in their order."""
_USE_UP = (
    update(_STATE)
    .where(_STATE.c.state_hash == bindparam("used"), _STATE.c.consumed_at.is_(None))
    .values(consumed_at=bindparam("at"), launch_id=bindparam("launch"))
)


def ask(registration_id: str, *, browser_hash: str, storage_frame: str | None = None) -> tuple[str, str]:
    """A new question for a browser: its state and its nonce.

    :param storage_frame: where the platform keeps the proof of a browser that keeps no cookie.
    """
    state, nonce = storage.note_in(new_secret(), storage_frame), new_secret()
    row = {
        "state_hash": hashed(state),
        "nonce": nonce,
        "registration_id": registration_id,
        "browser_hash": browser_hash,
        "expires_at": clock.now() + LIFE,
    }
    execute(_INSERT, row)
    return state, nonce


def recall(state: str) -> Question:
    """The question that an answer names. Nothing is used up.

    :raises LaunchRefused: ``state-unknown``.
    """
    found = execute(_RECALL, {"state_hash": hashed(state)}).first()
    if found is None:
        raise try_again("state-unknown", _l("We did not ask for this launch, or it was long ago."), spec=_SPEC)
    return Question(*cast(tuple[Any, ...], found))


def asked_here(state: str) -> Question | None:
    """The question that this browser asked, if it did."""
    try:
        question = recall(state)
        refuse_other_browser(question)
    except LaunchRefused:
        return None
    return question


def refuse_other_browser(question: Question) -> None:
    """The answer comes from the browser for which we asked (SEC 5.1.1.5)."""
    if not browser.is_same_as(question.browser_hash):
        raise other_browser(spec=_SPEC)


def refuse_late(question: Question) -> None:
    """The answer comes in ten minutes; one that came before may come again, to find its launch."""
    if not question.consumed_at and question.expires_at <= clock.now():
        raise try_again("state-expired", _l("This launch took too long."), spec=_SPEC)


def use_up(question: Question, launch_id: str) -> bool:
    """Whether we are the first to answer this question: one statement decides, on every database."""
    values = {"used": question.state_hash, "at": clock.now(), "launch": launch_id}
    return execute(_USE_UP, values).rowcount == 1


def launch_of(question: Question) -> str | None:
    """The launch that used the question up."""
    return db.session.scalar(select(LoginState.launch_id).where(LoginState.state_hash == question.state_hash))


def already_used() -> Exception:
    """For a question whose answer made no launch."""
    return try_again("state-used", _l("This launch was used already."), spec=_SPEC)
