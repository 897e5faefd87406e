"""The tool's public keys, fetched from its key set and fetched again when it signs with one that is not known yet."""

from flask import current_app
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from lms.core import http
from lms.core.errors import RemoteFailure

FEWEST_BITS = 2048
"""RFC 7518, section 3.3."""


class ToolKeysUnavailable(Exception):
    """The tool's key set could not be fetched or read."""


def of(url: str) -> "ToolKeys":
    """The keys that are published at an address."""
    known: dict[str, ToolKeys] = current_app.extensions["bilim.sandbox.tool_keys"]
    return known.setdefault(url, ToolKeys(url))


def forget(url: str) -> None:
    """Fetch the keys at this address anew when they are needed."""
    current_app.extensions["bilim.sandbox.tool_keys"].pop(url, None)


class ToolKeys:
    """The keys of one tool. Lives as long as the process: a platform caches them too."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._keys: dict[str, RSAKey] = {}

    def find(self, kid: str) -> RSAKey | None:
        """The key of this name.

        :raises ToolKeysUnavailable: if it is not known yet and the key set cannot be fetched.
        """
        if kid not in self._keys:
            self._keys = self._fetched()
        return self._keys.get(kid)

    def _fetched(self) -> dict[str, RSAKey]:
        try:
            answer = http.get(self.url)
            found = KeySet.import_key_set(answer.json())
        except (RemoteFailure, ValueError, TypeError, KeyError, JoseError) as error:
            raise ToolKeysUnavailable(self.url) from error
        return {key.kid: key for key in found.keys if key.kid and isinstance(key, RSAKey) and _is_strong(key)}


def _is_strong(key: RSAKey) -> bool:
    return key.public_key.key_size >= FEWEST_BITS
