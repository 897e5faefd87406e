"""What a launch names - deployment, context, resource link, person - is found again, or remembered.

Most launches bring nothing new, so one query looks for all of it, and only what differs is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import and_, bindparam, delete, insert, select, update

from lms.core import clock
from lms.core.db import Base, db, insert_once, new_id
from lms.core.i18n import _l
from lms.lti.claims import LaunchClaims
from lms.lti.models import Context, Deployment, PlatformUser, Registration, ResourceLink
from lms.lti.refusals import LaunchRefused
from lms.lti.states import Question
from lms.people import names
from lms.people.models import Person

_DEPLOYMENT = "LTI core 5.3.3"
_KNOWN = (
    select(Deployment, Context, ResourceLink, PlatformUser)
    .select_from(Deployment)
    .outerjoin(Context, and_(Context.deployment_id == Deployment.id, Context.context_id == bindparam("context_id")))
    .outerjoin(
        ResourceLink,
        and_(
            ResourceLink.deployment_id == Deployment.id,
            ResourceLink.resource_link_id == bindparam("resource_link_id"),
        ),
    )
    .outerjoin(
        PlatformUser,
        and_(PlatformUser.registration_id == Deployment.registration_id, PlatformUser.sub == bindparam("sub")),
    )
    .where(
        Deployment.registration_id == bindparam("registration_id"),
        Deployment.deployment_id == bindparam("deployment_id"),
    )
)
Kept = TypeVar("Kept", bound=Base)


@dataclass(frozen=True)
class Recognised:
    """Our rows for what a launch names."""

    deployment: Deployment
    context: Context | None
    resource_link: ResourceLink
    user: PlatformUser


def recognise(question: Question, said: LaunchClaims) -> Recognised:
    """Find or make the rows, and bring them up to what this launch says.

    :raises LaunchRefused: ``deployment-unknown``, ``deployment-waiting``.
    """
    deployment, context, link, user = _known(question, said)
    deployment = deployment or _new_deployment(question, said.deployment_id)
    _refuse_unapproved(deployment)
    context = _context(context, deployment, said)
    link = _resource_link(link, deployment, context, said)
    user = user or _new_user(question.registration_id, said.sub)
    _take_name(user, said.name)
    _take_family(question, said.product_family_code)
    return Recognised(deployment, context, link, user)


def _known(
    question: Question, said: LaunchClaims
) -> tuple[Deployment | None, Context | None, ResourceLink | None, PlatformUser | None]:
    wanted = {
        "registration_id": question.registration_id,
        "deployment_id": said.deployment_id,
        "context_id": said.context.id if said.context else None,
        "resource_link_id": said.resource_link_id,
        "sub": said.sub,
    }
    found = db.session.execute(_KNOWN, wanted).first()
    return (found[0], found[1], found[2], found[3]) if found else (None, None, None, None)


def _new_deployment(question: Question, deployment_id: str) -> Deployment:
    """What an unknown deployment means is the registration's policy. One that waits stays on the list."""
    if question.deployment_policy == "closed":
        raise LaunchRefused(
            "deployment-unknown",
            _l("This place in the learning system is not registered with Bilim."),
            spec=_DEPLOYMENT,
            deployment_id=deployment_id,
        )
    return _once(
        Deployment,
        {"is_approved": question.deployment_policy == "open"},
        registration_id=question.registration_id,
        deployment_id=deployment_id,
    )


def _refuse_unapproved(deployment: Deployment) -> None:
    if not deployment.is_approved:
        raise LaunchRefused(
            "deployment-waiting",
            _l("The administrator of Bilim has not yet approved this place in the learning system."),
            spec=_DEPLOYMENT,
            deployment_id=deployment.deployment_id,
        )


def _context(known: Context | None, deployment: Deployment, said: LaunchClaims) -> Context | None:
    """The platform's course; a launch from outside of any course has none."""
    if said.context is None:
        return None
    context = known or _once(Context, deployment_id=deployment.id, context_id=said.context.id)
    _update(context, label=said.context.label, title=said.context.title)
    return context


def _resource_link(
    known: ResourceLink | None, deployment: Deployment, context: Context | None, said: LaunchClaims
) -> ResourceLink:
    """The link, with the services that this launch grants: a claim is trusted for as long as no later one differs."""
    link = known or _once(
        ResourceLink,
        {"registration_id": deployment.registration_id, "ags_scopes": []},
        deployment_id=deployment.id,
        resource_link_id=said.resource_link_id,
    )
    _update(link, title=said.resource_link_title, context_id=context.id if context else None)
    if said.has_ags:
        urls = {"line_item_url": said.line_item_url, "line_items_url": said.line_items_url}
        _update(link, ags_scopes=list(said.ags_scopes), **urls)
    return link


def _new_user(registration_id: str, sub: str) -> PlatformUser:
    """Two first launches at once make one user; the person that the slower one made is taken back."""
    person_id = new_id()
    db.session.execute(insert(Person).values(id=person_id, created_at=clock.now()))
    user = _once(PlatformUser, {"person_id": person_id}, registration_id=registration_id, sub=sub)
    if user.person_id != person_id:
        db.session.execute(delete(Person).where(Person.id == person_id))
    return user


def _take_name(user: PlatformUser, name: str | None) -> None:
    """Pass a name on when it is not the one that we heard last."""
    if name and name != user.name:
        user.name = name
        names.from_platform(user.person_id, name)


def _take_family(question: Question, family: str | None) -> None:
    if family and family != question.product_family_code:
        db.session.execute(
            update(Registration).where(Registration.id == question.registration_id).values(product_family_code=family)
        )


def _once(model: type[Kept], values: Mapping[str, Any] | None = None, **unique: Any) -> Kept:
    row, _created = insert_once(model, unique, values)
    return row


def _update(row: Base, **values: Any) -> None:
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
