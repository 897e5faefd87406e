"""The sandbox's own addresses, all under its public one; service addresses carry what the profile wants."""

from urllib.parse import urlencode

from lms.core import settings
from lms.sandbox.demo import COURSE
from lms.sandbox.profiles import Profile

AUTHORIZE_PATH = "/oidc/authorize"
TOKEN_PATH = "/oidc/token"  # noqa: S105 - an address
JWKS_PATH = "/oidc/jwks.json"


def base() -> str:
    """The issuer: scheme, host and port, no slash at the end."""
    return settings.current().sandbox_url


def token() -> str:
    """The token endpoint, which is the audience of client assertions too."""
    return base() + TOKEN_PATH


def line_items(profile: Profile, **query: str) -> str:
    """The container of all columns."""
    return _service(profile, "lineitems", **query)


def line_item(profile: Profile, item_id: int) -> str:
    """One column; this address is its identifier."""
    return _service(profile, f"lineitems/{item_id}/lineitem")


def results(profile: Profile, item_id: int, **query: str) -> str:
    """All results in a column."""
    return _service(profile, f"lineitems/{item_id}/lineitem/results", **query)


def result(profile: Profile, item_id: int, user_id: str) -> str:
    """One person's result in a column."""
    return _service(profile, f"lineitems/{item_id}/lineitem/results/{user_id}")


def _service(profile: Profile, path: str, **query: str) -> str:
    carried = urlencode({**profile.service_query, **query})
    return f"{base()}/services/contexts/{COURSE.number}/{path}" + (f"?{carried}" if carried else "")
