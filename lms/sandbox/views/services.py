"""The grade services (Assignment and Grade Services 2.0): columns, scores and results.

Each has two addresses: one for every platform, and one in the form that Blackboard gives its own.
"""

from flask import Blueprint, Response, make_response, request

from lms.sandbox import addresses, line_items, scores, switches, tokens, wording
from lms.sandbox.quirks import Quirk
from lms.sandbox.refusals import ServiceRefused
from lms.sandbox.views import service_requests
from lms.sandbox.views.service_requests import allow, answer, body, course, page, refuse_unacceptable

bp = Blueprint("services", __name__)

LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"

_COURSE = "/services/contexts/<int:context_id>"
_LEARN = "/learn/api/v1/lti/courses/_<int:context_id>_1"
_ITEMS, _LEARN_ITEMS = f"{_COURSE}/lineitems", f"{_LEARN}/lineItems"
_ITEM, _LEARN_ITEM = f"{_ITEMS}/<int:item_id>/lineitem", f"{_LEARN_ITEMS}/_<int:item_id>_1"


@bp.before_request
def refuse_when_switched_or_misaddressed() -> None:
    """Faults first, then the query that the profile's addresses carry."""
    service_requests.refuse_when_switched()
    service_requests.refuse_misaddressed(switches.profile())


@bp.get(_LEARN_ITEMS)
@bp.get(_ITEMS)
def list_line_items(context_id: int) -> Response:
    """The columns, filtered as asked."""
    profile = switches.profile()
    allow(tokens.LINE_ITEM, tokens.LINE_ITEM_READ_ONLY)
    refuse_unacceptable(LINE_ITEMS_TYPE, "line-items", profile)
    course(context_id)
    items = line_items.matching(context_id, profile, request.args)
    shown, link = page(items, profile, lambda query: addresses.line_items(profile, context_id, **query))
    return answer([line_items.shown(item, profile) for item in shown], LINE_ITEMS_TYPE, profile, headers=link)


@bp.post(_LEARN_ITEMS)
@bp.post(_ITEMS)
def create_line_item(context_id: int) -> Response:
    """A new column."""
    profile = switches.profile()
    allow(tokens.LINE_ITEM)
    course(context_id)
    item = line_items.create(context_id, body(LINE_ITEM_TYPE, profile), profile)
    return answer(line_items.shown(item, profile), LINE_ITEM_TYPE, profile, status=201)


@bp.get(_LEARN_ITEM)
@bp.get(_ITEM)
def show_line_item(context_id: int, item_id: int) -> Response:
    """One column."""
    profile = switches.profile()
    allow(tokens.LINE_ITEM, tokens.LINE_ITEM_READ_ONLY)
    refuse_unacceptable(LINE_ITEM_TYPE, "line-item", profile)
    return answer(line_items.shown(line_items.find(context_id, item_id), profile), LINE_ITEM_TYPE, profile)


@bp.put(_LEARN_ITEM)
@bp.put(_ITEM)
def replace_line_item(context_id: int, item_id: int) -> Response:
    """A column described anew."""
    profile = switches.profile()
    allow(tokens.LINE_ITEM)
    item = line_items.find(context_id, item_id)
    line_items.replace(item, body(LINE_ITEM_TYPE, profile), profile)
    return answer(line_items.shown(item, profile), LINE_ITEM_TYPE, profile)


@bp.delete(_LEARN_ITEM)
@bp.delete(_ITEM)
def delete_line_item(context_id: int, item_id: int) -> Response:
    """A column and its results, gone."""
    allow(tokens.LINE_ITEM)
    line_items.remove(line_items.find(context_id, item_id))
    return make_response("", 204)


@bp.post(_LEARN_ITEM)
@bp.post(_ITEM)
def refuse_misplaced_score(context_id: int, item_id: int) -> Response:
    """A tool that adds ``/scores`` behind the query ends here; it belongs to the path."""
    raise ServiceRefused(405, "Nothing can be posted to a line item; scores have an address of their own")


@bp.post(f"{_LEARN_ITEM}/scores")
@bp.post(f"{_ITEM}/scores")
def accept_score(context_id: int, item_id: int) -> Response:
    """A score for one person."""
    profile = switches.profile()
    allow(tokens.SCORE)
    item = line_items.find(context_id, item_id)
    score = scores.read(body(SCORE_TYPE, profile), profile)
    scores.accept(score, item, profile)
    text, status = wording.score_answer(addresses.result(profile, context_id, item_id, score.user_id), profile)
    response = make_response(text, status)
    if text:
        response.content_type = SCORE_TYPE
    return response


@bp.get(f"{_LEARN_ITEM}/results")
@bp.get(f"{_ITEM}/results")
def list_results(context_id: int, item_id: int) -> Response:
    """What people have in a column."""
    profile = switches.profile()
    allow(tokens.RESULT_READ_ONLY)
    refuse_unacceptable(RESULTS_TYPE, "results", profile)
    if "limit" in request.args and Quirk.RESULTS_CANNOT_BE_LIMITED in profile:
        return make_response("<!doctype html><title>Error</title><p>Not found", 404)
    item = line_items.find(context_id, item_id)
    user_id = request.args.get("user_id")
    found = [scores.shown(result, item, profile) for result in scores.results_of(item, profile, user_id=user_id)]
    if user_id is not None and Quirk.RESULTS_OF_ONE_LACK_COMMENTS in profile:
        found = [{name: value for name, value in result.items() if name != "comment"} for result in found]
    shown, link = page(found, profile, lambda query: addresses.results(profile, context_id, item_id, **query))
    return answer(shown, RESULTS_TYPE, profile, headers=link)
