"""gunicorn in production and in ``script/cluster``. Each setting says why; the command line may set others."""

import os
from typing import Any

from prometheus_client import multiprocess

bind = os.environ.get("BILIM_BIND", "127.0.0.1:8000")

# Threads share the pieces of pages that were made once; a second process costs 150 MB and needs BILIM_BROKER_URL=redis://...
# so that limits are counted together. About one for each core.
workers = int(os.environ.get("BILIM_WEB_PROCESSES", "1"))
worker_class = "gthread"
threads = 8

# Longer than the slowest call to a platform that a page may wait for (30 s), shorter than the proxy waits (75 s).
timeout = 70

# After SIGTERM: what is being answered is answered. systemd's TimeoutStopSec has to be longer.
graceful_timeout = 60

# Longer than the proxy keeps an idle connection (nginx: keepalive_timeout 60), so that it never uses one that we just closed.
keepalive = 75

# One JSON object a line, as the product's own. No access log: the proxy has one, without queries.
loglevel = "warning"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "lms.core.telemetry.formatter"}},
    "handlers": {"standard-error": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "WARNING", "handlers": ["standard-error"]},
    "loggers": {"gunicorn.error": {"level": "WARNING", "handlers": ["standard-error"], "propagate": False}},
}


def child_exit(server: Any, worker: Any) -> None:
    """What a process counted stays counted; only what it measured of itself goes."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
