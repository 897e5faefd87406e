"""The ``custom`` claim of an activity for one person, at a launch and in the roster."""

from lms.sandbox import addresses, courses, variables
from lms.sandbox.demo import Person
from lms.sandbox.models import Context, Link, Tool
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"


def of_link(person: Person | None, link: Link, tool: Tool, profile: Profile) -> dict[str, str]:
    """The tool's parameters and the item's own, with variables replaced (LTI 1.3 core, section 5.4.6)."""
    context = courses.find(link.context_id)
    lost = link.by_deep_linking and Quirk.CUSTOM_OF_ITEMS_IS_LOST in profile
    written = {**tool.custom, **({} if lost else link.custom)}
    known = {**of_context(person, context, profile), **variables.of_link(link, courses.slugs_of(link.history), profile)}
    if Quirk.NO_SUBMISSION_DATES in profile:
        written.setdefault("submission_end", "$ResourceLink.submission.endDateTime")
    return {**variables.resolve(written, known), **_unasked(context, profile)}


def of_context(person: Person | None, context: Context | None, profile: Profile) -> dict[str, str]:
    """The variables that are known without an activity."""
    return {
        **(variables.of_context(context, profile) if context else {}),
        **(variables.of_person(person) if person else {}),
    }


def message_of(person: Person, link: Link, tool: Tool, profile: Profile) -> dict[str, object]:
    """What a launch of this activity by this person would say about the person (NRPS 2.0, section 3.2)."""
    return {
        f"{CLAIM}message_type": "LtiResourceLinkRequest",
        f"{CLAIM}custom": of_link(person, link, tool, profile),
    }


def _unasked(context: Context | None, profile: Profile) -> dict[str, str]:
    if context is None or Quirk.ROSTER_ADDRESS_IN_CUSTOM not in profile:
        return {}
    return {"context_memberships_url": addresses.memberships(profile, context.id)}
