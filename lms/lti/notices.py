"""A platform tells us of what happens there without anybody launching us (Platform Notification Service 1.0).

We ask for one kind: a course was copied. The specification's full text could not be had; the wire is that of Canvas
(doc/api/pns.md), on which AtomicLti and Packback's library agree: we PUT ``{notice_type, handler}``; the platform POSTs
``{"notices": [{"jwt": ...}]}``.

A notice is proved as a launch is, by the same checks. It answers no question of ours, so instead of our own nonce there is
the rule that none is used twice, and that none is older than a day.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock, jobs, settings
from lms.core.db import Base, can_keep, db, insert_once, new_id, reading, transaction
from lms.core.errors import RemoteFailure
from lms.core.i18n import _l
from lms.core.vault import hashed
from lms.lti import algorithms, checks, claims, copies, keys, paging
from lms.lti.access import Access
from lms.lti.models import Context, Deployment, PlatformKeySet, Registration, State
from lms.lti.platforms.base import PASSING
from lms.lti.refusals import not_complete, not_proved
from lms.lti.services import REGISTER_HANDLER, NoticeHandler

HANDLER_PATH = "/lti/notices"
OLDEST = timedelta(days=1)
KEPT_FOR = timedelta(days=7)
"""Longer than a notice is good for, so that none can come twice."""
_SPEC = "LTI PNS 1.0"


class SeenNotice(Base):
    """A nonce that was used."""

    __tablename__ = "lti_seen_notice"
    __table_args__ = (UniqueConstraint("registration_id", "nonce_hash"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    registration_id: Mapped[str] = mapped_column(ForeignKey(Registration.id))
    nonce_hash: Mapped[str] = mapped_column(String(64))
    notice_hash: Mapped[str] = mapped_column(String(64))
    """Of the notice that used it: the same one sent again is no fault."""
    seen_at: Mapped[datetime]


@dataclass(frozen=True)
class Notice:
    """What was told, proved."""

    registration_id: str
    deployment_id: str
    id: str
    type: str
    nonce: str
    context: claims.ContextClaim | None
    origin_contexts: tuple[str, ...]


@jobs.handles(REGISTER_HANDLER)
def register_handler(deployment_row_id: str) -> None:
    """Ask the platform to tell us of copied courses.

    :raises RemoteFailure: ``notice-handler-refused``, which a person must look at; ``notice-handler-unavailable``.
    """
    with reading():
        url, registration, deployment_id = db.session.execute(
            select(NoticeHandler.url, Registration, Deployment.deployment_id)
            .join(Deployment, Deployment.id == NoticeHandler.deployment_row_id)
            .join(Registration, Registration.id == Deployment.registration_id)
            .where(Deployment.id == deployment_row_id)
        ).one()
    wanted = {"notice_type": claims.CONTEXT_COPY, "handler": f"{settings.current().public_url}{HANDLER_PATH}"}
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    answer = Access(registration, deployment_id).call(
        "PUT", url, scopes=[claims.NOTICES_SCOPE], headers=headers, body=json.dumps(wanted).encode()
    )
    if answer.is_success:
        return
    is_final = 400 <= answer.status < 500 and answer.status not in PASSING
    raise RemoteFailure(
        "notice-handler-refused" if is_final else "notice-handler-unavailable",
        _l("The learning system does not tell us of copied courses. Copies are still known when they are opened."),
        asked=paging.named(url, "PUT"),
        status_code=answer.status,
        retryable=not is_final,
        retry_after_seconds=answer.retry_after_seconds,
    )


def accept(token: str) -> bool:
    """Take a notice, once, and do what it asks for. Whether it was new. No transaction may be open.

    :raises LaunchRefused: with the code of the check that failed; nothing is written then.
    :raises RemoteFailure: if the platform's keys are needed and cannot be had.
    """
    notice = verify(token)
    with transaction():
        deployment = _deployment(notice)
        if not _is_new(notice):
            return False
        if notice.type == claims.CONTEXT_COPY:
            _note_copy(notice, deployment)
    return True


def verify(token: str) -> Notice:
    """All checks of a launch that a notice can meet, in their order, and those of its own."""
    checks.refuse_oversized(token)
    header = checks.header_of(token)
    kid = checks.refuse_missing_key_id(header)
    registration = _registration_named(checks.unproved_claims(token))
    algorithm = algorithms.chosen(header.get("alg"), registration.algorithms)
    checks.refuse_other_algorithm(header, algorithm)
    key = checks.key_for(kid, _keys(registration, kid), algorithm=algorithm)
    told = checks.verified_claims(token, key, algorithm=algorithm)
    now, leeway = clock.now(), timedelta(seconds=registration.leeway_seconds)
    checks.refuse_other_issuer(told, registration.issuer)
    checks.refuse_other_audience(told, registration.client_id)
    checks.refuse_other_authorized_party(told, registration.client_id)
    checks.refuse_expired(told, now, leeway)
    checks.refuse_issued_in_future(told, now, leeway)
    _refuse_old(told, now)
    nonce = _refuse_missing_nonce(told)
    checks.refuse_other_version(told)
    checks.refuse_missing_deployment(told)
    return _notice(told, registration.id, nonce)


def _registration_named(told: Mapping[str, Any]) -> Registration:
    """Whose keys the token must be signed with: those of the issuer and client that it names, still unproved."""
    audience = told.get("aud")
    named = [*(audience if isinstance(audience, list) else [audience]), told.get("iss")]
    *client_ids, issuer = (name if isinstance(name, str) and can_keep(name) else "" for name in named)
    with reading():
        found = db.session.scalar(
            select(Registration)
            .where(Registration.issuer == issuer)
            .where(Registration.client_id.in_(client_ids), Registration.state == State.ACTIVE)
            .limit(1)
        )
    if found is None:
        raise not_proved("platform-unknown", spec=_SPEC)
    return found


def _keys(registration: Registration, kid: str) -> keys.Keys:
    url = registration.jwks_url
    with reading():
        row = db.session.get(PlatformKeySet, url)
    stored = keys.Stored(url, row.jwks, row.fetched_at, row.tried_at) if row else keys.Stored(url, None, None, None)
    if keys.must_ask(stored, kid=kid):
        return keys.ask(stored, kid=kid, registration_id=registration.id)
    return keys.at_hand(stored, kid=kid)


def _refuse_old(told: Mapping[str, Any], now: datetime) -> None:
    """However late it says that it ends: nonces are not remembered for ever."""
    if float(told["iat"]) < (now - OLDEST).timestamp():
        raise not_proved("notice-too-old", spec="SEC 5.1.3 (8)")


def _refuse_missing_nonce(told: Mapping[str, Any]) -> str:
    nonce = told.get("nonce")
    if not isinstance(nonce, str) or not nonce.strip():
        raise not_proved("nonce-missing", spec="SEC 5.1.3 (9)")
    return nonce


def _notice(told: Mapping[str, Any], registration_id: str, nonce: str) -> Notice:
    said = told.get(claims.NOTICE)
    said = said if isinstance(said, dict) else {}
    notice_id, notice_type = said.get("id"), said.get("type")
    if not isinstance(notice_id, str) or not notice_id or not isinstance(notice_type, str) or not notice_type:
        raise not_complete("notice-missing", spec=_SPEC)
    context = claims.context_of(told)
    if notice_type == claims.CONTEXT_COPY and context is None:
        raise not_complete("context-missing", spec=_SPEC)
    return Notice(
        registration_id=registration_id,
        deployment_id=told[claims.DEPLOYMENT_ID],
        id=notice_id,
        type=notice_type,
        nonce=nonce,
        context=context,
        origin_contexts=claims.origin_contexts(told),
    )


def _deployment(notice: Notice) -> Deployment:
    """One that may launch us, too; a notice makes none."""
    found = db.session.scalar(
        select(Deployment).filter_by(
            registration_id=notice.registration_id, deployment_id=notice.deployment_id, is_approved=True
        )
    )
    if found is None:
        raise not_complete("deployment-unknown", spec="LTI core 5.3.3")
    return found


def _is_new(notice: Notice) -> bool:
    """Whether its nonce was never used. The same notice again is content with what it did the first time."""
    now = clock.now()
    db.session.execute(delete(SeenNotice).where(SeenNotice.seen_at < now - KEPT_FOR))
    unique = {"registration_id": notice.registration_id, "nonce_hash": hashed(notice.nonce)}
    values = {"id": new_id(), "notice_hash": hashed(notice.id), "seen_at": now}
    seen, is_new = insert_once(SeenNotice, unique, values)
    if not is_new and seen.notice_hash != hashed(notice.id):
        raise not_proved("nonce-used", spec="SEC 5.1.3 (9)")
    return is_new


def _note_copy(notice: Notice, deployment: Deployment) -> None:
    assert notice.context is not None  # noqa: S101  refused before
    unique = {"deployment_id": deployment.id, "context_id": notice.context.id}
    values = {"label": notice.context.label, "title": notice.context.title}
    context, _created = insert_once(Context, unique, values)
    copies.note(context.id, notice.origin_contexts)
