"""Which services a platform offers for a course, as its launches say: roster, groups, notices.

A claim that a launch leaves out says nothing: some platforms send it only where the tool is used already (Moodle). So an
address stays known until a launch names another.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import jobs
from lms.core.db import Base, db
from lms.lti.claims import ServiceClaims
from lms.lti.models import Context, Deployment

REGISTER_HANDLER = "notice-handler"
"""The job that asks a platform to send us its notices."""


class ContextServices(Base):
    """Addresses of a course's services."""

    __tablename__ = "lti_context_services"

    context_row_id: Mapped[str] = mapped_column(ForeignKey(Context.id), primary_key=True)
    memberships_url: Mapped[str | None] = mapped_column(Text)
    groups_url: Mapped[str | None] = mapped_column(Text)
    group_sets_url: Mapped[str | None] = mapped_column(Text)


class NoticeHandler(Base):
    """Where a deployment's platform takes the address to which it sends notices."""

    __tablename__ = "lti_notice_handler"

    deployment_row_id: Mapped[str] = mapped_column(ForeignKey(Deployment.id), primary_key=True)
    url: Mapped[str] = mapped_column(Text)


COURSE_COLUMNS = ("memberships_url", "groups_url", "group_sets_url")


def remember(known: Mapping[str, Any], said: ServiceClaims, *, deployment_id: str, context_id: str | None) -> None:
    """Write what a launch says anew. A new address for notices queues our registration there.

    :param known: what we had, by the names of the columns; the handler's as ``notices_url``.
    """
    offered = {name: url for name in COURSE_COLUMNS if (url := getattr(said, name)) and url != known.get(name)}
    if context_id and offered:
        _keep(ContextServices, "context_row_id", context_id, offered)
    if said.notices_url and said.notices_url != known.get("notices_url"):
        _keep(NoticeHandler, "deployment_row_id", deployment_id, {"url": said.notices_url})
        jobs.queue(REGISTER_HANDLER, deployment_id)


def _keep(model: type[Base], key: str, row_id: str, values: Mapping[str, str]) -> None:
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(model).values(**{key: row_id}, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=[key], set_=dict(values)))
