"""Who looked at somebody's records, in words for that person: from how the audit names actors to names that people know."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from lms.core.db import db
from lms.core.i18n import _, pick
from lms.oauth.models import Client
from lms.signin.models import StaffGrant, StaffMember

_STAFF, _PROGRAM, _XROAD = "staff:", "client:", "xroad:"


def in_words(actors: Collection[str]) -> Mapping[str, str]:
    """A name for each of these actors, in the reader's language; few queries."""
    named = _staff(_ids(actors, _STAFF)) | _programs(_ids(actors, _PROGRAM))
    return {actor: named.get(actor) or _other(actor) for actor in actors}


def _ids(actors: Iterable[str], beginning: str) -> set[str]:
    return {actor.removeprefix(beginning) for actor in actors if actor.startswith(beginning)}


def _staff(ids: set[str]) -> dict[str, str]:
    with_bodies = selectinload(StaffMember.grants).joinedload(StaffGrant.organisation)
    found = db.session.scalars(select(StaffMember).where(StaffMember.id.in_(ids)).options(with_bodies))
    return {f"{_STAFF}{member.id}": _with_bodies(member) for member in found}


def _with_bodies(member: StaffMember) -> str:
    """The name, and the organisations for which the person works."""
    bodies = {grant.organisation.code: pick(grant.organisation.names) for grant in member.grants if grant.organisation}
    return ", ".join([member.name, *bodies.values()])


def _programs(ids: set[str]) -> dict[str, str]:
    rows = db.session.execute(select(Client.id, Client.name).where(Client.id.in_(ids)))
    return {f"{_PROGRAM}{row.id}": row.name for row in rows}


def _other(actor: str) -> str:
    if actor.startswith(_XROAD):
        return actor.removeprefix(_XROAD)
    if actor.startswith(_STAFF):
        gone: str = _("A former member of staff")
        return gone
    return actor
