"""A platform asks what is kept about a person, outside of every course (data privacy launch).

The message is a draft of 1EdTech and has two names. It names the person in ``for_user``; who asks is either that person or
an administrator of the platform, by a role of institution or system, since there is no course.
"""

from collections.abc import Mapping
from typing import Any

from lms.lti import claims, roles
from lms.lti.models import LaunchSession
from lms.lti.refusals import not_complete
from lms.lti.submission_review import person_known_as

_SPEC = "LTI data privacy launch"


def refuse_missing_person(token: Mapping[str, Any]) -> None:
    """It says whose data is meant."""
    if claims.for_user(token) is None:
        raise not_complete("for-user-missing", spec=_SPEC)


def asked(token: Mapping[str, Any]) -> dict[str, Any]:
    """Whose data, and whether who asks may see the data of others."""
    said = token.get(claims.ROLES)
    return {
        "user_id": claims.for_user(token),
        "is_self": claims.for_user(token) == token.get("sub"),
        "administers": roles.administers(said if isinstance(said, list) else ()),
    }


def may_see(launch: LaunchSession) -> bool:
    """The person herself, and administrators of her learning system."""
    return bool(launch.asked.get("is_self") or launch.asked.get("administers"))


def person_of(launch: LaunchSession) -> str | None:
    """The person whose data is meant; None if nothing is kept under this number."""
    if launch.asked.get("is_self"):
        return launch.person_id
    return person_known_as(str(launch.asked.get("user_id")), launch.registration_id)
