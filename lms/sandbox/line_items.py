"""The columns of the gradebook as the tool sees and changes them (AGS 2.0, section 3.2)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select

from lms.sandbox import addresses, store
from lms.sandbox.demo import COURSE, MODULES, Module
from lms.sandbox.models import LineItem, Result
from lms.sandbox.profiles import Profile
from lms.sandbox.refusals import ServiceRefused

ACTIVITY_MAXIMUM = 100
EXTRAS = ("startDateTime", "endDateTime", "gradesReleased", "submissionReview")


def add_for_activities() -> None:
    """Each activity of the course begins with one column, as an LMS makes it for a graded activity."""
    coupled = set(store.session().scalars(select(LineItem.module_slug)))
    for module in MODULES:
        if module.slug not in coupled:
            store.session().add(_of_activity(module))


def find(item_id: int) -> LineItem:
    """:raises ServiceRefused: 404."""
    item = store.session().get(LineItem, item_id)
    if item is None:
        raise ServiceRefused(404, "There is no such line item")
    return item


def matching(profile: Profile, filters: Mapping[str, str]) -> list[LineItem]:
    """All columns, or those that fit ``resource_link_id``, ``resource_id`` and ``tag``."""
    items = store.session().scalars(select(LineItem).order_by(LineItem.id))
    return [item for item in items if _fits(item, profile, filters)]


def create(body: Mapping[str, object], profile: Profile) -> LineItem:
    """A new column; the same asked twice makes two (AGS 2.0, section 3.2.4 leaves looking first to the tool).

    :raises ServiceRefused: 400 if the description cannot be used.
    """
    item = LineItem(module_slug=_module_slug(body.get("resourceLinkId"), profile))
    _fill(item, body)
    store.session().add(item)
    store.session().flush()
    return item


def replace(item: LineItem, body: Mapping[str, object], profile: Profile) -> LineItem:
    """A full replacement: what is not sent is gone. Identity and resource link stay (AGS 2.0, section 3.2.6).

    :raises ServiceRefused: 400.
    """
    if body.get("id", _id(item, profile)) != _id(item, profile):
        raise ServiceRefused(400, "id may not be changed")
    if "resourceLinkId" in body and _module_slug(body["resourceLinkId"], profile) != item.module_slug:
        raise ServiceRefused(400, "resourceLinkId may not be changed")
    _fill(item, body)
    return item


def remove(item: LineItem) -> None:
    """Take away the column and all results in it."""
    store.session().execute(delete(Result).where(Result.line_item_id == item.id))
    store.session().delete(item)


def shown(item: LineItem, profile: Profile) -> dict[str, object]:
    """The column in the words of the service."""
    module = _module(item)
    optional = {
        "resourceLinkId": profile.resource_link_id(module) if module else None,
        "resourceId": item.resource_id,
        "tag": item.tag,
    }
    present = {name: value for name, value in optional.items() if value is not None}
    return {"id": _id(item, profile), "label": item.label, "scoreMaximum": item.score_maximum, **present, **item.extras}


def all_coupled_to(module: Module) -> Sequence[LineItem]:
    """The columns that belong to an activity, oldest first."""
    statement = select(LineItem).where(LineItem.module_slug == module.slug).order_by(LineItem.id)
    return store.session().scalars(statement).all()


def _of_activity(module: Module) -> LineItem:
    return LineItem(
        module_slug=module.slug, label=module.titles[COURSE.language], score_maximum=ACTIVITY_MAXIMUM, extras={}
    )


def _id(item: LineItem, profile: Profile) -> str:
    return addresses.line_item(profile, item.id)


def _module(item: LineItem) -> Module | None:
    return next((module for module in MODULES if module.slug == item.module_slug), None)


def _fits(item: LineItem, profile: Profile, filters: Mapping[str, str]) -> bool:
    described = shown(item, profile)
    names = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
    return all(described.get(name) == filters[asked] for asked, name in names.items() if asked in filters)


def _module_slug(resource_link_id: object, profile: Profile) -> str | None:
    if resource_link_id is None:
        return None
    for module in MODULES:
        if profile.resource_link_id(module) == resource_link_id:
            return module.slug
    raise ServiceRefused(400, "resourceLinkId is not a link of this tool in this course")


def _fill(item: LineItem, body: Mapping[str, object]) -> None:
    item.label = _label(body)
    item.score_maximum = _score_maximum(body)
    item.resource_id = _text(body, "resourceId")
    item.tag = _text(body, "tag")
    item.extras = {name: body[name] for name in EXTRAS if name in body}


def _label(body: Mapping[str, object]) -> str:
    label = body.get("label")
    if not isinstance(label, str) or not label.strip():
        raise ServiceRefused(400, "label must be a text that is not blank")
    return label


def _score_maximum(body: Mapping[str, object]) -> float:
    maximum = body.get("scoreMaximum")
    if isinstance(maximum, bool) or not isinstance(maximum, int | float) or maximum <= 0:
        raise ServiceRefused(400, "scoreMaximum must be a number above zero")
    return maximum


def _text(body: Mapping[str, object], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise ServiceRefused(400, f"{name} must be a text")
    return value
