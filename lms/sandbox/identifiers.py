"""How a platform names people, courses and activities to a tool, and how a hint leads back to a launch."""

import json

from lms.sandbox.demo import Person
from lms.sandbox.models import Context, Link
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk

_JSON_HINT_PREFIX = "ltilaunch_"


def user_id(person: Person, profile: Profile) -> str:
    """The ``sub`` of this person."""
    return str(person.number) if Quirk.NUMBERED_IDS in profile else person.uuid


def login_hint(person: Person, profile: Profile) -> str:
    """Opaque to the tool; on some platforms the ``sub`` itself."""
    return user_id(person, profile) if Quirk.LOGIN_HINT_IS_USER_ID in profile else f"account-{person.number}"


def resource_link_id(link: Link, profile: Profile) -> str:
    """The ``resource_link.id`` of this activity."""
    if Quirk.NUMBERED_IDS in profile:
        return str(link.id)
    if Quirk.UNDERSCORED_IDS in profile:
        return f"_{link.id}_1"
    if Quirk.BLOCK_KEY_IDS in profile:
        return f"block-v1:Bilim+DEMO+2026+type@lti_consumer+block@{link.slug}"
    return f"link-{link.slug}"


def resource_link_id_of_number(number: int, slug: str, profile: Profile) -> str:
    """The same for a link of which only number and slug are known."""
    return resource_link_id(Link(id=number, slug=slug), profile)


def context_id(context: Context, profile: Profile) -> str:
    """The ``context.id`` of this course."""
    return context_id_of_number(context.id, profile)


def context_id_of_number(number: int, profile: Profile) -> str:
    """The same for a course of which only the number is known."""
    return f"course-v1:Bilim+DEMO+{2024 + number}" if Quirk.BLOCK_KEY_IDS in profile else str(number)


def message_hint(launch_id: str, number: int, profile: Profile) -> str:
    """The ``lti_message_hint``; ``number`` is that of the activity, or 0."""
    if Quirk.HINT_IS_JSON in profile:
        return json.dumps({"cmid": number, "launchid": f"{_JSON_HINT_PREFIX}{launch_id}"})
    return launch_id


def launch_of_hint(hint: str, profile: Profile) -> str | None:
    """The launch to which a hint leads; nothing if it is not the text that was sent."""
    if Quirk.HINT_IS_JSON not in profile:
        return hint or None
    try:
        launch = json.loads(hint)["launchid"]
    except (ValueError, TypeError, KeyError):
        return None
    return str(launch).removeprefix(_JSON_HINT_PREFIX)
