"""Tables of the authorization server. Neither a secret nor a token is in them: only what recognises one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Base, new_id
from lms.oauth import scopes

SECRET_BASIC, PRIVATE_KEY_JWT = "client_secret_basic", "private_key_jwt"


class Client(Base):
    """A program that may ask for tokens. Its methods are those that Authlib asks of a client."""

    __tablename__ = "oauth_client"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str]
    """Name of the program or office, never of a person."""
    scope: Mapped[str]
    """What it may ask for, separated by spaces."""
    auth_method: Mapped[str] = mapped_column(String(30), default=SECRET_BASIC, server_default=SECRET_BASIC)
    """How it proves itself: by one of its secrets, or by a signature with its own key."""
    jwks: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Its public keys, as they were given or as they were last read at ``jwks_uri``."""
    jwks_uri: Mapped[str | None] = mapped_column(String(500))
    jwks_fetched_at: Mapped[datetime | None]
    jwks_tried_at: Mapped[datetime | None]
    platforms: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Registrations of platforms for whose people it may report; see ``lms.oauth.reach``."""
    modules: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Slugs of modules that it may report."""
    organisation_id: Mapped[str | None] = mapped_column(String(36))
    """The body in whose name it reads, and sees records and certificates of no other; None sees all."""
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_token_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    """From then on it gets no token, and those it has are refused."""

    def get_client_id(self) -> str:
        """What names it in requests and tokens."""
        return self.id

    def get_allowed_scope(self, asked: str | None) -> str | None:
        """What a token may hold: what is asked for, or everything if nothing is; None if it asks for more."""
        if not asked:
            return self.scope
        wanted = scopes.split(asked)
        return scopes.joined(wanted) if wanted <= scopes.split(self.scope) else None

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """One way to authenticate, at all endpoints: a program with a key has no secret that could be guessed."""
        return method == self.auth_method

    def check_grant_type(self, grant_type: str) -> bool:
        """One grant: a program acts in its own name."""
        return grant_type == "client_credentials"


class ClientSecret(Base):
    """One secret of a client. There may be several, so that the next is in place before the last is taken away."""

    __tablename__ = "oauth_client_secret"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_client.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    beginning: Mapped[str] = mapped_column(String(24))
    """How it begins, by which people tell it from others; empty for one that is older than this column."""
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    retired_at: Mapped[datetime | None]


class UsedAssertion(Base):
    """That a signed assertion was taken. A second time is a conflict of the key (RFC 7523, section 3, 7)."""

    __tablename__ = "oauth_used_assertion"

    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_client.id"), primary_key=True)
    jti_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class IssuedToken(Base):
    """That a token exists, known by its ``jti``: enough to revoke it, too little to use it.

    The token itself is longer than 255 characters and would be a secret at rest.
    """

    __tablename__ = "issued_token"

    jti: Mapped[str] = mapped_column(String(36), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_client.id"), index=True)
    scope: Mapped[str]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]


class KeptAnswer(Base):
    """What was answered to a request that named an Idempotency-Key; see ``lms.oauth.repeats``."""

    __tablename__ = "oauth_kept_answer"

    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_client.id"), primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    """Keyed hash of the address and of what was sent: whether a second request is the same, and nothing else of it."""
    status: Mapped[int | None]
    """None while it is being answered."""
    answer_encrypted: Mapped[bytes | None] = mapped_column(
        LargeBinary, info={"personal": "what was answered to a program, encrypted"}
    )
    expires_at: Mapped[datetime] = mapped_column(index=True)
