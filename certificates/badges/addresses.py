"""Where the documents that credentials refer to are found. They never move: credentials name them for decades."""

from typing import NamedTuple
from urllib.parse import quote, urlsplit

CREDENTIALS_CONTEXT = "https://www.w3.org/ns/credentials/v2"
BADGES_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CONTEXTS = [CREDENTIALS_CONTEXT, BADGES_CONTEXT]
"""In this order, by address only (Open Badges 3.0, AchievementCredential)."""


class Addresses(NamedTuple):
    """Of one installation."""

    base: str
    """``https://host``, without a slash at its end."""

    @classmethod
    def of(cls, verify_url: str) -> "Addresses":
        """Of the installation that printed this address, ``https://host/v/CODE``."""
        return cls(verify_url.rpartition("/v/")[0])

    def key(self, kid: str) -> str:
        """One public key as a JWK; what the header of a credential names."""
        return f"{self.base}/credentials/keys/{kid}"

    def credential(self, certificate_id: str) -> str:
        """The newest credential in the place of this one."""
        return f"{self.base}/credentials/{certificate_id}"

    def issuer(self, organisation_id: str) -> str:
        """Profile of the body that issues."""
        return f"{self.base}/credentials/issuers/{organisation_id}"

    def achievement(self, achievement_id: str, language: str) -> str:
        """What was achieved, in one language."""
        return f"{self.base}/credentials/achievements/{achievement_id}/{language}"

    def status_list(self, organisation_id: str, number: int, purpose: str) -> str:
        """One list of an issuer."""
        return f"{self.base}/credentials/status/{organisation_id}/{number}/{purpose}"

    def did(self) -> str:
        """The installation as a decentralized identifier (did:web; a port is written with %3A)."""
        return f"did:web:{quote(urlsplit(self.base).netloc, safe='')}"
