"""By which algorithms platforms may sign: a list for each registration, never the token's own word alone (SEC 5.1.3, 6).

All are of public keys. ``none`` and shared secrets are in no list, so nothing can slip in by a header.
"""

from collections.abc import Iterable

KNOWN = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""RFC 7518, 3.1. RS256 is the one that every platform must have (SEC 6.1)."""
DEFAULT = "RS256"


def joined(names: Iterable[str]) -> str:
    """As a registration keeps them, in our order.

    :raises ValueError: for a name that is not known.
    """
    wanted = set(names)
    if wanted - set(KNOWN) or not wanted:
        raise ValueError(" ".join(sorted(wanted - set(KNOWN))) or "no algorithm")
    return " ".join(name for name in KNOWN if name in wanted)


def understood(names: Iterable[str]) -> str:
    """Of what a platform says it signs by, all that we know; the default if it says nothing that we know."""
    found = set(names) & set(KNOWN)
    return joined(found) if found else DEFAULT


def chosen(said: object, registered: str) -> str:
    """The algorithm that a token's header names if the registration lists it, else the first that it lists.

    Then the token does not have it, and is refused.
    """
    listed = registered.split()
    return said if isinstance(said, str) and said in listed else listed[0]
