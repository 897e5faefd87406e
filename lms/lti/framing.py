"""Who may show our pages in a frame (``frame-ancestors``), and whether this page is in one.

Pages of a launch may be framed by the platform that launched them and by nobody else. The pages *before* a launch - the
probe, help, and refusals - hold nothing about anybody and change nothing, and the platform's real address is often not
known yet (each Canvas school has its own behind one issuer), so they may be framed by anyone: a refusal that cannot be
read helps nobody.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from flask import g, request

from lms.core.http import origin
from lms.lti.platforms import Platform

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|https?://\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def allow(ancestors: Iterable[str]) -> None:
    """Let these origins frame the answer to this request."""
    g.frame_ancestors = set(ancestors)


def allow_anyone() -> None:
    """For pages before a launch; see above."""
    allow({"*"})


def ancestors(addresses: Iterable[str | None], platform: Platform) -> list[str]:
    """Origins of a platform: of its known addresses - issuer, endpoints, where it wants people back - and its habits."""
    return sorted(origins(addresses) | set(platform.frame_ancestors))


def origins(addresses: Iterable[str | None]) -> set[str]:
    """Scheme, host and port of each address that has a plain one."""
    return {found for url in addresses if url and (found := _origin(url))}


@lru_cache(maxsize=1024)
def _origin(url: str) -> str | None:
    found = origin(url)
    return found if _ORIGIN.fullmatch(found) else None


def is_in_frame() -> bool:
    """Whether the browser says that it loads this page into a frame (Fetch Metadata)."""
    return request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame")


def is_told() -> bool:
    """Whether we are told where this page is loaded, or need not be: only browsers have frames.

    Browsers from before Fetch Metadata (Safari before 16.4, Firefox before 90) do not say it.
    """
    return "Sec-Fetch-Dest" in request.headers or not request.headers.get("User-Agent", "").startswith("Mozilla/")


def is_top_level() -> bool:
    """Whether the browser says that this page gets a window of its own."""
    return request.headers.get("Sec-Fetch-Dest") == "document"
