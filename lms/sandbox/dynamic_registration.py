"""A tool registers itself (LTI dynamic registration 1.0; OpenID Connect registration; RFC 7591, RFC 7592)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from sqlalchemy import delete, update

from lms.core import clock
from lms.sandbox import addresses, claims, registrations, store, tokens
from lms.sandbox.demo import DEPLOYMENT_ID
from lms.sandbox.models import RegistrationToken, Tool
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.refusals import RegistrationRefused

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOKEN_LIFE = timedelta(hours=1)
REQUIRED = (
    "response_types",
    "initiate_login_uri",
    "redirect_uris",
    "client_name",
    "jwks_uri",
    "token_endpoint_auth_method",
    TOOL_CONFIGURATION,
)
REQUIRED_OF_CONFIGURATION = ("domain", "target_link_uri")
MESSAGES = (
    "LtiResourceLinkRequest",
    "LtiDeepLinkingRequest",
    "LtiSubmissionReviewRequest",
    "LtiDataPrivacyLaunchRequest",
)
VARIABLES = (
    "Context.id",
    "Context.id.history",
    "ResourceLink.id",
    "ResourceLink.id.history",
    "ResourceLink.available.startDateTime",
    "ResourceLink.available.endDateTime",
    "ResourceLink.submission.startDateTime",
    "ResourceLink.submission.endDateTime",
    "Person.sourcedId",
    "User.username",
    "CourseSection.sourcedId",
    "Person.address.timezone",
)


@dataclass(frozen=True)
class Registered:
    """A tool that has registered itself, and the token with which it may change that."""

    tool: Tool
    access_token: str


def invite(profile: Profile) -> dict[str, str]:
    """What is appended to the tool's address: where the configuration is, and a token that works once."""
    invitation = {"openid_configuration": addresses.base() + addresses.CONFIGURATION_PATH}
    if Quirk.NO_REGISTRATION_TOKEN in profile:
        return invitation
    token = secrets.token_urlsafe(32)
    expires_at = clock.now() + TOKEN_LIFE
    store.session().add(RegistrationToken(hashed=tokens.hashed(token), expires_at=expires_at, used_at=None))
    return {**invitation, "registration_token": token}


def address_with(url: str, invitation: Mapping[str, str]) -> str:
    """The tool's address with the invitation in its query."""
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(invitation)}"


def configuration(profile: Profile, token: str) -> dict[str, object]:
    """The platform's OpenID configuration.

    :raises RegistrationRefused: 401 where it is given to those who were invited only.
    """
    if Quirk.CONFIGURATION_NEEDS_TOKEN in profile and not _is_good(token):
        raise RegistrationRefused("invalid_token", "The registration token is needed", status=401)
    methods: object = [{"type": kind} for kind in MESSAGES]
    if Quirk.MESSAGES_ARE_STRINGS in profile:
        methods = list(MESSAGES[:2])
    return {
        "issuer": addresses.issuer(profile),
        "authorization_endpoint": addresses.base() + addresses.AUTHORIZE_PATH,
        "token_endpoint": addresses.token(),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": addresses.base() + addresses.JWKS_PATH,
        "registration_endpoint": addresses.base() + addresses.REGISTRATION_PATH,
        "scopes_supported": ["openid", *tokens.ALL_SCOPES],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": registrations.CLAIMS,
        **_authorization_server(profile),
        PLATFORM_CONFIGURATION: {
            "product_family_code": profile.family_code or profile.code,
            "version": profile.version or "1",
            "messages_supported": methods,
            "notice_types_supported": [] if Quirk.NO_NOTICES in profile else list(claims.NOTICE_TYPES),
            "variables": list(VARIABLES),
        },
    }


def register(body: Mapping[str, object], token: str, profile: Profile) -> Registered:
    """Enter a tool. The token is used up only by a registration that is taken.

    :raises RegistrationRefused: 401 without a good token; 400 at the first thing that is missing or wrong.
    """
    if Quirk.NO_REGISTRATION_TOKEN not in profile and not _is_good(token):
        raise RegistrationRefused("invalid_token", "token_already_used", status=401)
    tool = Tool(client_id=f"client-{secrets.token_hex(8)}", registered_at=clock.now())
    _fill(tool, body, profile)
    _use(token)
    access_token = secrets.token_urlsafe(32)
    tool.access_token_hash = tokens.hashed(access_token)
    store.session().add(tool)
    store.session().flush()
    registrations.deploy(tool.client_id, DEPLOYMENT_ID)
    return Registered(tool, access_token)


def replace(tool: Tool, body: Mapping[str, object], profile: Profile) -> None:
    """The registration described anew, in full (RFC 7592, section 2.2).

    :raises RegistrationRefused: 400.
    """
    if body.get("client_id", tool.client_id) != tool.client_id:
        raise RegistrationRefused("invalid_client_metadata", "client_id may not be changed")
    _fill(tool, body, profile)


def may_change(tool: Tool | None, token: str) -> bool:
    """Whether this is the token that the tool was given for its registration."""
    return tool is not None and bool(token) and tool.access_token_hash == tokens.hashed(token)


def shown(tool: Tool, profile: Profile, *, access_token: str = "") -> dict[str, object]:
    """The registration as the platform answers it."""
    sent = tool.registration.get(TOOL_CONFIGURATION)
    configured = dict(sent) if isinstance(sent, dict) else {}
    if Quirk.NO_DEPLOYMENT_IN_ANSWER not in profile:
        deployments = registrations.deployments(tool.client_id)
        configured["deployment_id"] = deployments[0] if deployments else DEPLOYMENT_ID
    described: dict[str, object] = {
        **tool.registration,
        "client_id": tool.client_id,
        "scope": _named_scope(tool, profile),
        TOOL_CONFIGURATION: configured,
        "registration_client_uri": addresses.registration_of(tool.client_id),
    }
    return {**described, "registration_access_token": access_token} if access_token else described


def forget_old_tokens() -> None:
    """Tokens that have expired are of no use to anybody."""
    store.session().execute(delete(RegistrationToken).where(RegistrationToken.expires_at < clock.now()))


def _fill(tool: Tool, body: Mapping[str, object], profile: Profile) -> None:
    for name in REQUIRED:
        if not body.get(name):
            raise RegistrationRefused("invalid_client_metadata", f"missing required attribute {name}")
    configured = _configuration_in(body)
    _refuse_wrong_values(body, configured, profile)
    tool.name = str(body["client_name"])
    tool.login_url = _address(body, "initiate_login_uri")
    tool.redirect_uris = _redirect_uris(body)
    tool.jwks_url = _address(body, "jwks_uri")
    tool.target_url = _address(configured, "target_link_uri")
    tool.deep_link_url = _target_of_message(configured, "LtiDeepLinkingRequest") or tool.target_url
    tool.privacy_url = (
        _target_of_message(configured, "LtiDataPrivacyLaunchRequest")
        or _target_of_message(configured, "DataPrivacyLaunchRequest")
        or tool.target_url
    )
    tool.scope = _granted_scope(body)
    tool.claims = [str(claim) for claim in _list(configured.get("claims"))]
    tool.custom = _custom(configured)
    tool.registration = dict(body)


def _configuration_in(body: Mapping[str, object]) -> Mapping[str, object]:
    configured = body[TOOL_CONFIGURATION]
    if not isinstance(configured, dict):
        raise RegistrationRefused("invalid_client_metadata", f"{TOOL_CONFIGURATION} must be an object")
    for name in REQUIRED_OF_CONFIGURATION:
        if not configured.get(name):
            raise RegistrationRefused("invalid_client_metadata", f"missing required attribute {name}")
    return configured


def _refuse_wrong_values(body: Mapping[str, object], configured: Mapping[str, object], profile: Profile) -> None:
    if "id_token" not in _list(body["response_types"]):
        raise RegistrationRefused("invalid_client_metadata", "invalid_response_types")
    if body["token_endpoint_auth_method"] != "private_key_jwt":  # noqa: S105 - the name of a method
        raise RegistrationRefused("invalid_client_metadata", "invalid_token_endpoint_auth_method")
    if body.get("application_type", "web") != "web":
        raise RegistrationRefused("invalid_client_metadata", "invalid_application_type")
    missing = {"client_credentials", "implicit"} - {str(grant) for grant in _list(body.get("grant_types"))}
    if missing and "grant_types" in body:
        raise RegistrationRefused("invalid_client_metadata", f"grant_types lacks {', '.join(sorted(missing))}")
    _refuse_other_domain(configured, profile)


def _refuse_other_domain(configured: Mapping[str, object], profile: Profile) -> None:
    target = urlsplit(str(configured["target_link_uri"]))
    allowed = {target.netloc} if Quirk.DOMAIN_WITH_PORT in profile else {target.netloc, target.hostname}
    if configured["domain"] not in allowed:
        raise RegistrationRefused("invalid_client_metadata", "domain_targetlinkuri_mismatch")


def _redirect_uris(body: Mapping[str, object]) -> list[str]:
    uris = _list(body["redirect_uris"])
    if not uris or not all(isinstance(uri, str) and urlsplit(uri).netloc for uri in uris):
        raise RegistrationRefused("invalid_redirect_uri", "invalid_redirect_uris")
    return [str(uri) for uri in uris]


def _address(members: Mapping[str, object], name: str) -> str:
    value = members[name]
    if not isinstance(value, str) or urlsplit(value).scheme not in ("https", "http") or not urlsplit(value).netloc:
        raise RegistrationRefused("invalid_client_metadata", f"{name} must be an address")
    return value


def _target_of_message(configured: Mapping[str, object], kind: str) -> str:
    for message in _list(configured.get("messages")):
        if isinstance(message, dict) and message.get("type") == kind:
            return str(message.get("target_link_uri") or "")
    return ""


def _granted_scope(body: Mapping[str, object]) -> str:
    """Scopes stand at the top level, not in the tool's configuration."""
    asked = str(body.get("scope") or "").split()
    return " ".join(scope for scope in tokens.ALL_SCOPES if scope in asked)


def _named_scope(tool: Tool, profile: Profile) -> str:
    scopes = tool.scope.split()
    if Quirk.SCOPE_IS_OVERSTATED in profile and tokens.LINE_ITEM not in scopes and tokens.LINE_ITEM_READ_ONLY in scopes:
        scopes.append(tokens.LINE_ITEM)
    return " ".join(scopes)


def _custom(configured: Mapping[str, object]) -> dict[str, str]:
    custom = configured.get("custom_parameters", {})
    if not isinstance(custom, dict) or not all(isinstance(text, str) for text in custom.values()):
        raise RegistrationRefused("invalid_client_metadata", "custom_parameters must be texts")
    return custom


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _authorization_server(profile: Profile) -> dict[str, str]:
    """The audience of assertions where it is not the token endpoint."""
    if Quirk.BRIGHTSPACE_AUDIENCE in profile:
        return {"authorization_server": addresses.BRIGHTSPACE_AUDIENCE}
    return {}


def _is_good(token: str) -> bool:
    found = store.session().get(RegistrationToken, tokens.hashed(token)) if token else None
    return found is not None and found.used_at is None and found.expires_at > clock.now()


def _use(token: str) -> None:
    """:raises RegistrationRefused: 401 if somebody else was faster."""
    if not token:
        return
    unused = update(RegistrationToken).where(
        RegistrationToken.hashed == tokens.hashed(token), RegistrationToken.used_at.is_(None)
    )
    store.session().execute(unused.values(used_at=clock.now()))
