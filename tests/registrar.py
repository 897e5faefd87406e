"""A platform's side of dynamic registration, for tests: a real server that answers as Moodle, Canvas or Brightspace do.

The shapes are those of mod/lti/openid-configuration.php and openid-registration.php (Moodle 4.5), of Canvas's
doc/api/registration.md, and of issue threads about Brightspace.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.platform import Asked, Platform, Reply, running

LTI = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL_PART = "https://purl.imsglobal.org/spec/lti-tool-configuration"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
MEMBERSHIP_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"


@dataclass
class Registrar(Platform):
    """Describes itself and registers tools. Change ``described`` or ``answered``, or ``replies``, to make it differ."""

    described: dict[str, Any] = field(default_factory=dict)
    answered: dict[str, Any] = field(default_factory=dict)
    registration_token: str | None = "token-of-the-platform"

    @property
    def configuration_url(self) -> str:
        """Where it describes itself."""
        return f"{self.url}/openid-configuration"

    def sent(self) -> dict[str, str]:
        """What it adds to the address of the tool."""
        given = {"openid_configuration": self.configuration_url, "registration_token": self.registration_token}
        return {name: value for name, value in given.items() if value is not None}

    def asked_to_register(self) -> dict[str, Any]:
        """The body of the one registration request that reached it."""
        asked = self.asked_for("/register")
        assert len(asked) == 1
        body: dict[str, Any] = json.loads(asked[0].body)
        return body

    def reply_to(self, asked: Asked) -> Reply:
        """As the tests' platform; besides, its description and its registration."""
        path = asked.path.partition("?")[0]
        if path in self.replies or path not in ("/openid-configuration", "/register"):
            return super().reply_to(asked)
        self.asked.append(asked)
        if (
            self.registration_token is not None
            and asked.headers.get("Authorization") != f"Bearer {self.registration_token}"
        ):
            return Reply(401, b"missing_registration_token", {"Content-Type": "text/html"})
        answer = self.described if path == "/openid-configuration" else self._registered(json.loads(asked.body))
        return Reply(body=json.dumps(answer).encode(), headers={"Content-Type": "application/json"})

    def _registered(self, wanted: dict[str, Any]) -> dict[str, Any]:
        return {**wanted, "client_id": self.client_id, **self.answered}


@contextmanager
def moodle() -> Iterator[Registrar]:
    """Messages as bare words, a deployment in the answer, and scopes in the answer that it may not grant."""
    with running(Registrar) as platform:
        assert isinstance(platform, Registrar)
        _describe(platform)
        platform.described |= {
            "scopes_supported": [
                *(AGS + name for name in ("score", "result.readonly", "lineitem.readonly", "lineitem")),
                MEMBERSHIP_SCOPE,
                "https://purl.imsglobal.org/spec/lti-ts/scope/toolsetting",
                "openid",
            ],
            "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
            LTI: {
                "product_family_code": "moodle",
                "version": "4.5.7 (Build: 20251006)",
                "messages_supported": ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"],
                "placements": ["AddContentMenu"],
                "variables": ["ResourceLink.id", "Context.id.history"],
            },
        }
        platform.answered = {TOOL_PART: {"version": "1.3.0", "deployment_id": "4", "claims": ["sub", "iss", "name"]}}
        yield platform


@contextmanager
def canvas() -> Iterator[Registrar]:
    """Messages as objects with places, a bare host as authorization server, no deployment, fewer scopes."""
    with running(Registrar) as platform:
        assert isinstance(platform, Registrar)
        _describe(platform)
        platform.client_id = "10000000000001"
        platform.described |= {
            "scopes_supported": [
                AGS + "lineitem",
                AGS + "score",
                "https://canvas.instructure.com/lti/public_jwk/scope/update",
            ],
            "claims_supported": ["sub", "picture", "email", "name", "given_name", "family_name", "locale"],
            "authorization_server": "canvas.instructure.com",
            LTI: {
                "product_family_code": "canvas",
                "version": "vCloud",
                "messages_supported": [
                    {"type": "LtiResourceLinkRequest", "placements": ["account_navigation", "link_selection"]},
                    {"type": "LtiDeepLinkingRequest", "placements": ["assignment_selection", "link_selection"]},
                ],
                "variables": ["ResourceLink.id"],
                "https://canvas.instructure.com/lti/account_name": "Test University",
            },
        }
        yield platform


def _describe(platform: Registrar) -> None:
    platform.issuer = platform.url
    platform.described = {
        "issuer": platform.url,
        "authorization_endpoint": f"{platform.url}/auth",
        "token_endpoint": f"{platform.url}/token",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": f"{platform.url}/jwks",
        "registration_endpoint": f"{platform.url}/register",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
