"""The OpenID provider: what it says about itself, its keys, and the calls that turn a code into an answer.

Everything here calls another service, so no transaction may be open. What the provider says about itself is kept in this
process for a day; its keys are asked for again when a token names one that we do not know, at most once a minute.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlsplit

from flask import current_app

from lms.core import clock, http, settings
from lms.core.errors import RemoteFailure
from lms.core.i18n import _l

KEPT_FOR = timedelta(days=1)
ASK_AGAIN_AFTER = timedelta(minutes=1)

Keys = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Provider:
    """What we need of the provider's own description (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_url: str
    token_url: str
    jwks_url: str
    userinfo_url: str | None
    end_session_url: str | None
    algorithms: tuple[str, ...]
    posts_answers: bool
    """Whether it can send its answer as a form: then no code stands in an address (OAuth form_post response mode)."""
    secret_in_body: bool
    """Whether it takes our secret only in the body of the token request; else in a header (RFC 6749, 2.3.1)."""
    names_itself_in_answers: bool
    """RFC 9207: every answer says from whom it comes."""


@dataclass(frozen=True)
class Answer:
    """What the token endpoint gave for a code."""

    id_token: str
    access_token: str


@dataclass
class _Memory:
    """What this process knows of the provider."""

    provider: Provider | None = None
    described_at: datetime | None = None
    keys: Keys = ()
    keys_asked_at: datetime | None = None


def known() -> Provider | None:
    """The provider as this process last saw it; asks nobody."""
    return _memory().provider


def described() -> Provider:
    """The provider, asked at most once a day.

    :raises RemoteFailure: ``provider-unavailable``, ``provider-not-usable``; an old description stays good if the
        provider does not answer.
    """
    memory = _memory()
    is_fresh = memory.described_at is not None and memory.described_at + KEPT_FOR > clock.now()
    if memory.provider is not None and is_fresh:
        return memory.provider
    try:
        memory.provider, memory.described_at = _asked_for_description(), clock.now()
    except RemoteFailure as failure:
        if memory.provider is None or not failure.retryable:
            raise
    return memory.provider


def keys(provider: Provider, *, kid: str | None) -> Keys:
    """The provider's keys, with the one of this id if the provider has it.

    :raises RemoteFailure: ``provider-unavailable`` if we have none at all.
    """
    memory, now = _memory(), clock.now()
    age = now - (memory.keys_asked_at or datetime.min.replace(tzinfo=UTC))
    is_known = kid in {key.get("kid") for key in memory.keys}
    if not memory.keys or age >= (KEPT_FOR if is_known else ASK_AGAIN_AFTER):
        memory.keys_asked_at = now
        memory.keys = _asked_for_keys(provider.jwks_url, instead=memory.keys)
    return memory.keys


def exchanged(provider: Provider, *, code: str, verifier: str, redirect_uri: str) -> Answer:
    """Turn a code into tokens, proving who we are by our secret and that the code is ours by PKCE (RFC 7636, 4.5).

    :raises RemoteFailure: ``code-not-accepted``, ``provider-unavailable``.
    """
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    configured = settings.current()
    client_id, secret = configured.staff_client_id, configured.staff_client_secret
    headers = {"Accept": "application/json"}
    if provider.secret_in_body:
        form |= {"client_id": client_id, "client_secret": secret}
    else:
        pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
        headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
    return _tokens(http.post(provider.token_url, data=form, headers=headers))


def userinfo(provider: Provider, access_token: str) -> Mapping[str, Any]:
    """More about the person; nothing if the provider says nothing (OpenID Connect core, 5.3)."""
    if provider.userinfo_url is None or not access_token:
        return {}
    headers = {"Accept": "application/json", "Authorization": f"Bearer {access_token}"}
    try:
        answer = http.get(provider.userinfo_url, headers=headers)
    except RemoteFailure:
        return {}
    return _object(answer) if answer.is_success else {}


def _memory() -> _Memory:
    memory: _Memory = current_app.extensions.setdefault("bilim.signin.provider", _Memory())
    return memory


def _asked_for_description() -> Provider:
    issuer = settings.current().staff_issuer
    # Discovery 1.0, 4.1: a terminating slash of the issuer is left out before the well-known part.
    answer = http.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration", headers={"Accept": "application/json"})
    if not answer.is_success:
        raise _unavailable("provider description", answer.status)
    return _read(_object(answer), issuer)


def _read(said: Mapping[str, Any], issuer: str) -> Provider:
    """Discovery 1.0, 4.3: the issuer is exactly the one that we asked, or somebody else answered."""
    if said.get("issuer") != issuer:
        raise _not_usable()
    return Provider(
        issuer=issuer,
        authorization_url=_address(said, "authorization_endpoint"),
        token_url=_address(said, "token_endpoint"),
        jwks_url=_address(said, "jwks_uri"),
        userinfo_url=said.get("userinfo_endpoint") if isinstance(said.get("userinfo_endpoint"), str) else None,
        end_session_url=said.get("end_session_endpoint") if isinstance(said.get("end_session_endpoint"), str) else None,
        algorithms=_texts(said, "id_token_signing_alg_values_supported") or ("RS256",),
        posts_answers="form_post" in _texts(said, "response_modes_supported"),
        secret_in_body=_takes_secret_only_in_body(said),
        names_itself_in_answers=said.get("authorization_response_iss_parameter_supported") is True,
    )


def _takes_secret_only_in_body(said: Mapping[str, Any]) -> bool:
    """Discovery 1.0, 3: if the provider does not say how, it is by the header."""
    methods = _texts(said, "token_endpoint_auth_methods_supported")
    return "client_secret_post" in methods and "client_secret_basic" not in methods


def _address(said: Mapping[str, Any], name: str) -> str:
    """An address as safe as the issuer's own."""
    value = said.get(name)
    if not isinstance(value, str) or not value.startswith(("https://", f"{urlsplit(said['issuer']).scheme}://")):
        raise _not_usable()
    return value


def _texts(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = said.get(name)
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def _asked_for_keys(jwks_url: str, *, instead: Keys) -> Keys:
    try:
        answer = http.get(jwks_url, headers={"Accept": "application/json"})
    except RemoteFailure:
        if instead:
            return instead
        raise
    listed = _object(answer).get("keys") if answer.is_success else None
    found = tuple(key for key in listed if isinstance(key, dict)) if isinstance(listed, list) else ()
    if not found and not instead:
        raise _unavailable("provider key set", answer.status)
    return found or instead


def _tokens(answer: http.Answer) -> Answer:
    said = _object(answer)
    if answer.status >= 500:
        raise _unavailable("provider token endpoint", answer.status)
    if not answer.is_success or not isinstance(said.get("id_token"), str):
        raise RemoteFailure(
            "code-not-accepted",
            _l("The sign-in service did not confirm your sign-in. Sign in again from the beginning."),
            asked="provider token endpoint",
            status_code=answer.status,
            retryable=False,
        )
    access_token = said.get("access_token")
    return Answer(id_token=said["id_token"], access_token=access_token if isinstance(access_token, str) else "")


def _object(answer: http.Answer) -> Mapping[str, Any]:
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _unavailable(asked: str, status: int) -> RemoteFailure:
    return RemoteFailure(
        "provider-unavailable",
        _l("The sign-in service does not answer now. Try again in a minute."),
        asked=asked,
        status_code=status,
    )


def _not_usable() -> RemoteFailure:
    return RemoteFailure(
        "provider-not-usable",
        _l("The sign-in service is not set up correctly. Tell the operator of this service."),
        asked="provider description",
        retryable=False,
    )
