"""The browser that a login and a launch are bound to: a random id in the one cookie, of which rows keep the hash.

The cookie is ``__Host-``, Secure, HttpOnly, SameSite=None and Partitioned (``lms.core.web``), so it is kept inside the
frame of a platform on another site, and each platform's frame has one of its own.
"""

from hmac import compare_digest

from flask import session

from lms.core.vault import hashed, new_secret

_KEY = "browser"


def is_known() -> bool:
    """Whether this browser has sent our cookie back."""
    return _KEY in session


def remember() -> str:
    """The hash that stands for this browser in rows; a browser without our cookie gets one with this answer."""
    if not is_known():
        session[_KEY] = new_secret()
    return hashed(session[_KEY])


def is_same_as(browser_hash: str) -> bool:
    """Whether this is the browser that a row was made for."""
    return is_known() and compare_digest(hashed(session[_KEY]), browser_hash)
