"""Assignment and Grade Services 2.0: line items, scores and results."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from flask import Blueprint, Response, make_response, request

from lms.sandbox import addresses, line_items, scores, switches, tokens
from lms.sandbox.demo import COURSE
from lms.sandbox.profiles import Profile
from lms.sandbox.refusals import PersonNotGradable, ServiceRefused
from lms.sandbox.switches import Fault

bp = Blueprint("services", __name__, url_prefix=f"/services/contexts/{COURSE.number}")

LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RETRY_AFTER_SECONDS = "2"

Row = TypeVar("Row")


@bp.before_request
def refuse_when_switched_or_misaddressed() -> None:
    """Faults first, then the query that the profile's addresses carry."""
    _break_if_armed()
    for name, value in switches.profile().service_query.items():
        if request.args.get(name) != value:
            raise ServiceRefused(400, f"The address lacks its {name}")


@bp.get("/lineitems")
def list_line_items() -> Response:
    """The columns, filtered as asked."""
    profile = switches.profile()
    _allow(tokens.LINE_ITEM, tokens.LINE_ITEM_READ_ONLY)
    _refuse_unacceptable(LINE_ITEMS_TYPE, "line-items", profile)
    items = line_items.matching(profile, request.args)
    page, link = _page(items, profile, lambda query: addresses.line_items(profile, **query))
    return _json([line_items.shown(item, profile) for item in page], LINE_ITEMS_TYPE, profile, headers=link)


@bp.post("/lineitems")
def create_line_item() -> Response:
    """A new column."""
    profile = switches.profile()
    _allow(tokens.LINE_ITEM)
    item = line_items.create(_body(LINE_ITEM_TYPE, profile), profile)
    return _json(line_items.shown(item, profile), LINE_ITEM_TYPE, profile, status=201)


@bp.get("/lineitems/<int:item_id>/lineitem")
def show_line_item(item_id: int) -> Response:
    """One column."""
    profile = switches.profile()
    _allow(tokens.LINE_ITEM, tokens.LINE_ITEM_READ_ONLY)
    _refuse_unacceptable(LINE_ITEM_TYPE, "line-item", profile)
    return _json(line_items.shown(line_items.find(item_id), profile), LINE_ITEM_TYPE, profile)


@bp.put("/lineitems/<int:item_id>/lineitem")
def replace_line_item(item_id: int) -> Response:
    """A column described anew."""
    profile = switches.profile()
    _allow(tokens.LINE_ITEM)
    item = line_items.find(item_id)
    line_items.replace(item, _body(LINE_ITEM_TYPE, profile), profile)
    return _json(line_items.shown(item, profile), LINE_ITEM_TYPE, profile)


@bp.delete("/lineitems/<int:item_id>/lineitem")
def delete_line_item(item_id: int) -> Response:
    """A column and its results, gone."""
    _allow(tokens.LINE_ITEM)
    line_items.remove(line_items.find(item_id))
    return make_response("", 204)


@bp.post("/lineitems/<int:item_id>/lineitem")
def refuse_misplaced_score(item_id: int) -> Response:
    """A tool that adds ``/scores`` behind the query ends here; it belongs to the path."""
    raise ServiceRefused(405, "Nothing can be posted to a line item; scores have an address of their own")


@bp.post("/lineitems/<int:item_id>/lineitem/scores")
def accept_score(item_id: int) -> Response:
    """A score for one person."""
    profile = switches.profile()
    _allow(tokens.SCORE)
    item = line_items.find(item_id)
    scores.accept(scores.read(_body(SCORE_TYPE, profile), profile), item, profile)
    return make_response("", profile.score_status)


@bp.get("/lineitems/<int:item_id>/lineitem/results")
def list_results(item_id: int) -> Response:
    """What people have in a column."""
    profile = switches.profile()
    _allow(tokens.RESULT_READ_ONLY)
    _refuse_unacceptable(RESULTS_TYPE, "results", profile)
    if "limit" in request.args and not profile.results_can_be_limited:
        return make_response("<!doctype html><title>Error</title><p>Not found", 404)
    item = line_items.find(item_id)
    found = scores.results_of(item, profile, user_id=request.args.get("user_id"))
    page, link = _page(found, profile, lambda query: addresses.results(profile, item_id, **query))
    return _json([scores.shown(result, item, profile) for result in page], RESULTS_TYPE, profile, headers=link)


def service_refused(refusal: ServiceRefused) -> Response:
    """A refusal in the words of the profile."""
    profile = switches.profile()
    if isinstance(refusal, PersonNotGradable):
        body = profile.ungradable_person_error(refusal.reason)
    else:
        body = profile.service_error(refusal.status, refusal.reason)
    headers = {**profile.service_error_headers(refusal.status), **refusal.headers}
    return _json(body, "application/json", profile, status=refusal.status, headers=headers)


def _break_if_armed() -> None:
    if switches.take(Fault.SERVICE_503):
        raise ServiceRefused(503, "Out of order")
    if switches.take(Fault.SERVICE_429):
        raise ServiceRefused(429, "Asked too often", headers={"Retry-After": RETRY_AFTER_SECONDS})
    if switches.take(Fault.SERVICE_401):
        raise ServiceRefused(401, "The token is not known")


def _allow(*sufficient: str) -> None:
    """:raises ServiceRefused: 401 without a good token; as the profile says if its scopes do not suffice."""
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    scopes = tokens.scopes_of(token) if kind.lower() == "bearer" else None
    if scopes is None:
        raise ServiceRefused(401, "A good bearer token is needed")
    if scopes.isdisjoint(sufficient):
        raise ServiceRefused(switches.profile().missing_scope_status, "The token has not the scope for this")


def _refuse_unacceptable(media_type: str, resource: str, profile: Profile) -> None:
    """The Accept header must name exactly the type of the resource, or be a wildcard where that is enough."""
    accepted = request.headers.get("Accept", "")
    if accepted == media_type:
        return
    if resource in profile.any_accept_is_enough and (not accepted or request.accept_mimetypes[media_type] > 0):
        return
    raise ServiceRefused(profile.not_acceptable_status, f"Only {media_type} is given here")


def _body(media_type: str, profile: Profile) -> dict[str, object]:
    """The JSON object that was sent.

    :raises ServiceRefused: as the profile says for another content type; 400 for what is no JSON object.
    """
    if request.mimetype != media_type:
        raise ServiceRefused(profile.wrong_content_type_status, f"No handler found: send {media_type}")
    try:
        body = json.loads(request.get_data(), parse_constant=_no_number)
    except ValueError as error:
        raise ServiceRefused(400, "The body is not JSON") from error
    if not isinstance(body, dict):
        raise ServiceRefused(400, "The body is not a JSON object")
    return body


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _page(
    rows: Sequence[Row], profile: Profile, address: Callable[[dict[str, str]], str]
) -> tuple[Sequence[Row], dict[str, str]]:
    """The part of a list that was asked for by ``limit``, and the link to the next part."""
    limit, start = _whole_number("limit"), _whole_number("from") or 0
    if not limit:
        return rows, {}
    link = {}
    if start + limit < len(rows):
        kept = {name: value for name, value in request.args.items() if name not in profile.service_query}
        link = {"Link": profile.next_page_link(address({**kept, "limit": str(limit), "from": str(start + limit)}))}
    return rows[start : start + limit], link


def _whole_number(name: str) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not text.isdecimal():
        raise ServiceRefused(400, f"{name} must be a whole number")
    return int(text)


def _json(
    value: object, media_type: str, profile: Profile, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(profile.json(value), status=status, content_type=media_type, headers=dict(headers or {}))
