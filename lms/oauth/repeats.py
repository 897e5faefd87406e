"""The same request again, because its answer was lost: what was done once is not done twice (Idempotency-Key).

The key is entered in the transaction of the work. Of two requests at once, the second waits at the constraint until the
first is true or undone, and then finds its answer or does the work itself. Only answers of what was done are kept: a
refusal changed nothing and may be sent again, corrected, under the same key.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import Response, current_app, request
from sqlalchemy import delete

from lms.core import clock, secret_key, vault
from lms.core.db import db, insert_once
from lms.core.errors import BadRequest, Invalid
from lms.core.i18n import _l
from lms.oauth import guard
from lms.oauth.models import KeptAnswer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_FOR = timedelta(hours=24)
KEY = re.compile(r"[\x21-\x7e]{1,255}")
_PURPOSE = "kept-answer"
secret_key.register(KeptAnswer.answer_encrypted, _PURPOSE)

View = TypeVar("View", bound=Callable[..., Any])


def safely(view: View) -> View:
    """Let a view of the API be asked again under a key. Stands below ``guard.bearer``.

    :raises BadRequest: ``idempotency-key-not-valid``.
    :raises Invalid: ``idempotency-key-reused`` for another request under a key that was used within a day.
    """

    @wraps(view)
    def _view(*arguments: Any, **named: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return view(*arguments, **named)
        kept = _entered(_checked(key))
        if kept.status is not None:
            return _again(kept)
        answer = current_app.make_response(view(*arguments, **named))
        _keep(kept, answer)
        return answer

    _view.is_repeatable = True  # type: ignore[attr-defined]
    return _view  # type: ignore[return-value]


def forget_old() -> None:
    """Drop answers whose day is over, in the caller's transaction."""
    db.session.execute(delete(KeptAnswer).where(KeptAnswer.expires_at <= clock.now()))


def _checked(key: str) -> str:
    """With or without quotation marks, as the draft of the header wants them."""
    key = key[1:-1] if len(key) > 2 and key[0] == key[-1] == '"' else key
    if not KEY.fullmatch(key):
        raise BadRequest(
            "idempotency-key-not-valid",
            _l("Send an Idempotency-Key of 1 to 255 letters, digits and signs, without spaces, such as a UUID."),
        )
    return key


def _entered(key: str) -> KeptAnswer:
    """The row of this key: new, or with an answer."""
    unique = {"client_id": guard.current().client_id, "key_hash": vault.hashed(key)}
    db.session.execute(delete(KeptAnswer).filter_by(**unique).where(KeptAnswer.expires_at <= clock.now()))
    hashes = _request_hashes()
    kept, is_new = insert_once(KeptAnswer, unique, {"request_hash": hashes[0], "expires_at": clock.now() + KEPT_FOR})
    if not is_new and kept.request_hash not in hashes:
        raise Invalid(
            "idempotency-key-reused",
            _l("Another request was sent with this Idempotency-Key. Use a new key for each request."),
        )
    return kept


def _request_hashes() -> list[str]:
    """Keyed: what was sent may be about a person and easy to guess. The first is the one to store."""
    return vault.keyed_hashes(f"{request.method} {request.path} {_sent()}", _PURPOSE)


def _sent() -> str:
    """Of a form its files, because its boundary is another each time; of anything else its bytes."""
    if request.mimetype != "multipart/form-data":
        return hashlib.sha256(request.get_data(cache=True)).hexdigest()
    parts = [(name, text.encode()) for name, text in request.form.items(multi=True)]
    for name, file in request.files.items(multi=True):
        parts.append((name, hashlib.sha256(file.stream.read()).digest()))
        file.stream.seek(0)
    # Werkzeug gives None as name of a part that has none.
    whole = b"".join(hashlib.sha256((name or "").encode() + b"\0" + part).digest() for name, part in parts)
    return hashlib.sha256(whole).hexdigest()


def _keep(kept: KeptAnswer, answer: Response) -> None:
    told = {"type": answer.mimetype, "body": base64.b64encode(answer.get_data()).decode()}
    kept.status = answer.status_code
    kept.answer_encrypted = vault.encrypt(json.dumps(told).encode(), _PURPOSE)


def _again(kept: KeptAnswer) -> Response:
    told = json.loads(vault.decrypt(kept.answer_encrypted or b"", _PURPOSE))
    answer = Response(base64.b64decode(told["body"]), kept.status, mimetype=told["type"])
    answer.headers[REPLAYED] = "true"
    return answer
