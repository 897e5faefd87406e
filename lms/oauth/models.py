"""Tables of the authorization server. Neither a secret nor a token is in them: only what recognises one."""

from datetime import datetime
from hmac import compare_digest

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import vault
from lms.core.db import Base, new_id
from lms.oauth import scopes


class Client(Base):
    """A program that may ask for tokens. Its methods are those that Authlib asks of a client."""

    __tablename__ = "oauth_client"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str]
    """Name of the program or office, never of a person."""
    secret_hash: Mapped[str] = mapped_column(String(64))
    scope: Mapped[str]
    """What it may ask for, separated by spaces."""
    created_at: Mapped[datetime]
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

    def check_client_secret(self, secret: str) -> bool:
        """Whether this is its secret."""
        return compare_digest(vault.hashed(secret), self.secret_hash)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """One way to authenticate, at all endpoints."""
        return method == "client_secret_basic"

    def check_grant_type(self, grant_type: str) -> bool:
        """One grant: a program acts in its own name."""
        return grant_type == "client_credentials"


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
