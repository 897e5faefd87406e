"""A copied course keeps what its links opened: a copy of a link is bound to the module, or part of it, of its original.

Three sources tell what a course or a link was copied from, and each may be missing: ``$ResourceLink.id.history`` and
``$Context.id.history``, which we ask for as custom values (core, appendix B: encoded, divided by commas, the newest
first), and the notice of a copy that the platform sent. A link of which nothing is told opens what its own address or
``custom.module`` says, as any other.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import unquote

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Base, db, insert_once, new_id
from lms.lti.models import Context, Deployment, ResourceLink

LINK_HISTORY = "link_history"
CONTEXT_HISTORY = "context_history"
ASKED_FOR = {LINK_HISTORY: "$ResourceLink.id.history", CONTEXT_HISTORY: "$Context.id.history"}
"""Custom values to ask for when a link is made, with the platform's names for them."""
MOST_ANCESTORS = 20
Binding = tuple[str | None, str | None]
"""What a link opens: the module, and the part of it that alone is graded, if any."""
_NOTHING: Binding = (None, None)


class ContextCopy(Base):
    """A platform told that a course was copied from another."""

    __tablename__ = "lti_context_copy"
    __table_args__ = (UniqueConstraint("context_row_id", "origin_context_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    context_row_id: Mapped[str] = mapped_column(ForeignKey(Context.id))
    origin_context_id: Mapped[str]
    """As the platform calls it; we may never have seen it."""
    told_at: Mapped[datetime]


def note(context_row_id: str, origin_context_ids: Iterable[str]) -> None:
    """Remember what a course was copied from."""
    for origin in origin_context_ids:
        unique = {"context_row_id": context_row_id, "origin_context_id": origin}
        insert_once(ContextCopy, unique, {"id": new_id(), "told_at": clock.now()})


def inherited(registration_id: str, *, context_row_id: str | None, title: str, custom: Mapping[str, str]) -> Binding:
    """What the original of a link opens that is seen for the first time.

    :param title: of the new link. In a course with several modules it tells which link is the original.
    """
    by_link = _of_ancestor(registration_id, _history(custom, LINK_HISTORY))
    if by_link != _NOTHING:
        return by_link
    origins = _history(custom, CONTEXT_HISTORY) or (_told_origins(context_row_id) if context_row_id else [])
    for origin in origins:
        found = _of_course(registration_id, origin, title)
        if found != _NOTHING:
            return found
    return _NOTHING


def _history(custom: Mapping[str, str], name: str) -> list[str]:
    return [unquote(part.strip()) for part in custom.get(name, "").split(",") if part.strip()][:MOST_ANCESTORS]


def _told_origins(context_row_id: str) -> list[str]:
    told = select(ContextCopy.origin_context_id).filter_by(context_row_id=context_row_id)
    return list(db.session.scalars(told.order_by(ContextCopy.told_at.desc()).limit(MOST_ANCESTORS)))


def _of_ancestor(registration_id: str, link_ids: list[str]) -> Binding:
    """Of the nearest ancestor that we know."""
    if not link_ids:
        return _NOTHING
    found = db.session.execute(
        _bound(registration_id)
        .add_columns(ResourceLink.resource_link_id)
        .where(ResourceLink.resource_link_id.in_(link_ids))
    )
    bindings = {row.resource_link_id: (row.module_slug, row.part) for row in found}
    return next((bindings[link_id] for link_id in link_ids if link_id in bindings), _NOTHING)


def _of_course(registration_id: str, context_id: str, title: str) -> Binding:
    """Of the only link with this title in the original course, else of all its links; the whole module if they open parts of one."""
    found = db.session.execute(
        _bound(registration_id)
        .add_columns(ResourceLink.title)
        .join(Context, Context.id == ResourceLink.context_id)
        .where(Context.context_id == context_id)
    ).all()
    for rows in ([row for row in found if row.title == title], found):
        bindings: set[Binding] = {(row.module_slug, row.part) for row in rows}
        modules = {module for module, _part in bindings}
        if len(modules) == 1:
            return bindings.pop() if len(bindings) == 1 else (modules.pop(), None)
    return _NOTHING


def _bound(registration_id: str) -> Select[str | None, str | None]:
    """Modules and parts of the links of a platform; a copy may lie in another of its deployments."""
    return (
        select(ResourceLink.module_slug, ResourceLink.part)
        .join(Deployment, Deployment.id == ResourceLink.deployment_id)
        .where(ResourceLink.registration_id == registration_id, ResourceLink.module_slug.is_not(None))
    )
