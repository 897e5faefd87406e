"""The columns of the gradebook as the tool sees and changes them (AGS 2.0, section 3.2)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select

from lms.sandbox import addresses, identifiers, store, variables
from lms.sandbox.models import LineItem, Link, Result
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.refusals import ServiceRefused

ACTIVITY_MAXIMUM = 100
EXTRAS = ("startDateTime", "endDateTime", "gradesReleased", "submissionReview")


def of_activity(link: Link) -> LineItem:
    """The column that an LMS makes for a graded activity."""
    return LineItem(
        context_id=link.context_id,
        link_id=link.id,
        label=variables.title_of(link),
        score_maximum=ACTIVITY_MAXIMUM,
        extras={},
    )


def find(context_id: int, item_id: int) -> LineItem:
    """:raises ServiceRefused: 404."""
    item = store.session().get(LineItem, item_id)
    if item is None or item.context_id != context_id:
        raise ServiceRefused(404, "There is no such line item")
    return item


def matching(context_id: int, profile: Profile, filters: Mapping[str, str]) -> list[LineItem]:
    """All columns of a course, or those that fit ``resource_link_id``, ``resource_id`` and ``tag``.

    :raises ServiceRefused: 500 where an identifier with a bare plus, which reads as a space, breaks the platform.
    """
    if Quirk.BARE_PLUS_IS_500 in profile and " " in filters.get("resource_link_id", ""):
        raise ServiceRefused(500, "Invalid key")
    items = store.session().scalars(select(LineItem).where(LineItem.context_id == context_id).order_by(LineItem.id))
    return [item for item in items if _fits(item, profile, filters)]


def create(context_id: int, body: Mapping[str, object], profile: Profile) -> LineItem:
    """A new column; the same asked twice makes two (AGS 2.0, section 3.2.4 leaves looking first to the tool).

    :raises ServiceRefused: 400 if the description cannot be used.
    """
    item = LineItem(context_id=context_id, link_id=_link_id(context_id, body.get("resourceLinkId"), profile))
    _fill(item, body, profile)
    store.session().add(item)
    store.session().flush()
    return item


def replace(item: LineItem, body: Mapping[str, object], profile: Profile) -> LineItem:
    """A full replacement: what is not sent is gone. Identity and resource link stay (AGS 2.0, section 3.2.6).

    :raises ServiceRefused: 400.
    """
    if body.get("id", _id(item, profile)) != _id(item, profile):
        raise ServiceRefused(400, "id may not be changed")
    if "resourceLinkId" in body and _link_id(item.context_id, body["resourceLinkId"], profile) != item.link_id:
        raise ServiceRefused(400, "resourceLinkId may not be changed")
    _fill(item, body, profile)
    return item


def remove(item: LineItem) -> None:
    """Take away the column and all results in it."""
    store.session().execute(delete(Result).where(Result.line_item_id == item.id))
    store.session().delete(item)


def shown(item: LineItem, profile: Profile) -> dict[str, object]:
    """The column in the words of the service."""
    link = store.session().get(Link, item.link_id) if item.link_id is not None else None
    optional = {
        "resourceLinkId": identifiers.resource_link_id(link, profile) if link else None,
        "resourceId": item.resource_id,
        "tag": item.tag,
    }
    present = {name: value for name, value in optional.items() if value is not None}
    return {"id": _id(item, profile), "label": item.label, "scoreMaximum": item.score_maximum, **present, **item.extras}


def all_coupled_to(link: Link) -> Sequence[LineItem]:
    """The columns that belong to an activity, oldest first."""
    statement = select(LineItem).where(LineItem.link_id == link.id).order_by(LineItem.id)
    return store.session().scalars(statement).all()


def _id(item: LineItem, profile: Profile) -> str:
    return addresses.line_item(profile, item.context_id, item.id)


def _fits(item: LineItem, profile: Profile, filters: Mapping[str, str]) -> bool:
    described = shown(item, profile)
    names = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
    return all(described.get(name) == filters[asked] for asked, name in names.items() if asked in filters)


def _link_id(context_id: int, resource_link_id: object, profile: Profile) -> int | None:
    if resource_link_id is None:
        return None
    for link in store.session().scalars(select(Link).where(Link.context_id == context_id)):
        if identifiers.resource_link_id(link, profile) == resource_link_id:
            return link.id
    raise ServiceRefused(400, "resourceLinkId is not a link of this tool in this course")


def _fill(item: LineItem, body: Mapping[str, object], profile: Profile) -> None:
    item.label = _label(body)
    item.score_maximum = _score_maximum(body, profile)
    item.resource_id = _text(body, "resourceId")
    item.tag = _text(body, "tag")
    item.extras = {name: body[name] for name in EXTRAS if name in body}


def _label(body: Mapping[str, object]) -> str:
    label = body.get("label")
    if not isinstance(label, str) or not label.strip():
        raise ServiceRefused(400, "label must be a text that is not blank")
    return label


def _score_maximum(body: Mapping[str, object], profile: Profile) -> float:
    maximum = body.get("scoreMaximum")
    if isinstance(maximum, bool) or not isinstance(maximum, int | float) or maximum <= 0:
        raise ServiceRefused(400, "scoreMaximum must be a number above zero")
    if Quirk.WHOLE_MAXIMUM in profile and maximum != int(maximum):
        raise ServiceRefused(400, "scoreMaximum must be an integer")
    return maximum


def _text(body: Mapping[str, object], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise ServiceRefused(400, f"{name} must be a text")
    return value
