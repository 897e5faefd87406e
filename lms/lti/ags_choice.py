"""Which column of the gradebook a link's scores go into, where the launch does not say.

A launch names a column only if the link has exactly one. Else the platform is asked before anything is made, because a
column that is made twice stays twice, and a copied course brings its columns along (AGS 2.0, 3.2.15):

1. the columns of this link: the only one, or the one that carries our name for the module;
2. a column with our name for the module that belongs to no other link, as copies have it;
3. a new one, tied to the link, so that it is seen where the activity is (Open edX shows no other).

What was found is kept. Two workers at once make one column: the row is reserved before the platform is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Text, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Base, db, insert_once, reading, transaction
from lms.core.jobs import TryLater
from lms.lti import ags_line_items
from lms.lti.access import Access
from lms.lti.ags import ScoreTarget
from lms.lti.ags_line_items import LineItem
from lms.lti.models import Deployment, Registration, ResourceLink

TAG = "completion"
"""By which our columns are known among others of the same module; deep links declare it too."""
SCORE_MAXIMUM = 100
RESERVED_FOR = timedelta(minutes=2)
"""Then whoever reserved it is taken for dead."""


class KeptLineItem(Base):
    """The column that was found or made for a link. While somebody looks for it, its address is empty."""

    __tablename__ = "lti_line_item"

    resource_link_row_id: Mapped[str] = mapped_column(ForeignKey(ResourceLink.id), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    was_made: Mapped[bool] = mapped_column(default=False)
    """Whether it was made by us."""
    found_at: Mapped[datetime]


@dataclass(frozen=True)
class _Link:
    """A link, as far as its gradebook is concerned."""

    access: Access
    resource_link_id: str
    line_items_url: str
    scopes: frozenset[str]
    title: str

    @property
    def reading_scopes(self) -> list[str]:
        """Platforms differ in which of the two they want for reading, so both are asked for where both are allowed."""
        return [scope for scope in (ags_line_items.SCOPE, ags_line_items.READ_SCOPE) if scope in self.scopes]


def settled(target: ScoreTarget, *, resource_id: str, label: str) -> ScoreTarget | None:
    """The target with its column, which is looked for and made if need be; None if there is none and we may make none.

    Calls the platform, so no transaction may be open.

    :param resource_id: our name for what is graded: the slug of the module.
    :param label: what a new column is called if the link has no title.
    :raises TryLater: ``line-item-sought`` while another worker looks for it.
    :raises RemoteFailure: as :func:`lms.lti.ags_line_items.listed`.
    """
    if target.line_item_url:
        return target
    link = _link(target.resource_link_row_id)
    if link is None:
        return None
    kept = _reserve(target.resource_link_row_id)
    if kept:
        return replace(target, line_item_url=kept)
    try:
        found, was_made = _found_or_made(link, resource_id=resource_id, label=label)
    except BaseException:
        _release(target.resource_link_row_id)
        raise
    if found is None:
        _release(target.resource_link_row_id)
        return None
    _keep(target.resource_link_row_id, found.url, was_made=was_made)
    return replace(target, line_item_url=found.url)


def forget(target: ScoreTarget) -> None:
    """The platform has this column no more: the next score looks for another."""
    with transaction():
        row_id, url = target.resource_link_row_id, target.line_item_url
        db.session.execute(
            delete(KeptLineItem).where(KeptLineItem.resource_link_row_id == row_id, KeptLineItem.url == url)
        )
        db.session.execute(
            update(ResourceLink)
            .where(ResourceLink.id == row_id, ResourceLink.line_item_url == url)
            .values(line_item_url=None)
        )


def _found_or_made(link: _Link, *, resource_id: str, label: str) -> tuple[LineItem | None, bool]:
    found = _of_this_link(link, resource_id) or _of_this_module(link, resource_id)
    if found or ags_line_items.SCOPE not in link.scopes:
        return found, False
    made = ags_line_items.create(
        link.access,
        link.line_items_url,
        label=link.title or label,
        score_maximum=SCORE_MAXIMUM,
        resource_id=resource_id,
        tag=TAG,
        resource_link_id=link.resource_link_id,
    )
    return made, True


def _of_this_link(link: _Link, resource_id: str) -> LineItem | None:
    """The platform's own column for the activity carries no name of ours; among several, ours does."""
    items = list(
        ags_line_items.listed(
            link.access, link.line_items_url, scopes=link.reading_scopes, resource_link_id=link.resource_link_id
        )
    )
    if len(items) == 1:
        return items[0]
    return _ours(items, resource_id)


def _of_this_module(link: _Link, resource_id: str) -> LineItem | None:
    items = ags_line_items.listed(link.access, link.line_items_url, scopes=link.reading_scopes, resource_id=resource_id)
    return _ours((item for item in items if item.resource_link_id is None), resource_id)


def _ours(items: Iterable[LineItem], resource_id: str) -> LineItem | None:
    """With our name and our mark; with our name and no mark; nothing else."""
    named = [item for item in items if item.resource_id == resource_id and item.tag in (TAG, None)]
    return next(iter(sorted(named, key=lambda item: item.tag is None)), None)


def _link(row_id: str) -> _Link | None:
    """None where we may not look."""
    with reading():
        row, registration, deployment_id = db.session.execute(
            select(ResourceLink, Registration, Deployment.deployment_id)
            .join(Registration, Registration.id == ResourceLink.registration_id)
            .join(Deployment, Deployment.id == ResourceLink.deployment_id)
            .where(ResourceLink.id == row_id)
        ).one()
    scopes = frozenset(row.ags_scopes)
    if not row.line_items_url or not scopes & {ags_line_items.SCOPE, ags_line_items.READ_SCOPE}:
        return None
    return _Link(Access(registration, deployment_id), row.resource_link_id, row.line_items_url, scopes, row.title)


def _reserve(row_id: str) -> str | None:
    """The address that is kept, or None if the caller is to look for it now.

    :raises TryLater: ``line-item-sought``.
    """
    now = clock.now()
    with transaction():
        unique, values = {"resource_link_row_id": row_id}, {"url": "", "was_made": False, "found_at": now}
        row, is_reserved = insert_once(KeptLineItem, unique, values)
        if is_reserved or row.url:
            return row.url or None
        taken_over = db.session.execute(
            update(KeptLineItem)
            .where(KeptLineItem.resource_link_row_id == row_id, KeptLineItem.url == "")
            .where(KeptLineItem.found_at < now - RESERVED_FOR)
            .values(found_at=now)
        )
        if getattr(taken_over, "rowcount", 0) == 1:
            return None
    raise TryLater("line-item-sought", after_seconds=10)


def _keep(row_id: str, url: str, *, was_made: bool) -> None:
    with transaction():
        row = db.session.get_one(KeptLineItem, row_id)
        row.url, row.was_made, row.found_at = url, was_made, clock.now()


def _release(row_id: str) -> None:
    with transaction():
        db.session.execute(
            delete(KeptLineItem).where(KeptLineItem.resource_link_row_id == row_id, KeptLineItem.url == "")
        )
