"""What operators and load balancers ask: alive, ready, and how busy."""

from hmac import compare_digest
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from flask import Blueprint, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from lms.core import disk, files, gauges, heartbeats, settings, telemetry
from lms.core.db import db, reading
from lms.core.errors import Forbidden
from lms.core.i18n import _l

blueprint = Blueprint("health", __name__)
LONGEST_SILENCE_SECONDS = 60


def newest_revision(folder: Path) -> str:
    """Of the tables that the code beside these migrations knows. Their names begin with numbers of four digits."""
    return max(path.name for path in (folder / "versions").glob("[0-9]*.py"))[:4]


@blueprint.get("/healthz")
def alive() -> Response:
    """Whether this process answers at all."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """Whether all that a request needs is there; says which part is not.

    Without broker or worker, or with little room left on a disk, people go on learning, and what they do is sent and issued
    later: a proxy that took all processes out of its list because of them would make a small trouble a big one. So that is
    ``degraded``, with 200.
    """
    needed = {"database": _database(), "migrations": _migrations(), "files": _files()}
    later = {"broker": _broker(), "worker": _worker(), "disk": _disk()}
    is_ready = all(state == "ok" for state in needed.values())
    is_whole = is_ready and all(state == "ok" for state in later.values())
    status = "ready" if is_whole else "degraded" if is_ready else "not-ready"
    return jsonify(status=status, **needed, **later), 200 if is_ready else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus' text format; with the token of the settings, or from this machine if there is none.

    :raises Forbidden: ``metrics-closed``.
    """
    token = settings.current().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not (compare_digest(given.encode(), token.encode()) if token else _is_asked_on_this_machine()):
        raise Forbidden("metrics-closed", _l("Metrics are open to the operator only."))
    told = generate_latest(telemetry.counted()) + generate_latest(gauges.registry())
    return Response(told, content_type=CONTENT_TYPE_LATEST)


def _is_asked_on_this_machine() -> bool:
    """A proxy on this machine asks for others, and says so."""
    is_forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.remote_addr in ("127.0.0.1", "::1") and not is_forwarded


def _database() -> str:
    """Written to, because a full disk still reads."""
    try:
        heartbeats.beat(heartbeats.PROBE)
    except OperationalError as error:
        db.session.rollback()
        return "not writable" if _answers() else type(error).__name__
    except Exception as error:  # whatever a driver raises, the answer is "not ready"
        db.session.rollback()
        return "ok" if isinstance(error, ProgrammingError) and _answers() else type(error).__name__
    return "ok"


def _answers() -> bool:
    try:
        with reading():
            db.session.execute(text("select 1"))
    except DBAPIError:
        return False
    return True


def _migrations() -> str:
    """Newer tables serve the code before them (docs/adr/0060), so that nobody is sent away while an upgrade goes on."""
    try:
        present = MigrationContext.configure(db.session.connection()).get_current_revision()
    except Exception as error:
        db.session.rollback()
        return type(error).__name__
    expected: str = current_app.config["REVISION"]
    return "ok" if present and present >= expected else f"at {present}, expected {expected}"


def _broker() -> str:
    try:
        with current_app.extensions["celery"].connection_for_write(connect_timeout=1) as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
    except Exception as error:
        return type(error).__name__
    return "ok"


def _files() -> str:
    return "ok" if files.is_writable() else "not writable"


def _disk() -> str:
    """Told before a disk is full: then neither answers nor certificates could be kept."""
    least = min(disk.free_bytes().values(), default=disk.LEAST_BYTES)
    return "ok" if least >= disk.LEAST_BYTES else f"{least // 1024**2} MB left"


def _worker() -> str:
    """A worker notes each sweep, for which the scheduler has to ask it; so both are seen."""
    try:
        with reading():
            age = heartbeats.age_seconds(heartbeats.WORKER)
    except DBAPIError:
        return "unknown"
    if age is None:
        return "never seen"
    return "ok" if age < LONGEST_SILENCE_SECONDS else f"not seen for {round(age)} s"
