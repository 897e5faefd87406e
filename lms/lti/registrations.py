"""What an administrator decides about platforms, by command or on a page: who may launch, under which settings.

Nothing here deletes a row: people's work and certificates hang on registrations and deployments (docs/adr/0011). Each
decision leaves a line in the audit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from lms.core import audit, clock
from lms.core import keys as signing_keys
from lms.core.db import db, insert_once
from lms.core.errors import Conflict, NotFound
from lms.core.i18n import _l
from lms.lti import keys
from lms.lti.models import Deployment, LaunchSession, PlatformUser, Registration, ServiceToken, State

POLICIES = ("closed", "approve", "open")
LONGEST_LEEWAY = timedelta(minutes=10)
"""SEC 5.1.3, 7: "usually no more than a few minutes"."""
ADDRESSES = ("auth_url", "token_url", "jwks_url", "token_audience")
"""What a platform may propose to change when it registers again."""


@dataclass(frozen=True)
class Summary:
    """One platform in a list."""

    registration: Registration
    deployments: int
    waiting: int
    people: int


def listed() -> list[Summary]:
    """All platforms, those that wait for somebody first, those that were deleted last."""
    places = select(Deployment.registration_id, func.count().label("all")).group_by(Deployment.registration_id)
    waiting = places.where(Deployment.is_approved.is_(False), Deployment.refused_at.is_(None)).subquery()
    users = select(PlatformUser.registration_id, func.count().label("all")).group_by(PlatformUser.registration_id)
    every, users_of = places.subquery(), users.subquery()
    rows = db.session.execute(
        select(Registration, every.c.all, waiting.c.all, users_of.c.all)
        .outerjoin(every, every.c.registration_id == Registration.id)
        .outerjoin(waiting, waiting.c.registration_id == Registration.id)
        .outerjoin(users_of, users_of.c.registration_id == Registration.id)
    )
    found = [Summary(registration, a or 0, w or 0, p or 0) for registration, a, w, p in rows]
    return sorted(found, key=_order)


def named() -> list[tuple[str, str]]:
    """Id and name of each, in the order of their names."""
    rows = db.session.execute(select(Registration.id, Registration.name, Registration.client_id)).all()
    return sorted(((row.id, row.name or row.client_id) for row in rows), key=lambda each: each[1].casefold())


def find(registration_id: str) -> Registration:
    """:raises NotFound: ``platform-not-found``."""
    found = db.session.get(Registration, registration_id)
    if found is None:
        raise NotFound("platform-not-found", _l("There is no such learning system. Go back to the list."))
    return found


def deployments_of(registration: Registration) -> list[Deployment]:
    """Where the tool was put, those that wait first."""
    rows = db.session.scalars(
        select(Deployment).filter_by(registration_id=registration.id).order_by(Deployment.created_at)
    )
    return sorted(rows, key=lambda row: (row.is_approved, row.refused_at is not None))


def put(issuer: str, client_id: str, values: Mapping[str, Any], *, actor: str) -> Registration:
    """Let a platform launch us, or change what we know of it. What is not given stays as it is.

    A platform that was deleted is open again, with everything that belongs to it.
    """
    unique = {"issuer": issuer, "client_id": client_id}
    registration, created = insert_once(Registration, unique, values)
    for name, value in values.items() if not created else ():
        setattr(registration, name, value)
    if registration.state == State.DELETED:
        registration.state = State.ACTIVE
    signing_keys.ensure(keys.USE)
    audit.record("lti.platform-set", subject=registration.id, actor=actor, issuer=issuer, settings=sorted(values))
    return registration


def change(registration: Registration, values: Mapping[str, Any], *, actor: str) -> None:
    """Set what an administrator may set; a line in the audit says what was changed."""
    changed = {name: value for name, value in values.items() if getattr(registration, name) != value}
    if not changed:
        return
    for name, value in changed.items():
        setattr(registration, name, value)
    db.session.flush()
    _forget_tokens(registration)  # the audience may have changed
    audit.record("lti.platform-changed", subject=registration.id, actor=actor, settings=sorted(changed))


def confirm(registration: Registration, *, actor: str) -> None:
    """A person says that the platform is who it says: it may launch, under the addresses that it proposed last.

    :raises Conflict: ``nothing-to-confirm``.
    """
    if registration.state != State.PENDING and not registration.proposed:
        raise Conflict("nothing-to-confirm", _l("Nothing waits for your decision here. Reload the page to see it."))
    for name, value in (registration.proposed or {}).items():
        setattr(registration, name, value)
    registration.proposed = None
    if registration.state == State.PENDING:
        registration.state = State.ACTIVE
    db.session.flush()
    _forget_tokens(registration)
    audit.record("lti.platform-confirmed", subject=registration.id, actor=actor, issuer=registration.issuer)


def decline(registration: Registration, *, actor: str) -> None:
    """The proposed addresses are not taken; a new registration is closed as if it were deleted."""
    if registration.state == State.PENDING:
        delete_platform(registration, actor=actor)
        return
    registration.proposed = None
    audit.record("lti.platform-declined", subject=registration.id, actor=actor)


def disable(registration: Registration, *, actor: str) -> None:
    """No launch, no call to its services, until it is enabled again."""
    _close(registration, State.DISABLED)
    audit.record("lti.platform-disabled", subject=registration.id, actor=actor)


def enable(registration: Registration, *, actor: str) -> None:
    """:raises Conflict: ``platform-not-confirmed`` for one that still waits, ``platform-was-deleted``."""
    if registration.state == State.PENDING:
        raise Conflict("platform-not-confirmed", _l("Confirm this learning system first."))
    if registration.state == State.DELETED:
        raise Conflict("platform-was-deleted", _l("Register this learning system again to open it."))
    registration.state = State.ACTIVE
    audit.record("lti.platform-enabled", subject=registration.id, actor=actor)


def delete_platform(registration: Registration, *, actor: str) -> None:
    """Close it for good: gone from launches, and from the list of those in use. No record of anybody is lost.

    Its deployments lose their approval, so that the same platform, registered again, begins from nothing.
    """
    _close(registration, State.DELETED)
    registration.proposed = None
    ours = Deployment.registration_id == registration.id
    db.session.execute(update(Deployment).where(ours).values(is_approved=False, refused_at=None))
    audit.record("lti.platform-deleted", subject=registration.id, actor=actor)


def approve(registration: Registration, deployment_id: str, *, actor: str) -> Deployment:
    """Take a deployment, whether or not it was seen before."""
    unique = {"registration_id": registration.id, "deployment_id": deployment_id}
    deployment, _created = insert_once(Deployment, unique, {"is_approved": True})
    deployment.is_approved, deployment.refused_at = True, None
    audit.record("lti.deployment-approved", subject=registration.id, actor=actor, deployment_id=deployment_id)
    return deployment


def refuse(registration: Registration, deployment_id: str, *, actor: str) -> None:
    """No launch from this deployment, even where the policy is open.

    :raises NotFound: ``deployment-not-found``.
    """
    unique = {"registration_id": registration.id, "deployment_id": deployment_id}
    deployment = db.session.scalar(select(Deployment).filter_by(**unique))
    if deployment is None:
        raise NotFound("deployment-not-found", _l("This learning system has no such place."))
    deployment.is_approved, deployment.refused_at = False, clock.now()
    _end_sessions(LaunchSession.deployment_id == deployment.id)
    audit.record("lti.deployment-refused", subject=registration.id, actor=actor, deployment_id=deployment_id)


def _close(registration: Registration, state: State) -> None:
    registration.state = state
    db.session.flush()
    _forget_tokens(registration)
    _end_sessions(LaunchSession.registration_id == registration.id)


def _end_sessions(of_these: Any) -> None:
    """Pages that are open end with the next click; what was saved stays."""
    now = clock.now()
    db.session.execute(update(LaunchSession).where(of_these, LaunchSession.expires_at > now).values(expires_at=now))


def _forget_tokens(registration: Registration) -> None:
    db.session.execute(delete(ServiceToken).where(ServiceToken.registration_id == registration.id))


def _order(summary: Summary) -> tuple[int, str]:
    registration = summary.registration
    needs_somebody = registration.state == State.PENDING or registration.proposed or summary.waiting
    if registration.state == State.DELETED:
        return 3, registration.name.lower()
    return (0 if needs_somebody else 1 if registration.state == State.ACTIVE else 2), registration.name.lower()
