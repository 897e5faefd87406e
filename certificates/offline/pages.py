"""The page that checks certificates without a network, its worker, and what both keep. Open to all; no name ever comes here.

The summary stands behind the ``#`` of the page's address, which browsers send to nobody (docs/adr/0025).
"""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, request, url_for

from certificates import chain
from certificates.offline import listing, words
from lms.core import keys, settings
from lms.core.errors import NotFound
from lms.core.i18n import OWN_NAMES, locale, use_language
from lms.core.web import limiter

MINUTES = 300
"""Seconds for which anybody may keep an answer without asking again."""
_FILES = Path(__file__).parents[1] / "static"

blueprint = Blueprint("offline", __name__, template_folder="../templates")


@blueprint.get("/offline", endpoint="page")
@blueprint.get("/OFFLINE", endpoint="scanned")
def page() -> Response:
    """The same for everybody but for the language it begins in. QR codes hold the address in capitals."""
    answer = current_app.make_response(_page())
    answer.vary.update(("Accept-Language", "Cookie"))
    return _kept(answer, "private")


@blueprint.get("/offline/check.js")
def script() -> Response:
    """What decodes, verifies and shows."""
    return _kept(Response(_source("offline.js"), mimetype="text/javascript"))


@blueprint.get("/offline/worker.js")
def worker() -> Response:
    """Keeps the page. Its scope is all of the service, because codes hold the address in capitals."""
    kept = ["/offline", "/offline/check.js", "/offline/words.json", "/offline/keys.json", "/offline/list", _style()]
    head = f"const VERSION = {json.dumps(_version())};\nconst KEPT = {json.dumps(kept)};\n"
    answer = Response(head + _source("offline-worker.js"), mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = "/"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/offline/words.json")
def all_words() -> Response:
    """In four languages at once."""
    return _kept(Response(_words(), mimetype="application/json"))


@blueprint.get("/offline/keys.json")
def register_keys() -> Response:
    """The keys that sign the list; those of certificates stand in it."""
    known = keys.published(chain.KEY_USE)
    if not known:
        listing.publish()
        known = keys.published(chain.KEY_USE)
    text = json.dumps(known)
    return _kept(Response(text, mimetype="application/json"))


@blueprint.get("/offline/list")
@limiter.limit("60/minute")
def list_of_today() -> Response:
    """What does not hold, as of today, signed. On a new installation the first who asks has it published."""
    try:
        text = listing.today()
    except NotFound:
        listing.publish()
        text = listing.today()
    return _kept(Response(text, mimetype="application/jwt"))


def _kept(answer: Response, by: str = "public") -> Response:
    answer.headers["Cache-Control"] = f"{by}, max-age={MINUTES}"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _page() -> str:
    return render_template(
        "certificates/offline.html",
        words={name: str(text) for name, text in words.PAGE.items()},
        lang=locale(),
        languages=OWN_NAMES.items(),
        style=_style(),
        our_address=settings.current().public_url,
    )


def _style() -> str:
    """An address of its own, so that the worker answers for this page only."""
    return url_for("static", filename="bilim.css", offline=1)


def _words() -> str:
    return json.dumps(words.in_all_languages(), ensure_ascii=False)


def _version() -> str:
    """Another one whenever anything changes that the worker keeps, but for keys and the list, which it always asks for."""
    with use_language("ky"):
        parts = (_page(), _source("offline.js"), _source("offline-worker.js"), _words())
    return sha256("\0".join(parts).encode()).hexdigest()[:16]


@cache
def _source(name: str) -> str:
    return (_FILES / name).read_text("utf-8")
