"""Which body may ask for what over X-Road. Nothing is allowed that nobody allowed, by name of the client and of the service."""

from collections.abc import Collection, Sequence
from enum import StrEnum

from sqlalchemy import select

from certificates.xroad.identifiers import client_of
from certificates.xroad.models import XroadRight
from lms.core import audit, clock
from lms.core.db import db, insert_once
from lms.core.errors import Invalid, NotFound
from lms.core.i18n import _l
from lms.organisations import issuers
from lms.people.purposes import PURPOSES


class Service(StrEnum):
    """What may be asked for."""

    CERTIFICATES = "certificates"
    TRAINING_RECORDS = "training-records"
    ORGANIZATIONS = "organizations"
    CHANGES = "changes"


def allow(
    client: str,
    service: Service,
    *,
    ground: str,
    actor: str,
    purposes: Collection[str] = (),
    organisation_code: str | None = None,
) -> XroadRight:
    """Let a body ask; again changes its right.

    :raises Invalid: ``xroad-client-not-valid``, ``purposes-not-valid``, ``organisation-unknown``.
    """
    named = client_of(client)
    if named is None:
        raise Invalid("xroad-client-not-valid", _l("Write the client as INSTANCE/CLASS/MEMBER/SUBSYSTEM."))
    if not set(purposes) <= set(PURPOSES) or (service is Service.TRAINING_RECORDS and not purposes):
        raise Invalid("purposes-not-valid", _l("Name the purposes for which this body may ask."))
    right, _is_new = insert_once(XroadRight, {"client": named, "service": service}, {"purposes": [], "ground": ground})
    right.ground, right.purposes = ground, sorted(purposes)
    right.organisation_id, right.granted_at = _organisation(organisation_code), clock.now()
    audit.record("xroad.allowed", subject=f"xroad:{named}", actor=actor, service=service, ground=ground)
    return right


def withdraw(client: str, service: Service, *, actor: str) -> None:
    """:raises NotFound: ``xroad-right-unknown``."""
    right = of(client_of(client) or "", service)
    if right is None:
        raise NotFound("xroad-right-unknown", _l("This client has no such right."))
    db.session.delete(right)
    audit.record("xroad.withdrawn", subject=f"xroad:{right.client}", actor=actor, service=service)


def of(client: str, service: Service) -> XroadRight | None:
    """The right of a client, in the one spelling of its name."""
    return db.session.scalar(select(XroadRight).filter_by(client=client, service=service))


def listed() -> Sequence[XroadRight]:
    """All rights, by client."""
    return db.session.scalars(select(XroadRight).order_by(XroadRight.client, XroadRight.service)).all()


def seen_by(right: XroadRight) -> frozenset[str] | None:
    """Ids of the bodies whose people and certificates it sees, with those whose duties they took over; None means all."""
    return issuers.with_predecessors(right.organisation_id) if right.organisation_id else None


def _organisation(code: str | None) -> str | None:
    if code is None:
        return None
    found = issuers.id_of(code)
    if found is None:
        raise Invalid("organisation-unknown", _l("No organisation has this code."))
    return found
