"""The claims of a launch, as frozen values. Unknown claims are ignored, as the specification asks (core 4.3).

Reading never refuses: a claim of the wrong shape, or with signs that no database keeps, reads as absent, and
:mod:`lms.lti.checks` refuses what is missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

_CORE = "https://purl.imsglobal.org/spec/lti/claim/"
MESSAGE_TYPE = f"{_CORE}message_type"
VERSION = f"{_CORE}version"
DEPLOYMENT_ID = f"{_CORE}deployment_id"
TARGET_LINK_URI = f"{_CORE}target_link_uri"
RESOURCE_LINK = f"{_CORE}resource_link"
ROLES = f"{_CORE}roles"
CONTEXT = f"{_CORE}context"
TOOL_PLATFORM = f"{_CORE}tool_platform"
LAUNCH_PRESENTATION = f"{_CORE}launch_presentation"
CUSTOM = f"{_CORE}custom"
NOTICE = f"{_CORE}notice"
ORIGIN_CONTEXTS = f"{_CORE}origin_contexts"
NOTICE_SERVICE = f"{_CORE}platformnotificationservice"
AGS_ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
MEMBERSHIP_SERVICE = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GROUP_SERVICE = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"

GROUPS_SCOPE = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
NOTICES_SCOPE = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
CONTEXT_COPY = "LtiContextCopyNotice"

FOR_USER = f"{_CORE}for_user"
DEEP_LINKING_SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"

RESOURCE_LINK_REQUEST = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST = "LtiDeepLinkingRequest"
SUBMISSION_REVIEW_REQUEST = "LtiSubmissionReviewRequest"
DATA_PRIVACY_REQUEST = "LtiDataPrivacyLaunchRequest"
OLD_DATA_PRIVACY_REQUEST = "DataPrivacyLaunchRequest"
"""The same message, as Sakai, Canvas and most libraries call it."""

_UNRESOLVED = re.compile(r"\$[A-Z][A-Za-z0-9]*(\.[A-Za-z0-9]+)+")
"""A substitution variable that the platform did not know comes back as it was written."""
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""PostgreSQL keeps no zero byte, and half of a surrogate pair is no UTF-8."""


@dataclass(frozen=True)
class ContextClaim:
    """The course of the platform."""

    id: str
    label: str
    title: str


@dataclass(frozen=True)
class ServiceClaims:
    """Where the course's other services are, as far as we may use them."""

    memberships_url: str | None = None
    groups_url: str | None = None
    group_sets_url: str | None = None
    notices_url: str | None = None
    """Only if the platform tells of copied courses there."""


@dataclass(frozen=True)
class LaunchClaims:
    """What a launch says beyond its security: who, where, what, and which services."""

    sub: str
    name: str | None
    deployment_id: str
    target_link_uri: str
    resource_link_id: str
    resource_link_title: str
    roles: tuple[str, ...]
    context: ContextClaim | None
    product_family_code: str | None
    locale: str | None
    return_url: str | None
    custom: Mapping[str, str]
    has_ags: bool
    """Whether the launch says anything about the gradebook at all."""
    ags_scopes: tuple[str, ...]
    line_item_url: str | None
    line_items_url: str | None
    services: ServiceClaims = ServiceClaims()


def read(claims: Mapping[str, Any]) -> LaunchClaims:
    """The values of a resource link launch whose required claims were checked."""
    link = _object(claims, RESOURCE_LINK)
    presentation = _object(claims, LAUNCH_PRESENTATION)
    endpoint = _object(claims, AGS_ENDPOINT)
    return LaunchClaims(
        sub=_text(claims, "sub") or "",
        name=full_name(claims),
        deployment_id=_text(claims, DEPLOYMENT_ID) or "",
        target_link_uri=_text(claims, TARGET_LINK_URI) or "",
        resource_link_id=_text(link, "id") or "",
        resource_link_title=(_text(link, "title") or "")[:255],
        roles=_texts(claims, ROLES),
        context=_context(_object(claims, CONTEXT)),
        product_family_code=(_text(_object(claims, TOOL_PLATFORM), "product_family_code") or "")[:100] or None,
        locale=(_text(presentation, "locale") or _text(claims, "locale") or "")[:35] or None,
        return_url=_web_address(presentation, "return_url"),
        custom=_custom(_object(claims, CUSTOM)),
        has_ags=bool(endpoint),
        ags_scopes=_texts(endpoint, "scope"),
        line_item_url=_text(endpoint, "lineitem"),
        line_items_url=_text(endpoint, "lineitems"),
        services=_services(claims),
    )


def _services(claims: Mapping[str, Any]) -> ServiceClaims:
    """NRPS names no scope; groups and notices do, and without it their addresses are of no use."""
    groups, notices = _object(claims, GROUP_SERVICE), _object(claims, NOTICE_SERVICE)
    may_read_groups = GROUPS_SCOPE in _texts(groups, "scope")
    tells_of_copies = CONTEXT_COPY in _texts(notices, "notice_types_supported")
    may_register = NOTICES_SCOPE in _texts(notices, "scope")
    return ServiceClaims(
        memberships_url=_web_address(_object(claims, MEMBERSHIP_SERVICE), "context_memberships_url"),
        groups_url=_web_address(groups, "context_groups_url") if may_read_groups else None,
        group_sets_url=_web_address(groups, "context_group_sets_url") if may_read_groups else None,
        notices_url=_web_address(notices, "platform_notification_service_url")
        if tells_of_copies and may_register
        else None,
    )


def for_user(claims: Mapping[str, Any]) -> str | None:
    """Whose work or data a message is about: the platform's number. Some call it ``id``."""
    about = _object(claims, FOR_USER)
    return _text(about, "user_id") or _text(about, "id")


def line_item_url(claims: Mapping[str, Any]) -> str | None:
    """The column that a message is about."""
    return _web_address(_object(claims, AGS_ENDPOINT), "lineitem")


def return_url(claims: Mapping[str, Any]) -> str | None:
    """Where the platform wants people back; for refusals, which read nothing else."""
    return _web_address(_object(claims, LAUNCH_PRESENTATION), "return_url")


def full_name(claims: Mapping[str, Any]) -> str | None:
    """The full name, or one put together from its parts in the order in which the claims name them."""
    whole = _text(claims, "name")
    if whole:
        return whole
    parts = [part for key in ("given_name", "middle_name", "family_name") if (part := _text(claims, key))]
    return " ".join(parts) or None


def context_of(claims: Mapping[str, Any]) -> ContextClaim | None:
    """The course, where a message of any kind names one."""
    return _context(_object(claims, CONTEXT))


def origin_contexts(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Ids of the courses that a course was copied from."""
    return tuple(text for text in _texts(claims, ORIGIN_CONTEXTS) if 0 < len(text) <= 255)


def _context(claim: Mapping[str, Any]) -> ContextClaim | None:
    context_id = _text(claim, "id")
    if not context_id or len(context_id) > 255:
        return None
    return ContextClaim(context_id, (_text(claim, "label") or "")[:255], (_text(claim, "title") or "")[:255])


def _custom(claim: Mapping[str, Any]) -> Mapping[str, str]:
    return {
        key: value
        for key, value in claim.items()
        if _is_storable(key) and _is_storable(value) and not _UNRESOLVED.fullmatch(value)
    }


def _object(claims: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = claims.get(key)
    return value if isinstance(value, dict) else {}


def _text(claims: Mapping[str, Any], key: str) -> str | None:
    value = claims.get(key)
    return value.strip() or None if _is_storable(value) else None


def _web_address(claims: Mapping[str, Any], key: str) -> str | None:
    """An address that becomes a link on our pages: ``javascript:`` and its like are none."""
    text = _text(claims, key)
    return text if text and text.lower().startswith(("https://", "http://")) else None


def _texts(claims: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = claims.get(key)
    return tuple(text for text in value if _is_storable(text)) if isinstance(value, list) else ()


def _is_storable(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and not _UNSTORABLE.search(value)
