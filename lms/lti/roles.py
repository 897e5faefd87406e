"""What a person may do in one launch, read from the roles claim (LTI 1.3 core, appendix A).

Rights in a course come from roles in that *context* alone: somebody who teaches elsewhere at the institution, or
administers the whole platform, is a learner here until the context says more. Unknown roles and no roles at all are
launches of a learner, with the least rights.
"""

from collections.abc import Iterable

LEARNER = "learner"
INSTRUCTOR = "instructor"
TEACHING_ASSISTANT = "teaching-assistant"
CONTENT_DEVELOPER = "content-developer"
ADMINISTRATOR = "administrator"
MENTOR = "mentor"
TEST_USER = "test-user"

_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
_TEST_USER_URI = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
_ADMINISTRATORS = frozenset(
    f"http://purl.imsglobal.org/vocab/lis/v2/{place}/person#{role}"
    for place, role in (
        ("system", "Administrator"),
        ("system", "SysAdmin"),
        ("system", "AccountAdmin"),
        ("institution", "Administrator"),
    )
)
_IN_CONTEXT = {
    "Learner": LEARNER,
    "Instructor": INSTRUCTOR,
    "ContentDeveloper": CONTENT_DEVELOPER,
    "Administrator": ADMINISTRATOR,
    "Mentor": MENTOR,
}


def understood(roles: Iterable[object]) -> frozenset[str]:
    """Our names for the roles of a launch; a learner if none of them says anything about the context."""
    found = {name for role in roles if isinstance(role, str) for name in _names(role)}
    if not found - {TEST_USER}:
        found.add(LEARNER)
    return frozenset(found)


def administers(roles: Iterable[object]) -> bool:
    """Whether somebody administers the platform or the institution; counts only outside of every course."""
    return any(isinstance(role, str) and role in _ADMINISTRATORS for role in roles)


def _names(role: str) -> Iterable[str]:
    """Core roles, sub-roles (which may come without their core role), and the short names that are deprecated."""
    if role == _TEST_USER_URI:
        return (TEST_USER,)
    kind, sign, short = role.rpartition("#")
    if kind == _MEMBERSHIP or not sign:
        return (_IN_CONTEXT[short],) if short in _IN_CONTEXT else ()
    core = kind.removeprefix(f"{_MEMBERSHIP}/")
    if core == kind or core not in _IN_CONTEXT:
        return ()
    assists = short.startswith("TeachingAssistant")  # also of a section, a group, an offering (core A.2.3.1)
    return (_IN_CONTEXT[core], TEACHING_ASSISTANT) if assists else (_IN_CONTEXT[core],)
