"""A time-stamping authority (RFC 3161): somebody else says when a seal existed, so that nobody can make it later.

pyHanko brings HTTP clients of its own; this one goes through the guards of ``lms.core.http``.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask import current_app
from pyhanko.sign.timestamps import TimeStamper

from lms.core import clock, http, settings
from lms.core.errors import RemoteFailure
from lms.core.i18n import _l
from lms.core.settings import Settings

KEPT_SECONDS = 3600
"""An authority changes its certificate now and then; so long we believe to know it."""


class TimeAuthority(TimeStamper):
    """The authority of the settings, asked over HTTP (RFC 3161, 3.4)."""

    def __init__(self, url: str, authorization: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.url = url
        self.headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        if authorization:
            self.headers["Authorization"] = authorization

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """:raises RemoteFailure: ``no-answer`` and the others of the client; ``time-stamp-refused`` for anything but a stamp."""
        answer = http.post(self.url, body=req.dump(), headers=self.headers, proves_itself=True)
        try:
            response = tsp.TimeStampResp.load(answer.body)
            is_granted = response["status"]["status"].native in ("granted", "granted_with_mods")
        except (ValueError, TypeError, KeyError) as error:
            raise self._refused(answer.status) from error
        if not answer.is_success or not is_granted:
            raise self._refused(answer.status)
        return response

    def _refused(self, status: int) -> RemoteFailure:
        return RemoteFailure(
            "time-stamp-refused",
            _l("The time-stamping authority gave no time stamp. We will try again by ourselves."),
            asked=f"POST {http.origin(self.url)}",
            status_code=status,
        )


def current() -> TimeAuthority:
    """The authority of the settings. What is known of it is kept for an hour, for each process."""
    kept: tuple[float, TimeAuthority] | None = current_app.extensions.get("bilim.time_authority")
    now = clock.now().timestamp()
    if kept is None or not 0 <= now - kept[0] < KEPT_SECONDS:
        configured = settings.current()
        kept = now, TimeAuthority(configured.tsa_url, configured.tsa_authorization)
        current_app.extensions["bilim.time_authority"] = kept
    return kept[1]


def roots_of(configured: Settings) -> Sequence[bytes]:
    """DER of the roots of all authorities that we trust or once trusted."""
    path = Path(configured.tsa_roots) if configured.tsa_roots else None
    if path is None or not path.is_file():
        return ()
    return _roots(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _roots(path: Path, _changed: int) -> tuple[bytes, ...]:
    return tuple(root.public_bytes(Encoding.DER) for root in x509.load_pem_x509_certificates(path.read_bytes()))
