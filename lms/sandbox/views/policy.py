"""What pages may frame and where their forms may go: the tools that are registered, and nobody else."""

from flask import Response, request

from lms.core import settings
from lms.core.http import origin
from lms.sandbox import registrations


def add_headers(response: Response) -> Response:
    """Only registered tools may be shown in our frames and be sent our forms; only we may frame ourselves."""
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", policy())
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    if not (request.endpoint or "").endswith("static"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def policy(further: str = "") -> str:
    """``further``: an address that may be framed too, because an administrator typed it in."""
    tools = f"{tool_origins()} {origin(further)}" if further else tool_origins()
    rules = [
        "default-src 'self'",
        "img-src 'self' data:",
        f"frame-src 'self' {tools}",
        f"form-action 'self' {tools}",
        "frame-ancestors 'self'",
        "object-src 'none'",
        "base-uri 'none'",
    ]
    return "; ".join(rules)


def tool_origins() -> str:
    """Scheme, host and port of every tool, separated by spaces."""
    known = {origin(url) for tool in registrations.everything() for url in (tool.target_url, tool.login_url)}
    return " ".join(sorted(known | {origin(settings.current().public_url)}))
