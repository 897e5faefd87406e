"""Which server carries the product at the least cost: ``script/bench servers``.

Each design is one worker process of a server of its own with the whole product in it. They are asked in turn, in blocks within one
run, for launches and for pages of a lesson; what counts is the CPU time that the worker tells of itself. granian is no
dependency of ours: where it is not installed (``pip install granian`` into any environment, whose ``bin/granian`` is named by
``--granian``), it is left out.
"""

import argparse
import gc
import json
import os
import signal
import statistics
import subprocess
import sys
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt

from tests.bench import launch
from tests.bench.launch import PEOPLE, TOOL, _free_port, _Server
from tests.certificates import academy
from tests.platform import MEMBERSHIP, Platform, public_jwk, rsa_key

LAUNCH, LESSON = "launch", "lesson page"
GUNICORN = "-m gunicorn --workers 1 --keep-alive 60 --log-level error --bind 127.0.0.1:{port}"
GTHREAD = "gunicorn gthread, 8 threads"
DESIGNS = {
    GTHREAD: ("gunicorn", f"{GUNICORN} --worker-class gthread --threads 8", ""),
    "the same, garbage set aside": ("gunicorn", f"{GUNICORN} --worker-class gthread --threads 8", "freeze"),
    "the same, also looked for less often": ("gunicorn", f"{GUNICORN} --worker-class gthread --threads 8", "seldom"),
    "gunicorn sync": ("gunicorn", f"{GUNICORN} --worker-class sync", ""),
    "granian, 8 threads": (
        "granian",
        "--interface wsgi --blocking-threads 8 --port {port} --no-ws --log-level error",
        "",
    ),
    "granian, 1 thread": (
        "granian",
        "--interface wsgi --blocking-threads 1 --port {port} --no-ws --log-level error",
        "",
    ),
}
_numbers = count()


def main() -> int:
    options = _options()
    designs = {
        name: design for name, design in DESIGNS.items() if design[0] == "gunicorn" or Path(options.granian).exists()
    }
    with TemporaryDirectory() as folder:
        keys = json.dumps({"keys": [public_jwk(rsa_key(), kid="platform-key-1")]})
        (Path(folder) / "jwks.json").write_text(keys)
        servers = [_Design(name, Path(folder), options.granian) for name in designs]
        try:
            measured = _measure(servers, blocks=options.blocks, clicks=options.clicks)
            memory = {server.name: server.memory_mib() for server in servers}
        finally:
            for server in servers:
                server.stop()
    report = _report(measured, memory, clicks=options.clicks)
    print(json.dumps(report, ensure_ascii=False) if options.json else _table(report))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench servers")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--blocks", type=int, default=12)
    parser.add_argument("--clicks", type=int, default=40, help="of each kind in each block")
    parser.add_argument("--granian", default=str(Path(sys.executable).parent / "granian"), help="its program")
    return parser.parse_args()


def served() -> Any:
    """The product with a module to read; each worker has a database of its own."""
    from courses import loading
    from lms.core.db import transaction

    application = launch.ours()
    app = application.__closure__[0].cell_contents  # what the clock was put before
    with app.app_context(), transaction():
        loading.load([academy.module()])
    if how := os.environ.get("BENCH_GARBAGE"):
        gc.collect()
        gc.freeze()
        if how == "seldom":
            gc.set_threshold(50_000, 20, 100)
    return application


class _Design(_Server):
    """A server with one worker, and one kept connection to it."""

    def __init__(self, name: str, folder: Path, granian: str) -> None:
        self.name, self.port, self._addresses = name, _free_port(), count(2)
        server, words, garbage = DESIGNS[name]
        command = words.format(port=self.port).split()
        own = folder / str(self.port)
        own.mkdir()
        (own / "jwks.json").write_text((folder / "jwks.json").read_text())
        factory = (
            ["tests.bench.servers:served()"] if server == "gunicorn" else ["--factory", "tests.bench.servers:served"]
        )
        self._process = subprocess.Popen(
            [*([sys.executable] if server == "gunicorn" else [granian]), *command, *factory],
            env={**os.environ, "BENCH_FOLDER": str(own), "BENCH_GARBAGE": garbage},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.wait_until_ready()

    def memory_mib(self) -> int:
        """Of the worker alone; pages that it shares are divided among those who do."""
        (worker, *_more) = self._workers()
        rollup = Path(f"/proc/{worker}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) // 1024 for line in rollup if line.startswith("Pss:"))

    def _workers(self) -> list[str]:
        path = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return path.read_text().split() or [str(self._process.pid)]

    def stop(self) -> None:
        """With all that it started."""
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _measure(servers: list[_Design], *, blocks: int, clicks: int) -> dict[str, dict[str, list[float]]]:
    """Milliseconds of CPU of one click, for each block."""
    platform = Platform(url="http://127.0.0.1:9")
    for server in servers:
        server.new_connection()
        for _number in range(60):
            _lesson(server, *_launch(server, platform))
    costs: dict[str, dict[str, list[float]]] = {server.name: {LAUNCH: [], LESSON: []} for server in servers}
    for _block in range(blocks):
        for server in servers:
            server.new_connection()
            before = server.cpu_seconds()
            for _number in range(clicks):
                place = _launch(server, platform)
            middle = server.cpu_seconds()
            for _number in range(clicks):
                _lesson(server, *place)
            after = server.cpu_seconds()
            costs[server.name][LAUNCH].append(1000 * (middle - before) / clicks)
            costs[server.name][LESSON].append(1000 * (after - middle) / clicks)
    return costs


def _launch(server: _Design, platform: Platform) -> tuple[str, str]:
    """Where the browser lands, and its cookies."""
    number = next(_numbers)
    status, headers, body = server.ask("GET", f"/lti/login?{urlencode(platform.login_parameters())}")
    assert status == 302, (server.name, status, body)
    question = dict(parse_qsl(urlsplit(headers["Location"]).query))
    cookies = "; ".join(cookie.split(";")[0] for cookie in headers.get_all("Set-Cookie") or [])
    claims = platform.claims(
        question,
        sub=f"person-{number % PEOPLE}",
        target_link_uri=f"{TOOL}/learn/public-management",
        roles=[f"{MEMBERSHIP}Learner"],
    )
    token = jwt.encode(claims, rsa_key(), algorithm="RS256", headers={"kid": platform.kid})
    form = urlencode({"state": question["state"], "id_token": token})
    status, headers, body = server.ask("POST", "/lti/launch", form, Cookie=cookies)
    assert status == 303, (server.name, status, body)
    return urlsplit(headers["Location"]).path, cookies


def _lesson(server: _Design, base: str, cookies: str) -> None:
    status, _headers, body = server.ask("GET", f"{base}/pm1/1", Cookie=cookies)
    assert status == 200, (server.name, status, body)


def _report(measured: dict[str, dict[str, list[float]]], memory: dict[str, int], *, clicks: int) -> dict[str, Any]:
    return {
        "bench": "servers",
        "unit": "CPU milliseconds of the worker for one launch (two requests) and one page of a lesson",
        "clicks_a_block": clicks,
        "designs": {
            name: {
                **{kind: _summary(costs[kind], measured[GTHREAD][kind]) for kind in (LAUNCH, LESSON)},
                "memory_mib": memory[name],
            }
            for name, costs in measured.items()
        },
        "load": [round(one, 1) for one in os.getloadavg()],
    }


def _summary(costs: list[float], first: list[float]) -> dict[str, float]:
    """Against the first design block by block, so that the machine's moods cancel; ``least`` is its worst block."""
    ratios = [theirs / own for theirs, own in zip(first, costs, strict=True)]
    return {
        "median": round(statistics.median(costs), 2),
        "worst": round(max(costs), 2),
        "times": round(statistics.median(ratios), 2),
        "least": round(min(ratios), 2),
    }


def _table(report: dict[str, Any]) -> str:
    kinds = "".join(f"{kind:>12}{'worst':>8}{'x':>7}{'least':>7}" for kind in (LAUNCH, LESSON))
    lines = [f"{'CPU ms, x as fast as the first':<40}{kinds}{'MiB':>6}"]
    for name, design in report["designs"].items():
        told = "".join(
            f"{design[kind]['median']:>12}{design[kind]['worst']:>8}{design[kind]['times']:>7}{design[kind]['least']:>7}"
            for kind in (LAUNCH, LESSON)
        )
        lines.append(f"{name:<40}{told}{design['memory_mib']:>6}")
    return "\n".join([*lines, f"load {report['load'][0]}"])


if __name__ == "__main__":
    sys.exit(main())
