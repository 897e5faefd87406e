"""The tool comes back with content."""

from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.sandbox import courses, deep_linking, identifiers, line_items, switches
from lms.sandbox.models import DeepLinking, Link
from lms.sandbox.profiles import Profile
from lms.sandbox.refusals import MessageRefused

bp = Blueprint("deep_linking", __name__)


@bp.post("/deep-linking/return/<deep_linking_id>")
def come_back(deep_linking_id: str) -> ResponseReturnValue:
    """Take the answer, and say what came of it. The field is called ``JWT`` (deep linking 2.0, section 2.3)."""
    asked = deep_linking.find(deep_linking_id)
    if asked is None:
        abort(404)
    try:
        if set(request.form) != {"JWT"}:
            raise _noted(asked, "The form must have the one field JWT")
        deep_linking.answer(asked, request.form["JWT"], switches.profile())
    except MessageRefused as refusal:
        return _page(asked, refusal.reason), 400
    return _page(asked, "")


@bp.get("/deep-linking/return/<deep_linking_id>")
def refuse_get(deep_linking_id: str) -> ResponseReturnValue:
    """The answer is posted, always."""
    asked = deep_linking.find(deep_linking_id)
    if asked is None:
        abort(404)
    return _page(asked, "The answer must be posted"), 405


@bp.get("/deep-linking.json")
def requests_for_programs() -> Response:
    """Every request and what came of it."""
    return jsonify([_described(asked) for asked in deep_linking.everything()])


@bp.get("/links.json")
def links_for_programs() -> Response:
    """Every activity as it is kept."""
    profile = switches.profile()
    return jsonify([_link_described(link, profile) for link in courses.all_links()])


def _noted(asked: DeepLinking, reason: str) -> MessageRefused:
    if asked.outcome is None:
        asked.outcome, asked.reason = "refused", reason
    return MessageRefused(reason)


def _page(asked: DeepLinking, reason: str) -> str:
    return render_template(
        "sandbox/content_returned.html",
        asked=asked,
        reason=reason,
        made=[courses.link(slug) for slug in asked.made],
        back=url_for("pages.any_course", number=asked.context_id),
    )


def _described(asked: DeepLinking) -> dict[str, object]:
    return {
        "id": asked.id,
        "person": asked.person_id,
        "context": asked.context_id,
        "client": asked.client_id,
        "deployment": asked.deployment_id,
        "settings": asked.settings,
        "outcome": asked.outcome,
        "reason": asked.reason,
        "messages": asked.messages,
        "made": asked.made,
    }


def _link_described(link: Link, profile: Profile) -> dict[str, object]:
    return {
        "slug": link.slug,
        "context": link.context_id,
        "resource_link_id": identifiers.resource_link_id(link, profile),
        "client": link.client_id,
        "deployment": link.deployment_id,
        "titles": link.titles,
        "url": link.url,
        "custom": link.custom,
        "item": link.item,
        "history": link.history,
        "line_items": [line_items.shown(item, profile) for item in line_items.all_coupled_to(link)],
    }
