"""An application that notes each request that reaches it, and how much of its body it was given."""

import os
from collections.abc import Iterable
from typing import Any


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Below ``/lazy`` it leaves the body unread, as a view does that refuses at once."""
    read = 0 if environ["RAW_URI"].startswith("/lazy") else len(environ["wsgi.input"].read())
    with open(os.environ["SEEN"], "a", encoding="utf-8") as seen:
        seen.write(f"{environ['REQUEST_METHOD']} {environ['RAW_URI']} {read}\n")
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
