"""A platform's gradebook opens the work behind a grade (``LtiSubmissionReviewRequest``).

The message names a person and a column. Which pages show the work is known above (:func:`lms.lti.launch.register_entry`);
nothing is made by looking: no link, no enrolment, no grade.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from lms.core.db import db
from lms.lti import claims
from lms.lti.ags_choice import KeptLineItem
from lms.lti.models import LaunchSession, PlatformUser, ResourceLink
from lms.lti.refusals import not_complete

_SPEC = "LTI submission review 1.0"


def refuse_missing_person(token: Mapping[str, Any]) -> None:
    """It says whose work shall be opened."""
    if claims.for_user(token) is None:
        raise not_complete("for-user-missing", spec=_SPEC)


def refuse_missing_line_item(token: Mapping[str, Any]) -> None:
    """It says in which column."""
    if claims.line_item_url(token) is None:
        raise not_complete("line-item-not-named", spec=_SPEC)


def asked(token: Mapping[str, Any]) -> dict[str, Any]:
    """Whose work, in which column."""
    return {"user_id": claims.for_user(token), "line_item_url": claims.line_item_url(token)}


def person_of(launch: LaunchSession) -> str | None:
    """The person whose work is asked for; None if the platform's number is not known here."""
    return person_known_as(str(launch.asked.get("user_id")), launch.registration_id)


def person_known_as(user_id: str, registration_id: str) -> str | None:
    """The person whom a platform knows by this number."""
    wanted = select(PlatformUser.person_id).filter_by(sub=user_id, registration_id=registration_id)
    return db.session.scalar(wanted)


def link_of(launch: LaunchSession) -> ResourceLink | None:
    """The link whose column is asked for: as the message names it, else the one whose scores go into that column."""
    if launch.linked is not None:
        return launch.linked
    url = launch.asked.get("line_item_url")
    here = select(ResourceLink).where(ResourceLink.deployment_id == launch.deployment_id)
    kept = select(KeptLineItem.resource_link_row_id).where(KeptLineItem.url == url)
    return db.session.scalar(here.where((ResourceLink.line_item_url == url) | ResourceLink.id.in_(kept)).limit(1))
