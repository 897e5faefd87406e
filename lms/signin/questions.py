"""Questions to the provider - "who is this?" - each answered once, by the browser that it was asked for.

The state that travels is random and kept as a hash. What must not travel - where to go on, which invitation - waits in
the row. The browser is known by a random id in the cookie that pages already have, because an answer sent as a form from
another site brings no SameSite=Lax cookie.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import cast

from flask import session
from sqlalchemy import CursorResult, delete, update

from lms.core import clock
from lms.core.db import db
from lms.core.i18n import _l
from lms.core.vault import hashed, new_secret
from lms.signin.models import SignInQuestion
from lms.signin.refusals import try_again

LIFE = timedelta(minutes=10)
KEPT_FOR = timedelta(days=1)
_BROWSER = "staff_browser"
_SPEC = "RFC 6749 10.12"


@dataclass(frozen=True)
class Asked:
    """What travels to the provider."""

    state: str
    nonce: str
    challenge: str
    """S256 of the verifier (RFC 7636, 4.2)."""


@dataclass(frozen=True)
class Question:
    """What waited for the answer."""

    nonce: str
    verifier: str
    next_path: str
    invitation_id: str | None


def ask(*, next_path: str, invitation_id: str | None) -> Asked:
    """A new question for this browser."""
    _sweep()
    if _BROWSER not in session:
        session[_BROWSER] = new_secret()
    state, nonce, verifier = new_secret(), new_secret(), new_secret()
    db.session.add(
        SignInQuestion(
            state_hash=hashed(state),
            nonce=nonce,
            verifier=verifier,
            browser_hash=hashed(session[_BROWSER]),
            next_path=next_path,
            invitation_id=invitation_id,
            expires_at=clock.now() + LIFE,
        )
    )
    return Asked(state, nonce, _challenge(verifier))


def use_up(state: str) -> Question:
    """The question that an answer names. It is used up by whoever asked it; one statement decides who is first.

    :raises SignInRefused: ``state-unknown``, ``browser-differs``, ``state-expired``, ``state-used``.
    """
    row = db.session.get(SignInQuestion, hashed(state))
    if row is None:
        raise try_again("state-unknown", _l("We did not ask for this sign-in, or it was long ago."), spec=_SPEC)
    if not compare_digest(row.browser_hash, hashed(session.get(_BROWSER, ""))):
        sentence = _l("This sign-in was begun in another browser, or cookies are blocked here.")
        raise try_again("browser-differs", sentence, spec=_SPEC)
    if row.expires_at <= clock.now():
        raise try_again("state-expired", _l("This sign-in took too long."), spec=_SPEC)
    if not _is_first(row):
        raise try_again("state-used", _l("This sign-in was used already."), spec=_SPEC)
    return Question(row.nonce, row.verifier, row.next_path, row.invitation_id)


def _is_first(row: SignInQuestion) -> bool:
    unused = update(SignInQuestion).where(
        SignInQuestion.state_hash == row.state_hash, SignInQuestion.consumed_at.is_(None)
    )
    return cast(CursorResult[object], db.session.execute(unused.values(consumed_at=clock.now()))).rowcount == 1


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _sweep() -> None:
    """Sign-ins are rare: each clears away what is old."""
    db.session.execute(delete(SignInQuestion).where(SignInQuestion.expires_at < clock.now() - KEPT_FOR))
