"""What operators see: JSON log lines without personal data, and metrics.

Logs carry codes, identifiers and the request id; a job carries the id of the request that asked for it, so that one id finds
all lines of both. A query string never reaches a log line: it may hold a state, a hint or a code. Counters are of this
process, or of all processes that share the folder ``PROMETHEUS_MULTIPROC_DIR`` (web and workers of one machine).
"""

import logging
import os
import sys
import time
from contextlib import suppress

import structlog
from celery import signals
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, multiprocess
from structlog.typing import Processor

registry = CollectorRegistry()
requests_total = Counter("bilim_requests_total", "Requests answered.", ["endpoint", "status"], registry=registry)
request_seconds = Histogram("bilim_request_seconds", "Time to answer.", ["endpoint"], registry=registry)
launches_total = Counter("bilim_launches_total", "Launches by result code.", ["result"], registry=registry)
jobs_total = Counter(
    "bilim_jobs_total", "Pieces of work by what became of them.", ["kind", "result"], registry=registry
)
job_seconds = Histogram(
    "bilim_job_seconds",
    "Time that one piece of work took: score is a delivery, record-changed makes a certificate.",
    ["kind"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    registry=registry,
)
platform_calls_total = Counter(
    "bilim_platform_calls_total", "Calls to services of a platform.", ["platform", "result"], registry=registry
)
platform_call_seconds = Histogram(
    "bilim_platform_call_seconds", "Time that a platform took to answer.", ["platform"], registry=registry
)

_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


class _Lines(structlog.PrintLogger):
    """Lines to a stream. One that cannot be written (a file on a full disk) is lost, and not the answer to a person."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = fatal = failure = err = error = critical = exception = msg


def configure_logging() -> None:
    """Write one JSON object a line to standard error, also what libraries say."""
    logging.basicConfig(level=logging.WARNING, handlers=[_handler()])
    structlog.configure(
        processors=[
            *_SHARED,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_names: _Lines(sys.stderr),  # the stream of now, not of start-up
    )


def formatter() -> logging.Formatter:
    """Lines of libraries, as ours are."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *_SHARED],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def counted() -> CollectorRegistry:
    """What was counted: by all processes of this machine if they share a folder, else by this one."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return registry
    together = CollectorRegistry()
    multiprocess.MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


def _handler() -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter())
    return handler


@signals.setup_logging.connect
def _keep_our_logging(**_options: object) -> None:
    """Celery leaves logging alone as soon as somebody listens here."""


def init_app(app: Flask) -> None:
    """Count and time each request."""
    app.before_request(_start)
    app.after_request(_count)


def _start() -> None:
    g.started = time.perf_counter()


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    requests_total.labels(endpoint, response.status_code).inc()
    if "started" in g:
        request_seconds.labels(endpoint).observe(time.perf_counter() - g.started)
    return response
