"""Static files as a phone on a weak network wants them: fetched once, compressed, and never asked about again.

Their addresses carry a digest of their content, so that they may be kept for a year and are still new after an upgrade.
Only static files are compressed: a page holds a CSRF token, and compressing secrets beside what a stranger can choose
tells the secret (BREACH).
"""

import gzip
import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request

A_YEAR_SECONDS = 31_536_000
_FONT = re.compile(rb'url\("(fonts/[^"?]+)"\)')
COMPRESSIBLE = ("text/", "image/svg+xml", "application/javascript", "application/json")


def init_app(app: Flask) -> None:
    """Version the addresses of static files and compress what is worth it."""
    app.url_defaults(_add_version)
    app.after_request(_finish)


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    folder = current_app.static_folder
    if endpoint == "static" and folder and "v" not in values:
        values["v"] = _version(Path(folder) / str(values["filename"]))


def _version(path: Path) -> str:
    """The page that says "not found" names the address that was asked for, which can be too long for a file name."""
    try:
        return _digest(path, path.stat().st_mtime_ns)
    except (OSError, ValueError):
        return "0"


def _finish(response: Response) -> Response:
    if request.endpoint != "static" or response.status_code != 200:
        return response
    if "v" in request.args:
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR_SECONDS}, immutable"
    if response.mimetype == "text/css":
        response.direct_passthrough = False
        response.set_data(_FONT.sub(_versioned, response.get_data()))
    response.vary.add("Accept-Encoding")
    if (response.mimetype or "").startswith(COMPRESSIBLE) and request.accept_encodings["gzip"]:
        response.direct_passthrough = False
        response.set_data(_compressed(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _versioned(reference: re.Match[bytes]) -> bytes:
    """The same address as in a page: a font that is asked for under two is fetched twice."""
    name = reference[1].decode()
    return f'url("{name}?v={_version(Path(current_app.static_folder or "") / name)}")'.encode()


@lru_cache(maxsize=256)
def _digest(path: Path, _changed_at: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]


@lru_cache(maxsize=256)
def _compressed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)
