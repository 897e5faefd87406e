"""The way back to the platform: its return address, with what it may show to the person and write into its log.

A platform's launch may name an address (``launch_presentation.return_url``). A tool that sends people back may add
``lti_msg`` and ``lti_errormsg`` for their eyes, ``lti_log`` and ``lti_errorlog`` for the platform's log (core 5.4.4). What
we add says nothing about anybody.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from flask import g

from lms.core.errors import Sentence
from lms.lti import claims
from lms.lti.refusals import LaunchRefused

_OURS = ("lti_msg", "lti_errormsg", "lti_log", "lti_errorlog")


def with_message(return_url: str | None, message: Sentence, *, log: str | None = None) -> str | None:
    """The way back after all went well."""
    return _with(return_url, {"lti_msg": str(message), "lti_log": log})


def with_error(return_url: str | None, message: Sentence, *, log: str | None = None) -> str | None:
    """The way back after something did not work."""
    return _with(return_url, {"lti_errormsg": str(message), "lti_errorlog": log})


@contextmanager
def offered_if_refused(token: Mapping[str, Any]) -> Iterator[None]:
    """A refusal inside shows the way back that a token names, which must be proved to be the platform's by now."""
    try:
        yield
    except LaunchRefused as refused:
        log = f"Bilim refused the launch: {refused.code}, request {g.get('request_id', '-')}"
        refused.return_url = with_error(claims.return_url(token), refused.sentence, log=log)
        raise


def _with(return_url: str | None, said: Mapping[str, str | None]) -> str | None:
    """Its own query stays as it was written: it may be signed, or hold a key (Moodle)."""
    if not return_url or not return_url.lower().startswith(("https://", "http://")):
        return None
    try:
        parts = urlsplit(return_url)
    except ValueError:
        return None
    kept = [part for part in parts.query.split("&") if part and _name(part) not in _OURS]
    added = urlencode({name: text for name, text in said.items() if text}, quote_via=quote)
    return urlunsplit(parts._replace(query="&".join([*kept, added])))


def _name(part: str) -> str:
    pairs = parse_qsl(part, keep_blank_values=True)
    return pairs[0][0] if pairs else ""
