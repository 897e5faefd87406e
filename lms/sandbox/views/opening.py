"""Everything that opens the tool: pages with a frame, and the addresses that send the browser on its way."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.core.i18n import _
from lms.sandbox import courses, deep_linking, demo, launches, registrations, storage, store, switches
from lms.sandbox.demo import Person
from lms.sandbox.launches import Intent, Message
from lms.sandbox.models import LineItem, Link
from lms.sandbox.registrations import Placement
from lms.sandbox.views.people import known, teacher, visitor

bp = Blueprint("opening", __name__)

DOCUMENT_TARGETS = frozenset({"iframe", "window"})


@bp.get("/launch/<slug>")
def launch(slug: str) -> ResponseReturnValue:
    """Open an activity, inside the frame or in a window of its own; ``client`` and ``deployment`` may be others."""
    person = visitor()
    if not switches.takes_part(person):
        abort(403)
    link = known(courses.link, slug)
    intent = Intent(Message.RESOURCE_LINK, person, _placement(link), _target(), link=link, context_id=link.context_id)
    return _sent_on_the_way(intent)


@bp.get("/courses/<int:number>/content")
def content(number: int) -> ResponseReturnValue:
    """Add content to a course: the tool's choice inside the page."""
    teacher()
    return _framed(
        _("Add content"),
        url_for("opening.launch_content", number=number, target="iframe"),
        back=url_for("pages.any_course", number=number),
    )


@bp.get("/launch/content/<int:number>")
def launch_content(number: int) -> ResponseReturnValue:
    """Ask the tool for content."""
    person = teacher()
    context = courses.find(number)
    if context is None:
        abort(404)
    placement = _placement(None)
    asked = deep_linking.ask(person, context, placement, switches.profile())
    intent = Intent(Message.DEEP_LINKING, person, placement, _target(), context_id=context.id, deep_linking_id=asked.id)
    return _sent_on_the_way(intent)


@bp.get("/review/<int:item_id>/<person_id>")
def review(item_id: int, person_id: str) -> ResponseReturnValue:
    """Somebody's work, from the gradebook."""
    _reviewer(person_id)
    return _framed(
        known(demo.person, person_id).name,
        url_for("opening.launch_review", item_id=item_id, person_id=person_id, target="iframe"),
        back=url_for("grades.page"),
    )


@bp.get("/launch/review/<int:item_id>/<person_id>")
def launch_review(item_id: int, person_id: str) -> ResponseReturnValue:
    """Open somebody's work in one column (``LtiSubmissionReviewRequest``)."""
    person = _reviewer(person_id)
    item = store.session().get(LineItem, item_id)
    link = courses.link_by_id(item.link_id) if item else None
    if item is None or link is None:
        abort(404)
    intent = Intent(
        Message.SUBMISSION_REVIEW,
        person,
        _placement(link),
        _target(),
        link=link,
        context_id=link.context_id,
        line_item_id=item.id,
        for_person=known(demo.person, person_id),
    )
    return _sent_on_the_way(intent)


@bp.get("/privacy/<person_id>")
def privacy(person_id: str) -> ResponseReturnValue:
    """A person's data in the tool, from the person's page."""
    _reviewer(person_id)
    return _framed(
        _("Personal data"),
        url_for("opening.launch_privacy", person_id=person_id, target="iframe"),
        back=url_for("pages.profile", person_id=person_id),
    )


@bp.get("/launch/privacy/<person_id>")
def launch_privacy(person_id: str) -> ResponseReturnValue:
    """Open what the tool knows about a person (data privacy launch): outside of every course."""
    person = _reviewer(person_id)
    intent = Intent(Message.DATA_PRIVACY, person, _placement(None), _target(), for_person=known(demo.person, person_id))
    return _sent_on_the_way(intent)


def _reviewer(person_id: str) -> Person:
    """One's own, or anybody's for those who teach."""
    person = visitor()
    if person.id != person_id and not person.teaches:
        abort(403)
    return person


def _placement(link: Link | None) -> Placement:
    """The link's own tool, the one that is switched on, or the one that the address names."""
    own = registrations.of_link(link) if link else registrations.switched_on()
    if "client" in request.args or "deployment" in request.args:
        client = request.args.get("client") or (own.tool.client_id if own else "")
        own = registrations.placement(client, request.args.get("deployment") or demo.DEPLOYMENT_ID)
    if own is None:
        abort(404)
    return own


def _target() -> str:
    asked = request.args.get("target", "iframe")
    return asked if asked in DOCUMENT_TARGETS else "iframe"


def _framed(title: str, url: str, *, back: str) -> str:
    offer = storage.offered(switches.profile())
    return render_template("sandbox/framed.html", title=title, url=url, back=back, offer=offer)


def _sent_on_the_way(intent: Intent) -> ResponseReturnValue:
    initiation = launches.begin(intent, switches.profile())
    if initiation.method == "GET":
        return redirect(initiation.url_with_fields, 302)
    return render_template("sandbox/post.html", url=initiation.url, fields=initiation.fields)
