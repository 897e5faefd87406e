"""What the signed-in person may do, as frozen values: pure, so that every room can ask without a query."""

from dataclasses import dataclass

from lms.signin.roles import Role, with_included


@dataclass(frozen=True)
class Grant:
    """A role, in one organisation or (None) in every one."""

    role: Role
    organisation_id: str | None

    def covers(self, role: Role, organisation_id: str | None) -> bool:
        """Whether it gives this role there. Only a grant for every organisation covers what belongs to none."""
        return role in with_included(self.role) and self.organisation_id in (None, organisation_id)


@dataclass(frozen=True)
class Staff:
    """A member of staff as they are now: roles that have ended are not among the grants."""

    id: str
    name: str
    email: str | None
    grants: tuple[Grant, ...]
    language: str | None

    @property
    def actor(self) -> str:
        """How the audit names this person."""
        return f"staff:{self.id}"

    def holds(self, *roles: Role) -> bool:
        """Whether one of these roles is held in any organisation."""
        return any(role in with_included(grant.role) for role in roles for grant in self.grants)

    def may(self, role: Role, organisation_id: str | None) -> bool:
        """Whether the role is held in this organisation, or in every one."""
        return any(grant.covers(role, organisation_id) for grant in self.grants)

    def organisations(self, *roles: Role) -> frozenset[str] | None:
        """The organisations in which one of the roles is held; None means every one."""
        giving = [grant for grant in self.grants if with_included(grant.role) & set(roles)]
        if any(grant.organisation_id is None for grant in giving):
            return None
        return frozenset(grant.organisation_id for grant in giving if grant.organisation_id is not None)
