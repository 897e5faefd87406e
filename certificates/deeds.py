"""What an administrator can do to a certificate: the words before and after, from which states, and the doing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from certificates import life, replacing
from certificates.models import Certificate
from certificates.replacing import Changes
from certificates.standing import ReasonCode, Replacing, State
from lms.core.errors import Sentence
from lms.core.i18n import _l


class Deed(NamedTuple):
    """Something that can be done to a certificate: its words, and from which states."""

    title: Sentence
    consequence: Sentence
    button: Sentence
    done: Sentence
    possible_in: frozenset[State]
    needs_reason: bool
    is_grave: bool


DEEDS = {
    "suspend": Deed(
        _l("Suspend the certificate"),
        _l("Whoever checks it reads that it must not be accepted for now. You can reinstate it later."),
        _l("Suspend"),
        _l("The certificate is suspended."),
        frozenset({State.VALID}),
        needs_reason=True,
        is_grave=True,
    ),
    "reinstate": Deed(
        _l("Reinstate the certificate"),
        _l("It is valid again for everybody who checks it. That it was suspended stays in its history."),
        _l("Reinstate"),
        _l("The certificate is valid again."),
        frozenset({State.SUSPENDED}),
        needs_reason=False,
        is_grave=False,
    ),
    "revoke": Deed(
        _l("Revoke the certificate"),
        _l("It can never become valid again. Whoever checks it reads that it was revoked, and on which day."),
        _l("Revoke for good"),
        _l("The certificate is revoked."),
        frozenset({State.VALID, State.SUSPENDED, State.EXPIRED, State.SUPERSEDED}),
        needs_reason=True,
        is_grave=True,
    ),
    "renew": Deed(
        _l("Renew the certificate"),
        _l("Another certificate with its own number and a later last day takes its place."),
        _l("Renew"),
        _l("The new certificate is being made."),
        frozenset({State.VALID, State.EXPIRED}),
        needs_reason=False,
        is_grave=False,
    ),
    "reissue": Deed(
        _l("Issue the certificate anew"),
        _l("Another certificate with its own number takes its place and says the same, with the signer of today."),
        _l("Issue anew"),
        _l("The new certificate is being made."),
        frozenset({State.VALID, State.SUSPENDED, State.EXPIRED, State.REVOKED}),
        needs_reason=False,
        is_grave=False,
    ),
}


@dataclass(frozen=True)
class Asked:
    """What was said to it."""

    reason: ReasonCode | None
    note: str
    until: date | None


def do(name: str, certificate: Certificate, asked: Asked, *, actor: str) -> None:
    """One of ``DEEDS``, in the caller's transaction.

    :raises Conflict: ``state-differs``, ``replacement-under-way``, ``no-signer``.
    :raises Invalid: ``day-not-valid``, ``glyph-missing``.
    """
    _ACTIONS[name](certificate, asked, actor)


def _suspend(certificate: Certificate, asked: Asked, actor: str) -> None:
    life.suspend(certificate.id, reason=asked.reason or ReasonCode.OTHER, note=asked.note, actor=actor)


def _reinstate(certificate: Certificate, asked: Asked, actor: str) -> None:
    life.reinstate(certificate.id, note=asked.note, actor=actor)


def _revoke(certificate: Certificate, asked: Asked, actor: str) -> None:
    life.revoke(certificate.id, reason=asked.reason or ReasonCode.OTHER, note=asked.note, actor=actor)


def _renew(certificate: Certificate, asked: Asked, actor: str) -> None:
    replacing.renew(certificate.id, until=asked.until, actor=actor)


def _reissue(certificate: Certificate, _asked_for: Asked, actor: str) -> None:
    replacing.replace_by(certificate.id, Changes(), reason=Replacing.REISSUE, actor=actor)


_ACTIONS: Mapping[str, Callable[[Certificate, Asked, str], None]] = {
    "suspend": _suspend,
    "reinstate": _reinstate,
    "revoke": _revoke,
    "renew": _renew,
    "reissue": _reissue,
}
