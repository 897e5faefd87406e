"""Courses and their activities: those of the beginning, those that deep linking brings, and copies of whole courses."""

from collections.abc import Sequence

from sqlalchemy import func, select

from lms.core.settings import Settings
from lms.sandbox import line_items, store
from lms.sandbox.demo import COURSE, MODULES
from lms.sandbox.models import Context, LineItem, Link


def begin(settings: Settings) -> None:
    """The first course with its activities, if it is not there yet."""
    if find(COURSE.number) is None:
        _add_first_course()
    for link in of_context(COURSE.number):
        if not link.by_deep_linking:
            link.url = f"{settings.public_url}/learn/{link.slug}"


def find(number: int) -> Context | None:
    """The course with this number."""
    return store.session().get(Context, number)


def everything() -> Sequence[Context]:
    """All courses, the oldest first."""
    return store.session().scalars(select(Context).order_by(Context.id)).all()


def link(slug: str | None) -> Link | None:
    """The activity with this slug."""
    return store.session().scalar(select(Link).where(Link.slug == slug))


def link_by_id(link_id: int | None) -> Link | None:
    """The activity with this number."""
    return store.session().get(Link, link_id) if link_id is not None else None


def of_context(number: int) -> Sequence[Link]:
    """The activities of a course, in its order."""
    return store.session().scalars(select(Link).where(Link.context_id == number).order_by(Link.id)).all()


def all_links() -> Sequence[Link]:
    """The activities of all courses."""
    return store.session().scalars(select(Link).order_by(Link.id)).all()


def slugs_of(numbers: Sequence[int]) -> dict[int, str]:
    """The slugs of links that a history names."""
    links = store.session().scalars(select(Link).where(Link.id.in_(numbers)))
    return {link.id: link.slug for link in links}


def copy(context: Context) -> tuple[Context, list[tuple[Link, Link]]]:
    """The course once more: new numbers for all, histories that lead back, columns copied, no results.

    An LMS copies the gradebook's columns with the activities, so a tool that creates before it looks makes duplicates
    (AGS 2.0, section 3.2.4).
    """
    made = Context(
        id=_next_number(),
        label=f"{context.label}-{_next_number()}",
        language=context.language,
        titles=context.titles,
        history=[context.id, *context.history],
    )
    store.session().add(made)
    store.session().flush()
    pairs = [(link, _copy_link(link, made)) for link in of_context(context.id)]
    _copy_columns(context, made, {original.id: twin.id for original, twin in pairs})
    return made, pairs


def _add_first_course() -> None:
    session = store.session()
    session.add(
        Context(id=COURSE.number, label=COURSE.label, language=COURSE.language, titles=COURSE.titles, history=[])
    )
    for module in MODULES:
        session.add(
            Link(
                id=module.number,
                slug=module.slug,
                context_id=COURSE.number,
                titles=module.titles,
                summaries=module.summaries,
                custom={"module": module.slug},
                item={},
                history=[],
                by_deep_linking=False,
            )
        )
    session.flush()
    for found in of_context(COURSE.number):
        session.add(line_items.of_activity(found))
    session.flush()


def _next_number() -> int:
    return (store.session().scalar(select(func.max(Context.id))) or 0) + 1


def _copy_link(link: Link, context: Context) -> Link:
    twin = Link(
        slug=f"{link.slug}-{context.id}",
        context_id=context.id,
        client_id=link.client_id,
        deployment_id=link.deployment_id,
        titles=link.titles,
        summaries=link.summaries,
        url=link.url,
        custom=link.custom,
        item=link.item,
        history=[link.id, *link.history],
        by_deep_linking=link.by_deep_linking,
    )
    store.session().add(twin)
    store.session().flush()
    return twin


def _copy_columns(context: Context, made: Context, twins: dict[int, int]) -> None:
    for item in store.session().scalars(select(LineItem).where(LineItem.context_id == context.id)):
        store.session().add(
            LineItem(
                context_id=made.id,
                link_id=twins.get(item.link_id) if item.link_id is not None else None,
                label=item.label,
                score_maximum=item.score_maximum,
                resource_id=item.resource_id,
                tag=item.tag,
                extras=item.extras,
            )
        )
    store.session().flush()
