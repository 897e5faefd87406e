"""The sandbox as the sign-in service of an office: OpenID Connect, authorization code flow with PKCE.

It behaves as the Kyrgyz service was seen to: the answer comes as a form, the token says little, and the name, a personal
number and a list of organisations come from the userinfo endpoint - so that the product can be seen to keep none of the
last two. Everything a provider has to check is checked: client, redirect address, PKCE, secret, and that a code is used
once.
"""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from urllib.parse import unquote_plus

from joserfc import jwt
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock, settings
from lms.sandbox import addresses, keys, store
from lms.sandbox.models import Base
from lms.sandbox.refusals import AuthenticationRefused, PageRefused, TokenRefused
from lms.sandbox.staff import StaffPerson, staff_person

PREFIX = "/staff"
"""The issuer has a path, so that the sandbox as learning platform and as sign-in service are two."""
CODE_LIFE = timedelta(minutes=1)
TOKEN_LIFE = timedelta(minutes=5)
INVENTED_PERSONAL_NUMBER = "00000000000000"


class StaffCode(Base):
    """A code on its way, and the access token that it became. Both are kept hashed."""

    __tablename__ = "staff_code"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str]
    nonce: Mapped[str]
    challenge: Mapped[str]
    redirect_uri: Mapped[str]
    made_at: Mapped[datetime]
    access_token_hash: Mapped[str | None] = mapped_column(unique=True)


@dataclass(frozen=True)
class Asked:
    """The parameters of an authentication request, as they came; what is absent is empty."""

    client_id: str
    redirect_uri: str
    response_type: str
    response_mode: str
    scope: str
    state: str
    nonce: str
    code_challenge: str
    code_challenge_method: str


def issuer() -> str:
    """How the service names itself."""
    return f"{addresses.base()}{PREFIX}"


def description() -> dict[str, object]:
    """What it says about itself (OpenID Connect Discovery 1.0, section 3)."""
    return {
        "issuer": issuer(),
        "authorization_endpoint": f"{issuer()}/connect/authorize",
        "token_endpoint": f"{issuer()}/connect/token",
        "userinfo_endpoint": f"{issuer()}/connect/userinfo",
        "jwks_uri": f"{issuer()}/jwks.json",
        "response_types_supported": ["code"],
        "response_modes_supported": ["form_post"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email"],
        "authorization_response_iss_parameter_supported": True,
    }


def refuse_untrusted(asked: Asked) -> None:
    """Client and redirect address must be those of the product, the address to the letter.

    :raises PageRefused: because nobody may be sent to an address that is not registered.
    """
    configured = settings.current()
    if not configured.staff_client_id or asked.client_id != configured.staff_client_id:
        raise PageRefused(400, "client_id is not registered here")
    if asked.redirect_uri != f"{configured.public_url}/staff/callback":
        raise PageRefused(400, "redirect_uri is not exactly the registered one")


def refuse_wrong_form(asked: Asked) -> None:
    """:raises AuthenticationRefused: at the first parameter that is not as it has to be."""
    if asked.response_type != "code":
        raise AuthenticationRefused("unsupported_response_type", "response_type must be code")
    if asked.response_mode != "form_post":
        raise AuthenticationRefused("invalid_request", "response_mode must be form_post")
    if "openid" not in asked.scope.split():
        raise AuthenticationRefused("invalid_scope", "scope must hold openid")
    if asked.code_challenge_method != "S256" or len(asked.code_challenge) != 43:
        raise AuthenticationRefused("invalid_request", "code_challenge must be there, by S256")


def code_for(person: StaffPerson, asked: Asked) -> str:
    """A code, good once and for a minute."""
    store.session().execute(delete(StaffCode).where(StaffCode.made_at < clock.now() - TOKEN_LIFE))
    code = token_urlsafe(32)
    store.session().add(
        StaffCode(
            code_hash=_hashed(code),
            person_id=person.id,
            nonce=asked.nonce,
            challenge=asked.code_challenge,
            redirect_uri=asked.redirect_uri,
            made_at=clock.now(),
        )
    )
    return code


def redeemed(form: Mapping[str, str], authorization: str) -> dict[str, object]:
    """The tokens for a code (OpenID Connect core, 3.1.3).

    :raises TokenRefused: ``invalid_client``, ``unsupported_grant_type``, ``invalid_grant``.
    """
    _refuse_other_client(authorization)
    if form.get("grant_type") != "authorization_code":
        raise TokenRefused("unsupported_grant_type", "grant_type must be authorization_code")
    code = store.session().get(StaffCode, _hashed(form.get("code", "")))
    access_token = token_urlsafe(32)
    if code is None or code.made_at + CODE_LIFE <= clock.now() or not _is_first(code, access_token):
        raise TokenRefused("invalid_grant", "The code is unknown, too old or used")
    if form.get("redirect_uri") != code.redirect_uri:
        raise TokenRefused("invalid_grant", "redirect_uri is not the one of the authentication request")
    if not compare_digest(challenge_of(form.get("code_verifier", "")).encode(), code.challenge.encode()):
        raise TokenRefused("invalid_grant", "code_verifier does not fit")
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": int(TOKEN_LIFE.total_seconds()),
        "id_token": _id_token(code),
    }


def userinfo(access_token: str) -> dict[str, object] | None:
    """What the service knows about whoever the token is for; None for no good token."""
    code = store.session().scalar(select(StaffCode).filter_by(access_token_hash=_hashed(access_token)))
    person = staff_person(code.person_id) if code and code.made_at + TOKEN_LIFE > clock.now() else None
    if person is None:
        return None
    return {
        "sub": person.id,
        "name": person.name,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
        "email_verified": True,
        "locale": person.language,
        "pin": INVENTED_PERSONAL_NUMBER,
        "organizations": [{"name": "Invented office", "role": "chief"}],
    }


def challenge_of(verifier: str) -> str:
    """RFC 7636, 4.2."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _refuse_other_client(authorization: str) -> None:
    configured = settings.current()
    expected = f"{configured.staff_client_id}:{configured.staff_client_secret}"
    if not configured.staff_client_id or not compare_digest(_pair_in(authorization).encode(), expected.encode()):
        raise TokenRefused("invalid_client", "The client is not the one registered here")


def _pair_in(authorization: str) -> str:
    """RFC 6749, 2.3.1: both halves are form-encoded before they are joined."""
    scheme, _, given = authorization.partition(" ")
    try:
        client_id, _, secret = b64decode(given if scheme.lower() == "basic" else "").decode().partition(":")
    except ValueError:
        return ""
    return f"{unquote_plus(client_id)}:{unquote_plus(secret)}"


def _is_first(code: StaffCode, access_token: str) -> bool:
    unused = update(StaffCode).where(StaffCode.code_hash == code.code_hash, StaffCode.access_token_hash.is_(None))
    used = unused.values(access_token_hash=_hashed(access_token)).returning(StaffCode.code_hash)
    return store.session().scalar(used) is not None


def _id_token(code: StaffCode) -> str:
    key = keys.signing_key()
    now = int(clock.now().timestamp())
    claims = {
        "iss": issuer(),
        "aud": settings.current().staff_client_id,
        "sub": code.person_id,
        "iat": now,
        "exp": now + int(TOKEN_LIFE.total_seconds()),
        "nonce": code.nonce,
    }
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


def _hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
