"""A draw that anybody can recompute: commit before nominations close, reveal after, rank ties by a hash. Pure.

The secret seed is fixed by its SHA-256, which is published with the call; so whoever holds the seed cannot choose it after
the numbers of the nominations are known. See docs/adr/0039.
"""

import hashlib
import hmac


def commitment(seed: str) -> str:
    """What is published with the call: SHA-256 of the seed, in hex."""
    return hashlib.sha256(seed.encode()).hexdigest()


def is_opened_by(published: str, seed: str) -> bool:
    """Whether this is the seed that was fixed."""
    return hmac.compare_digest(published, commitment(seed))


def lot(seed: str, number: int) -> str:
    """The lot of a nomination: SHA-256 of ``seed:number`` in hex. Among equals the smaller lot comes first."""
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()
