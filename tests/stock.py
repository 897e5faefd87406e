"""RSA keys of tests from a stock: to make one takes longer than most tests, and the product proves each one that it reads.

Within a file of tests no key is handed out twice; the next file begins at the first again. Keys that are made while no
application is there (a stranger's, a platform's) are never of the stock; those of a fixture for the whole session must not be.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from flask import has_app_context
from joserfc._rfc7517 import pem
from joserfc._rfc7518.rsa_key import RSABinding

_make = RSABinding.generate_private_key
_taken: dict[int, int] = {}
_is_open = True


def open_stock() -> None:
    """From now on joserfc takes its keys from here."""
    RSABinding.generate_private_key = staticmethod(_take)  # type: ignore[method-assign]
    pem.load_pem_private_key = cache(pem.load_pem_private_key)  # type: ignore[attr-defined, assignment]


def begin_again() -> None:
    """Another file of tests: all keys are free."""
    _taken.clear()


@contextmanager
def closed() -> Iterator[None]:
    """Meanwhile each key is a new one: what outlives a file takes none that the next file is given."""
    global _is_open
    was_open, _is_open = _is_open, False
    yield
    _is_open = was_open


def _take(size: int) -> RSAPrivateKey:
    if not (_is_open and has_app_context()):
        return _make(size)
    _taken[size] = _taken.get(size, 0) + 1
    return _made(size, _taken[size])


@cache
def _made(size: int, _number: int) -> RSAPrivateKey:
    return _make(size)
