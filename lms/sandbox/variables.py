"""Substitution of custom parameters (LTI 1.3 core, appendix B). What is not supported stays as it was written."""

from collections.abc import Mapping
from urllib.parse import quote

from lms.sandbox import identifiers
from lms.sandbox.demo import Person
from lms.sandbox.models import Context, Link
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk


def resolve(custom: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Each value that is a known variable replaced; a variable without a value becomes an empty text."""
    return {
        name: known.get(value.removeprefix("$"), value) if value.startswith("$") else value
        for name, value in custom.items()
    }


def of_context(context: Context, profile: Profile) -> dict[str, str]:
    """Appendix B.3."""
    history = [identifiers.context_id_of_number(number, profile) for number in context.history]
    return {
        "Context.id": identifiers.context_id(context, profile),
        "Context.label": context.label,
        "Context.title": context.titles[context.language],
        "Context.id.history": _listed(history),
        "CourseSection.sourcedId": f"academy-{context.label}",
    }


def of_link(link: Link, earlier: Mapping[int, str], profile: Profile) -> dict[str, str]:
    """Appendix B.4; ``earlier`` has the slugs of the links in the history."""
    history = [identifiers.resource_link_id_of_number(number, earlier[number], profile) for number in link.history]
    known = {
        "ResourceLink.id": identifiers.resource_link_id(link, profile),
        "ResourceLink.title": title_of(link),
        "ResourceLink.description": description_of(link),
        "ResourceLink.id.history": _listed(history),
        **_times(link, "available"),
        **_times(link, "submission"),
    }
    return {name: value for name, value in known.items() if _is_supported(name, profile)}


def of_person(person: Person) -> dict[str, str]:
    """Appendix B.1 and B.2, the few that this platform knows."""
    return {
        "User.id": str(person.number),
        "User.username": person.id,
        "Person.sourcedId": f"academy-{person.number}",
        "Person.name.full": person.name,
        "Person.email.primary": person.email,
        "Person.address.timezone": "Asia/Bishkek",
    }


def title_of(link: Link) -> str:
    """The one title that tools are told."""
    return link.titles.get("ky") or next(iter(link.titles.values()), "")


def description_of(link: Link) -> str:
    """The one description that tools are told."""
    return link.summaries.get("ky") or next(iter(link.summaries.values()), "")


def _times(link: Link, window: str) -> dict[str, str]:
    """Start and end; no user has dates of her own here, which an empty text says."""
    dates = link.item.get(window)
    known = dates if isinstance(dates, dict) else {}
    return {
        f"ResourceLink.{window}.{middle}{end}DateTime": str(known.get(f"{end}DateTime", "")) if not middle else ""
        for middle in ("", "user.")
        for end in ("start", "end")
    }


def _is_supported(name: str, profile: Profile) -> bool:
    if name.startswith("ResourceLink.submission.") and Quirk.NO_SUBMISSION_DATES in profile:
        return False
    return not (name == "ResourceLink.id.history" and Quirk.NO_LINK_HISTORY in profile)


def _listed(ids: list[str]) -> str:
    """A comma-separated list of URL-encoded identifiers, the newest first."""
    return ",".join(quote(each, safe="") for each in ids)
