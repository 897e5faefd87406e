"""The sandbox's own addresses, all under its public one; service addresses look as the profile wants."""

from collections.abc import Mapping
from urllib.parse import urlencode

from lms.core import settings
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk

AUTHORIZE_PATH = "/oidc/authorize"
TOKEN_PATH = "/oidc/token"  # noqa: S105 - an address
JWKS_PATH = "/oidc/jwks.json"
CONFIGURATION_PATH = "/lti/openid-configuration"
REGISTRATION_PATH = "/lti/registration"

SHARED_ISSUER = "https://canvas.instructure.com"
BRIGHTSPACE_AUDIENCE = "https://api.brightspace.com/auth/token"


def base() -> str:
    """Scheme, host and port, no slash at the end."""
    return settings.current().sandbox_url


def issuer(profile: Profile) -> str:
    """How the platform names itself: by its address, unless all tenants share one name."""
    return SHARED_ISSUER if Quirk.SHARED_ISSUER in profile else base()


def token() -> str:
    """The token endpoint."""
    return base() + TOKEN_PATH


def token_audience(profile: Profile) -> str:
    """The ``aud`` that client assertions must name."""
    return BRIGHTSPACE_AUDIENCE if Quirk.BRIGHTSPACE_AUDIENCE in profile else token()


def deep_link_return(deep_linking_id: str) -> str:
    """Where the tool brings the browser back with content."""
    return f"{base()}/deep-linking/return/{deep_linking_id}"


def service_query(profile: Profile) -> dict[str, str]:
    """What every service address carries behind its question mark."""
    return {"type_id": "3"} if Quirk.QUERY_IN_ADDRESSES in profile else {}


def line_items(profile: Profile, context_id: int, **query: str) -> str:
    """The container of a course's columns."""
    return _service(profile, context_id, "lineitems", "lineItems", query)


def line_item(profile: Profile, context_id: int, item_id: int) -> str:
    """One column; this address is its identifier."""
    return _service(profile, context_id, f"lineitems/{item_id}/lineitem", f"lineItems/_{item_id}_1", {})


def results(profile: Profile, context_id: int, item_id: int, **query: str) -> str:
    """All results in a column."""
    paths = (f"lineitems/{item_id}/lineitem/results", f"lineItems/_{item_id}_1/results")
    return _service(profile, context_id, *paths, query)


def result(profile: Profile, context_id: int, item_id: int, user_id: str) -> str:
    """One person's result in a column."""
    paths = (f"lineitems/{item_id}/lineitem/results/{user_id}", f"lineItems/_{item_id}_1/results/{user_id}")
    return _service(profile, context_id, *paths, {})


def memberships(profile: Profile, context_id: int, **query: str) -> str:
    """The roster; no profile gives it a query of its own (Moodle 32)."""
    carried = urlencode(query)
    if Quirk.UNDERSCORED_ADDRESSES in profile:
        address = f"{base()}/learn/api/v1/lti/external/namesandroles/_{context_id}_1"
    else:
        address = f"{base()}/services/contexts/{context_id}/memberships"
    return address + (f"?{carried}" if carried else "")


def groups(profile: Profile, context_id: int, **query: str) -> str:
    """The course groups."""
    return _service(profile, context_id, "groups", "groups", query)


def group_sets(profile: Profile, context_id: int, **query: str) -> str:
    """The sets into which groups are put."""
    return _service(profile, context_id, "groupsets", "groupsets", query)


def notice_handlers(client_id: str, deployment_id: str) -> str:
    """Where a tool says that it wants to hear of something."""
    return f"{base()}/services/notice-handlers/{client_id}/{deployment_id}"


def registration_of(client_id: str) -> str:
    """Where a tool reads and changes its registration (RFC 7592)."""
    return f"{base()}{REGISTRATION_PATH}/{client_id}"


def _service(profile: Profile, context_id: int, path: str, underscored: str, query: Mapping[str, str]) -> str:
    carried = urlencode({**service_query(profile), **query})
    if Quirk.UNDERSCORED_ADDRESSES in profile:
        address = f"{base()}/learn/api/v1/lti/courses/_{context_id}_1/{underscored}"
    else:
        address = f"{base()}/services/contexts/{context_id}/{path}"
    return address + (f"?{carried}" if carried else "")
