"""Which roles a person is given, in a launch and in the roster; platforms do not always agree with themselves."""

from collections.abc import Mapping

from lms.sandbox.demo import Person, Role
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"

LEARNER = f"{MEMBERSHIP}#Learner"
INSTRUCTOR = f"{MEMBERSHIP}#Instructor"

_FULL: Mapping[Role, tuple[str, ...]] = {
    Role.LEARNER: (LEARNER, f"{INSTITUTION}#Student"),
    Role.INSTRUCTOR: (INSTRUCTOR, f"{INSTITUTION}#Faculty"),
    Role.TEACHING_ASSISTANT: (f"{MEMBERSHIP}/Instructor#TeachingAssistant", INSTRUCTOR),
    Role.ADMINISTRATOR: (INSTRUCTOR, f"{SYSTEM}#Administrator", f"{INSTITUTION}#Administrator"),
    Role.TEST_STUDENT: (LEARNER, TEST_USER),
}
_PLAIN: Mapping[Role, tuple[str, ...]] = {
    **_FULL,
    Role.LEARNER: (LEARNER,),
    Role.INSTRUCTOR: (INSTRUCTOR,),
    Role.TEACHING_ASSISTANT: (INSTRUCTOR,),
}
_NONE = (f"{INSTITUTION}#None", f"{SYSTEM}#None")


def in_launch(person: Person, profile: Profile) -> list[str]:
    """The ``roles`` claim (LTI 1.3 core, appendix A)."""
    known = _PLAIN if Quirk.ASSISTANT_IS_INSTRUCTOR in profile else _FULL
    return [*known[person.role], *(_NONE if Quirk.NONE_ROLES in profile else ())]


def in_roster(person: Person, profile: Profile) -> list[str]:
    """The ``roles`` of a member."""
    if Quirk.ASSISTANT_IS_INSTRUCTOR in profile and person.role is Role.TEACHING_ASSISTANT:
        roles = [LEARNER]
    else:
        roles = in_launch(person, profile)
    return [_short(role) for role in roles] if Quirk.SHORT_ROLES_IN_ROSTER in profile else roles


def outside_courses(person: Person) -> list[str]:
    """The roles that somebody has without a course."""
    return [role for role in _FULL[person.role] if not role.startswith(MEMBERSHIP)] or [f"{SYSTEM}#User"]


def is_meant(role: str, asked: str) -> bool:
    """Whether a role is the one asked for; context roles may be asked for by their short names (NRPS 2.0, 2.4.1)."""
    return _full(role) == _full(asked)


def _full(role: str) -> str:
    return role if ":" in role else f"{MEMBERSHIP}#{role}"


def _short(role: str) -> str:
    return role.removeprefix(f"{MEMBERSHIP}#")
