"""Tools and their registration: the administrator's pages, and what a tool that registers itself asks for."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.core import settings
from lms.sandbox import addresses, dynamic_registration, notices, registrations, store, switches, tool_keys, wording
from lms.sandbox.claims import NOTICE_TYPES
from lms.sandbox.dynamic_registration import TOOL_CONFIGURATION
from lms.sandbox.models import SentNotice, Tool
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.refusals import RegistrationRefused
from lms.sandbox.views.people import known, teacher, wants_json
from lms.sandbox.views.policy import policy

bp = Blueprint("tools", __name__)


@bp.get("/tools")
def page() -> ResponseReturnValue:
    """The tools that are registered, and a field for the address of another."""
    teacher()
    tools = [(tool, registrations.deployments(tool.client_id)) for tool in registrations.everything()]
    return render_template("sandbox/tools.html", tools=tools)


@bp.post("/tools")
def add() -> ResponseReturnValue:
    """A second registration of the tool at the public address, under another client."""
    client_id = request.form.get("client_id", "")
    if not client_id or registrations.find(client_id):
        abort(409 if client_id else 400)
    store.session().add(registrations.described(client_id, settings.current().public_url))
    store.session().flush()
    registrations.deploy(client_id, request.form.get("deployment") or "1")
    return _done(known(registrations.find, client_id))


@bp.post("/tools/<client_id>/deployments")
def deploy(client_id: str) -> ResponseReturnValue:
    """Deploy a tool once more."""
    tool = known(registrations.find, client_id)
    deployment_id = request.form.get("deployment", "").strip()
    if not deployment_id or len(deployment_id) > 255 or "/" in deployment_id:
        abort(400)
    registrations.deploy(tool.client_id, deployment_id)
    return _done(tool)


@bp.get("/tools/register")
def register_page() -> ResponseReturnValue:
    """Open the tool's registration address, in a frame or (``target=window``) in a window of its own."""
    teacher()
    url = request.args.get("url", "").strip()
    if urlsplit(url).scheme not in ("https", "http") or not urlsplit(url).netloc:
        abort(400)
    opened = dynamic_registration.address_with(url, dynamic_registration.invite(switches.profile()))
    in_window = request.args.get("target") == "window"
    answer = make_response(render_template("sandbox/register.html", url=opened, in_window=in_window))
    answer.headers["Content-Security-Policy"] = policy(url)
    return answer


@bp.post("/registration-tokens")
def invite() -> ResponseReturnValue:
    """What the page would append to a tool's address, for programs."""
    dynamic_registration.forget_old_tokens()
    return jsonify(dynamic_registration.invite(switches.profile())), 201


@bp.get(addresses.CONFIGURATION_PATH)
def configuration() -> ResponseReturnValue:
    """The platform describes itself to a tool."""
    return jsonify(dynamic_registration.configuration(switches.profile(), _bearer()))


@bp.post(addresses.REGISTRATION_PATH)
def register() -> ResponseReturnValue:
    """A tool registers itself."""
    profile = switches.profile()
    made = dynamic_registration.register(_body(), _bearer(), profile)
    shown = dynamic_registration.shown(made.tool, profile, access_token=made.access_token)
    return _json(shown, profile, status=200 if Quirk.REGISTRATION_ERRORS_IN_WORDS in profile else 201)


@bp.get(f"{addresses.REGISTRATION_PATH}/<client_id>")
def show_registration(client_id: str) -> ResponseReturnValue:
    """A tool reads its registration (RFC 7592, section 2.1)."""
    tool = _own_registration(client_id)
    return _json(dynamic_registration.shown(tool, switches.profile()), switches.profile())


@bp.put(f"{addresses.REGISTRATION_PATH}/<client_id>")
def replace_registration(client_id: str) -> ResponseReturnValue:
    """A tool describes itself anew (RFC 7592, section 2.2)."""
    tool = _own_registration(client_id)
    profile = switches.profile()
    tool_keys.forget(tool.jwks_url)
    dynamic_registration.replace(tool, _body(), profile)
    return _json(dynamic_registration.shown(tool, profile), profile)


@bp.get("/tools.json")
def for_programs() -> Response:
    """Every registration as it is kept."""
    return jsonify([_described(tool) for tool in registrations.everything()])


@bp.post("/notices")
def send_notice() -> ResponseReturnValue:
    """Try the handlers of tools with ``LtiHelloWorldNotice``."""
    if request.form.get("type") != NOTICE_TYPES[0]:
        abort(400)
    notices.say_hello(switches.profile())
    return notices_for_programs()


@bp.get("/notices.json")
def notices_for_programs() -> Response:
    """Every notice that was sent, and what the tool answered."""
    return jsonify([_notice_described(notice) for notice in notices.sent()])


def registration_refused(refusal: RegistrationRefused) -> Response:
    """In plain words, in a list, or as RFC 7591, section 3.2.2 has it."""
    profile = switches.profile()
    if Quirk.REGISTRATION_ERRORS_IN_WORDS in profile:
        return Response(refusal.description, status=refusal.status, content_type="text/html; charset=utf-8")
    if Quirk.REGISTRATION_ERRORS_IN_LIST in profile:
        status = refusal.status if refusal.status == 401 else 422
        return _json({"errors": [{"field": "registration", "message": refusal.description}]}, profile, status=status)
    body = {"error": refusal.error, "error_description": refusal.description}
    return _json(body, profile, status=refusal.status)


def _own_registration(client_id: str) -> Tool:
    tool = registrations.find(client_id)
    if tool is None or not dynamic_registration.may_change(tool, _bearer()):
        raise RegistrationRefused("invalid_token", "This is not the token of this registration", status=401)
    return tool


def _bearer() -> str:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _body() -> Mapping[str, object]:
    if request.mimetype != "application/json":
        raise RegistrationRefused("invalid_client_metadata", "The registration must be sent as application/json")
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise RegistrationRefused("invalid_client_metadata", "The body must be a JSON object")
    return body


def _json(value: object, profile: Profile, *, status: int = 200) -> Response:
    return Response(wording.text(value, profile), status=status, content_type="application/json")


def _done(tool: Tool) -> ResponseReturnValue:
    if wants_json():
        return jsonify(_described(tool)), 201
    return redirect(url_for("tools.page"), 303)


def _described(tool: Tool) -> dict[str, object]:
    return {
        "client_id": tool.client_id,
        "name": tool.name,
        "deployments": list(registrations.deployments(tool.client_id)),
        "login_url": tool.login_url,
        "redirect_uris": tool.redirect_uris,
        "jwks_url": tool.jwks_url,
        "target_url": tool.target_url,
        "deep_link_url": tool.deep_link_url,
        "scope": tool.scope,
        "claims": tool.claims,
        "custom": tool.custom,
        "messages": _messages(tool),
    }


def _messages(tool: Tool) -> object:
    configured = tool.registration.get(TOOL_CONFIGURATION)
    return configured.get("messages", []) if isinstance(configured, dict) else []


def _notice_described(notice: SentNotice) -> dict[str, object]:
    return {
        "id": notice.id,
        "client": notice.client_id,
        "deployment": notice.deployment_id,
        "type": notice.notice_type,
        "handler": notice.handler,
        "context": notice.context_id,
        "status": notice.status,
    }
