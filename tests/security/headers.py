"""What every answer has to say to browsers, whoever asked and whatever came of it."""

import re
from collections.abc import Iterable

from werkzeug.test import TestResponse

STAFF_COOKIE = "__Host-bilim-staff"
COOKIES = {
    "__Host-bilim": {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"},
    STAFF_COOKIE: {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"},
}
"""Inside the frame of a platform the first has to come back; staff are never in a frame."""


def faults(
    answer: TestResponse, *, path: str, may_be_framed: bool, may_be_kept: bool, may_set_cookies: bool
) -> list[str]:
    """What is missing or too much."""
    found = [*_always(answer), *_policy(answer, may_be_framed=may_be_framed)]
    kept = answer.headers.get("Cache-Control", "")
    if not may_be_kept and "no-store" not in kept:
        found.append(f"may be kept: {kept!r}")
    if may_be_kept and "no-store" not in kept and answer.headers.getlist("Set-Cookie"):
        found.append("a cookie in an answer that others keep")
    for cookie in answer.headers.getlist("Set-Cookie"):
        found.extend(_cookie(cookie))
        if not may_set_cookies:
            found.append(f"sets a cookie: {cookie.partition('=')[0]}")
    return [f"{path} {answer.status_code}: {each}" for each in found]


def _always(answer: TestResponse) -> Iterable[str]:
    said = answer.headers
    if said.get("X-Content-Type-Options") != "nosniff":
        yield "no nosniff"
    if said.get("Referrer-Policy") not in ("no-referrer", "same-origin"):
        yield f"tells where people come from: {said.get('Referrer-Policy')}"
    if "geolocation=()" not in said.get("Permissions-Policy", ""):
        yield "no Permissions-Policy"
    if not re.fullmatch(r"[A-Za-z0-9._-]{8,64}", said.get("X-Request-Id", "")):
        yield "no number"
    for name in ("Server", "X-Powered-By", "Access-Control-Allow-Credentials"):
        if name in said:
            yield f"tells {name}"


def _policy(answer: TestResponse, *, may_be_framed: bool) -> Iterable[str]:
    policies = answer.headers.getlist("Content-Security-Policy")
    if len(policies) != 1:
        yield f"{len(policies)} policies"
        return
    policy = policies[0]
    runs_and_loads = re.sub(r"(?:frame-ancestors|form-action|img-src) [^;]*", "", policy)
    if not policy.startswith("default-src 'self';") and not policy.startswith("default-src 'none';"):
        yield f"a policy that begins with something else: {policy}"
    if any(each in runs_and_loads for each in ("unsafe-", "*", "http", "data:", "blob:")):
        yield f"a wide policy: {policy}"
    frames = re.search(r"frame-ancestors ([^;]*)", policy)
    if frames is None:
        yield "anybody may frame it"
    elif not may_be_framed and frames[1].strip() not in ("'self'", "'none'"):
        yield f"framed by {frames[1]}"


def _cookie(cookie: str) -> Iterable[str]:
    name, _, rest = cookie.partition("=")
    said = {part.strip() for part in rest.split(";")[1:]}
    wanted = COOKIES.get(name)
    if wanted is None:
        yield f"an unknown cookie {name}"
    elif not wanted <= said or any(part.startswith("Domain") for part in said):
        yield f"cookie {name} with {sorted(said)}"
