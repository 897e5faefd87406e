"""What a launch names - deployment, context, resource link, person - is found again, or remembered.

Most launches bring nothing new, so one query looks for all of it, and only what differs is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, select, update

from lms.core import clock
from lms.core.db import Base, db, execute, insert_once, new_id
from lms.core.i18n import _l
from lms.lti import copies, platforms, services, standing
from lms.lti.claims import LaunchClaims
from lms.lti.models import Context, Deployment, PlatformUser, Registration, ResourceLink, table
from lms.lti.refusals import LaunchRefused
from lms.lti.services import ContextServices, NoticeHandler
from lms.lti.states import Question
from lms.people import names
from lms.people.models import Person

_DEPLOYMENT = "LTI core 5.3.3"
_PLACES, _COURSES, _LINKS, _USERS = table(Deployment), table(Context), table(ResourceLink), table(PlatformUser)
_OFFERED, _NOTICES = table(ContextServices), table(NoticeHandler)
_FOUND = (
    *(_PLACES.c.id.label("deployment"), _PLACES.c.is_approved, _PLACES.c.refused_at),
    *(_COURSES.c.id.label("context"), _COURSES.c.label, _COURSES.c.title.label("context_title")),
    *(_LINKS.c.id.label("link"), _LINKS.c.title, _LINKS.c.context_id),
    *(_LINKS.c.ags_scopes, _LINKS.c.line_item_url, _LINKS.c.line_items_url),
    *(_USERS.c.id.label("user"), _USERS.c.person_id, _USERS.c.name),
    *(_OFFERED.c[name] for name in services.COURSE_COLUMNS),
    _NOTICES.c.url.label("notices_url"),
)
_RECOGNISE = (
    select(*_FOUND)
    .select_from(
        _PLACES.outerjoin(
            _COURSES,
            and_(_COURSES.c.deployment_id == _PLACES.c.id, _COURSES.c.context_id == bindparam("said_context")),
        )
        .outerjoin(
            _LINKS,
            and_(_LINKS.c.deployment_id == _PLACES.c.id, _LINKS.c.resource_link_id == bindparam("said_link")),
        )
        .outerjoin(
            _USERS,
            and_(_USERS.c.registration_id == _PLACES.c.registration_id, _USERS.c.sub == bindparam("said_sub")),
        )
        .outerjoin(_OFFERED, _OFFERED.c.context_row_id == _COURSES.c.id)
        .outerjoin(_NOTICES, _NOTICES.c.deployment_row_id == _PLACES.c.id)
    )
    .where(
        _PLACES.c.registration_id == bindparam("said_registration"),
        _PLACES.c.deployment_id == bindparam("said_deployment"),
    )
)
_NOTHING: Mapping[str, Any] = {column.name: None for column in _FOUND}


@dataclass(frozen=True)
class Recognised:
    """Ids of our rows for what a launch names."""

    deployment_id: str
    context_id: str | None
    resource_link_id: str | None
    user_id: str
    person_id: str


def recognise(question: Question, said: LaunchClaims, *, opens_link: bool = True) -> Recognised:
    """Find or make the rows, and bring them up to what this launch says.

    :param opens_link: whether the message opens a link; others may name one, which is found but neither made nor changed.
    :raises LaunchRefused: as :func:`admit`.
    """
    standing.refuse_closed(question.state)
    known = _known(question, said)
    deployment_id = _deployment(known, question, said.deployment_id)
    context_id = _context(known, deployment_id, said)
    resource_link_id = known["link"]
    if opens_link:
        resource_link_id = _resource_link(known, question, said, deployment_id=deployment_id, context_id=context_id)
    user_id, person_id = _user(known, question, said)
    _take_family(question, said)
    services.remember(known, said.services, deployment_id=deployment_id, context_id=context_id)
    return Recognised(deployment_id, context_id, resource_link_id, user_id, person_id)


def admit(question: Question, deployment_id: str) -> str:
    """The row of a deployment that may launch, for a launch of which nothing else is kept.

    :raises LaunchRefused: ``platform-waiting``, ``platform-disabled``, ``platform-deleted``, ``deployment-unknown``,
        ``deployment-waiting``, ``deployment-refused``.
    """
    standing.refuse_closed(question.state)
    wanted = select(_PLACES.c.id.label("deployment"), _PLACES.c.is_approved, _PLACES.c.refused_at).where(
        _PLACES.c.registration_id == question.registration_id, _PLACES.c.deployment_id == deployment_id
    )
    found = db.session.execute(wanted).mappings().first()
    return _deployment(dict(found) if found else _NOTHING, question, deployment_id)


def _known(question: Question, said: LaunchClaims) -> Mapping[str, Any]:
    named = {
        "said_registration": question.registration_id,
        "said_deployment": said.deployment_id,
        "said_context": said.context.id if said.context else None,
        "said_link": said.resource_link_id,
        "said_sub": said.sub,
    }
    found = execute(_RECOGNISE, named).mappings().first()
    return dict(found) if found else _NOTHING


def _deployment(known: Mapping[str, Any], question: Question, deployment_id: str) -> str:
    """What an unknown deployment means is the registration's policy. One that waits stays on the list."""
    row_id, is_approved = known["deployment"], known["is_approved"]
    if row_id is None:
        row_id, is_approved = _new_deployment(question, deployment_id)
    if known["refused_at"]:
        raise LaunchRefused(
            "deployment-refused",
            _l("The administrator of Bilim has refused this place in the learning system."),
            spec=_DEPLOYMENT,
            deployment_id=deployment_id,
        )
    if not is_approved:
        raise LaunchRefused(
            "deployment-waiting",
            _l("The administrator of Bilim has not yet approved this place in the learning system."),
            spec=_DEPLOYMENT,
            deployment_id=deployment_id,
        )
    return str(row_id)


def _new_deployment(question: Question, deployment_id: str) -> tuple[str, bool]:
    if question.deployment_policy == "closed":
        raise LaunchRefused(
            "deployment-unknown",
            _l("This place in the learning system is not registered with Bilim."),
            spec=_DEPLOYMENT,
            deployment_id=deployment_id,
        )
    unique = {"registration_id": question.registration_id, "deployment_id": deployment_id}
    row, _created = insert_once(Deployment, unique, {"is_approved": question.deployment_policy == "open"})
    return row.id, row.is_approved


def _context(known: Mapping[str, Any], deployment_id: str, said: LaunchClaims) -> str | None:
    """The platform's course; a launch from outside of any course has none."""
    if said.context is None:
        return None
    values = {"label": said.context.label, "title": said.context.title}
    if known["context"] is None:
        unique = {"deployment_id": deployment_id, "context_id": said.context.id}
        return insert_once(Context, unique, values)[0].id
    _bring_up(Context, known["context"], {"label": known["label"], "title": known["context_title"]}, values)
    return str(known["context"])


def _resource_link(
    known: Mapping[str, Any], question: Question, said: LaunchClaims, *, deployment_id: str, context_id: str | None
) -> str:
    """The link, with the services that this launch grants: a claim is trusted for as long as no later one differs."""
    values: dict[str, Any] = {"title": said.resource_link_title, "context_id": context_id}
    if said.has_ags:
        values |= {"line_item_url": said.line_item_url, "line_items_url": said.line_items_url}
        values["ags_scopes"] = list(said.ags_scopes)
    if known["link"] is None:
        unique = {"deployment_id": deployment_id, "resource_link_id": said.resource_link_id}
        made = {"registration_id": question.registration_id, "ags_scopes": [], **values}
        made["module_slug"], made["part"] = copies.inherited(
            question.registration_id, context_row_id=context_id, title=said.resource_link_title, custom=said.custom
        )
        return insert_once(ResourceLink, unique, made)[0].id
    _bring_up(ResourceLink, known["link"], known, values)
    return str(known["link"])


def _user(known: Mapping[str, Any], question: Question, said: LaunchClaims) -> tuple[str, str]:
    """The person, made at the first launch. A name is passed on when it is not the one that we heard last."""
    user_id, person_id = known["user"], known["person_id"]
    if user_id is None:
        user_id, person_id = _new_user(question.registration_id, said.sub)
    if said.name and said.name != known["name"]:
        _bring_up(PlatformUser, user_id, known, {"name": said.name})
        names.from_platform(person_id, said.name)
    return user_id, person_id


def _new_user(registration_id: str, sub: str) -> tuple[str, str]:
    """Two first launches at once make one user; the person that the slower one made is taken back."""
    person_id = new_id()
    db.session.execute(insert(Person).values(id=person_id, created_at=clock.now()))
    unique = {"registration_id": registration_id, "sub": sub}
    user, created = insert_once(PlatformUser, unique, {"person_id": person_id})
    if not created:
        db.session.execute(delete(Person).where(Person.id == person_id))
    return user.id, user.person_id


def _take_family(question: Question, said: LaunchClaims) -> None:
    """What the platform calls its product; where it says nothing, what its ids look like (Open edX)."""
    context_id = said.context.id if said.context else ""
    family = said.product_family_code or platforms.guessed_family(
        resource_link_id=said.resource_link_id, context_id=context_id
    )
    if family and family != question.product_family_code:
        _bring_up(Registration, question.registration_id, {}, {"product_family_code": family})


def _bring_up(model: type[Base], row_id: str, known: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Write what differs, if anything does."""
    if any(known.get(name) != value for name, value in values.items()):
        rows = table(model)
        db.session.execute(update(rows).where(rows.c.id == row_id).values(**values))
