from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from flask.testing import FlaskClient

from tests.lms.oauth.machine import Machine

METHODS = ["client_secret_basic", "private_key_jwt"]


def test_the_metadata_name_every_endpoint_that_is_there(client: FlaskClient) -> None:
    answer = client.get("/.well-known/oauth-authorization-server")

    assert answer.get_json() == {
        "issuer": "http://localhost:8000",
        "token_endpoint": "http://localhost:8000/oauth/token",
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256"],
        "revocation_endpoint": "http://localhost:8000/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256"],
        "introspection_endpoint": "http://localhost:8000/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": METHODS,
        "introspection_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256"],
        "jwks_uri": "http://localhost:8000/.well-known/jwks.json",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": [
            "completions:write",
            "certificates:read",
            "records:read",
            "register:read",
            "plans:read",
            "tokens:introspect",
        ],
        "service_documentation": "http://localhost:8000/api/v1/docs",
    }
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


def test_the_metadata_are_what_the_standard_asks_for(client: FlaskClient) -> None:
    said = client.get("/.well-known/oauth-authorization-server").get_json()
    said["issuer"] = "https://bilim.example.org"
    said["response_types_supported"] = ["none"]  # Authlib takes an empty list, which RFC 8414 allows, for a missing one

    AuthorizationServerMetadata(said).validate()


def test_the_key_set_holds_public_parts_only(machine: Machine, client: FlaskClient) -> None:
    machine.token()

    (key,) = client.get("/.well-known/jwks.json").get_json()["keys"]

    assert sorted(key) == ["alg", "e", "kid", "kty", "n", "use"]
    assert (key["alg"], key["use"]) == ("RS256", "sig")


def test_a_browser_form_of_another_page_cannot_use_the_endpoints(client: FlaskClient) -> None:
    """They need no CSRF token, because no cookie opens them."""
    answer = client.post("/oauth/token", data={"grant_type": "client_credentials"})

    assert answer.get_json()["error"] == "invalid_client"


def test_tokens_are_not_given_to_get(client: FlaskClient) -> None:
    answer = client.get("/oauth/token")

    assert (answer.status_code, answer.get_json()["code"]) == (405, "method-not-allowed")
    assert answer.content_type == "application/problem+json"
