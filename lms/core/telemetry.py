"""What operators see: JSON log lines without personal data, and metrics.

Logs carry codes, identifiers and the request id. A query string never reaches a log line: it may hold a state, a hint or
a code.
"""

import logging
import sys
import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram

registry = CollectorRegistry()
requests_total = Counter("bilim_requests_total", "Requests answered.", ["endpoint", "status"], registry=registry)
request_seconds = Histogram("bilim_request_seconds", "Time to answer.", ["endpoint"], registry=registry)
launches_total = Counter("bilim_launches_total", "Launches by result code.", ["result"], registry=registry)


def configure_logging() -> None:
    """Write one JSON object a line to standard error."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),  # the stream of now, not of start-up
    )


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
