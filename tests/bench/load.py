"""What a click costs, and whether it costs more among many: ``script/bench load``.

Installations run beside each other as in production - one process on SQLite, and the cluster on PostgreSQL - each once with few
people and once with many. They are asked in turn, in blocks within one run, some at once, so that a busy machine slows all
alike. What counts is CPU time of the installation's own processes, by the kernel. The browsers and the learning system run on the
same processors, which the times by the wall hold as well: read those as an upper bound.

The mix is that of a module (domain model: 48 launches for three): 16 launches, 60 sections, 80 answers, one completion, and
five who scan the certificate.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import Any

from tests import platform as learning_systems
from tests.bench import sites, visitors
from tests.bench.asking import queries_of
from tests.bench.sites import DATABASE, OTHERS, WEB, WORKER, Site
from tests.bench.visitors import Visitor, timed

ROOT = Path(__file__).resolve().parents[2]
MIX = {"launch": 16, "lesson": 60, "answer": 80, "completion": 1, "verification": 5}
REQUESTS = {"launch": 2, "lesson": 2, "answer": 2, "completion": 1, "verification": 1}
MOST_RATIO, LAUNCH_P95_MS, LAUNCHES_A_SECOND = 1.25, 300, 20
AT_ONCE = 3
"""Browsers that ask at the same time."""
FEWER = {"completion": 4}
"""Of what costs much afterwards, a part of a block."""


@dataclass
class Measured:
    """What one kind of click took at one site."""

    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: dict[str, list[float]] = field(default_factory=lambda: {WEB: [], DATABASE: [], OTHERS: []})
    """Of one click, for each block."""

    @property
    def served_ms(self) -> list[float]:
        """All that answers, for each block."""
        return [sum(kinds) for kinds in zip(*self.cpu_ms.values(), strict=True)]


@dataclass
class Crowd:
    """Who visits a site."""

    site: Site
    learners: list[Visitor]
    drawn: random.Random = field(default_factory=lambda: random.Random(11))
    measured: dict[str, Measured] = field(default_factory=lambda: {kind: Measured() for kind in MIX})
    paced_ms: list[float] = field(default_factory=list)
    queries: dict[str, float] = field(default_factory=dict)
    work: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)

    def act(self, kind: str, learner: Visitor) -> None:
        """One click of this kind; by somebody who is known, as most are."""
        site, asker = self.site, learner.asker
        if kind == "launch":
            asker.move()  # type: ignore[attr-defined]
            visitors.launch(Visitor(asker), site.platform, self.drawn.randrange(site.people), self._link())
        elif kind == "lesson":
            visitors.lesson(learner)
        elif kind == "answer":
            visitors.answer(learner)
        elif kind == "completion":
            visitors.complete(asker, site.platform, next(site.unfinished), site.token)
        else:
            if learner.turn % 40 == 0:
                asker.move()  # type: ignore[attr-defined]
            learner.turn += 1
            visitors.verify(asker, self.drawn.randrange(site.people))

    def _link(self) -> str:
        return f"link-{self.drawn.randrange(sites.LINKS)}"


def main() -> int:
    options = _options()
    folder = ROOT / "instance" / "load"
    rmtree(folder, ignore_errors=True)
    started = time.monotonic()
    with ExitStack() as stack:
        platform = stack.enter_context(learning_systems.running())
        crowds = [_crowd(site) for site in _sites(stack, folder, platform, options)]
        _say(f"{len(crowds)} installations are ready", started)
        for crowd in crowds:
            crowd.queries = queries_of(crowd.site)
        _blocks(crowds, blocks=options.blocks, clicks=options.clicks)
        _say("blocks are done", started)
        for crowd in crowds:
            crowd.paced_ms = _paced(crowd, seconds=options.seconds)
        report = _report(crowds)
    rmtree(folder, ignore_errors=True)
    print(json.dumps(report, ensure_ascii=False) if options.json else _table(report))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench load")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--few", type=int, default=1_000, help="people and certificates of the small installations")
    parser.add_argument("--many", type=int, default=100_000, help="of the large ones; a million takes half an hour")
    parser.add_argument("--blocks", type=int, default=5)
    parser.add_argument("--clicks", type=int, default=60, help="of each kind in each block")
    parser.add_argument("--seconds", type=int, default=8, help=f"of {LAUNCHES_A_SECOND} launches a second")
    parser.add_argument("--port", type=int, default=18600)
    parser.add_argument("--without-cluster", action="store_true", help="only one process on SQLite")
    return parser.parse_args()


def _sites(
    stack: ExitStack, folder: Path, platform: learning_systems.Platform, options: argparse.Namespace
) -> list[Site]:
    made: list[Site] = []
    kinds = [("one process, SQLite", True), *([] if options.without_cluster else [("cluster, PostgreSQL", False)])]
    for name, is_small in kinds:
        for number in (options.few, options.many):
            place = len(made)
            port = options.port + 20 * place
            entered = sites.running(
                name, folder / str(place), platform, count=number, first_port=port, is_small=is_small
            )
            made.append(stack.enter_context(entered))
    return made


def _crowd(site: Site) -> Crowd:
    """Some learners who stand within a test."""
    learners = [Visitor(site.asker()) for _ in range(AT_ONCE)]
    for number, learner in enumerate(learners):
        visitors.launch(learner, site.platform, site.people + sites.UNFINISHED - 1 - number, "link-1")
        visitors.begin_test(learner)
    return Crowd(site, learners)


def _blocks(crowds: list[Crowd], *, blocks: int, clicks: int) -> None:
    """The first block of each is not counted: everything is warm then."""
    before = {}
    for block in range(blocks + 1):
        for kind in MIX:
            for crowd in crowds:
                _block(crowd, kind, clicks // FEWER.get(kind, 1), counts=block > 0)
        for crowd in crowds:
            made = crowd.site.settle()
            if block == 0:
                before[crowd.site.name, crowd.site.people] = (made, crowd.site.cpu_seconds()[WORKER], time.monotonic())
    for crowd in crowds:
        _note_work(crowd, *before[crowd.site.name, crowd.site.people])


def _note_work(crowd: Crowd, made_before: int, cpu_before: float, _begun: float) -> None:
    """What one completion costs afterwards: the score sent, the certificate made. With what workers do while they wait."""
    made = crowd.site.settle() - made_before
    cpu = crowd.site.cpu_seconds()[WORKER] - cpu_before
    crowd.work = {"certificates": made, "cpu_ms": round(1000 * cpu / max(1, made), 1)}
    crowd.memory = crowd.site.memory_mib()


def _block(crowd: Crowd, kind: str, clicks: int, *, counts: bool) -> None:
    numbers = count()
    before = crowd.site.cpu_seconds()

    def _some(learner: Visitor) -> list[float]:
        found = []
        while next(numbers) < clicks:
            found.append(timed(lambda: crowd.act(kind, learner)))
        return found

    with ThreadPoolExecutor(AT_ONCE) as pool:
        took = [one for part in pool.map(_some, crowd.learners) for one in part]
    after = crowd.site.cpu_seconds()
    if counts:
        crowd.measured[kind].wall_ms += took
        for part, found in crowd.measured[kind].cpu_ms.items():
            found.append(1000 * (after[part] - before[part]) / clicks)


def _paced(crowd: Crowd, *, seconds: int) -> list[float]:
    """Launches that come whether or not the one before is answered; each takes from when it was due."""
    begun = time.monotonic() + 0.2
    due = [begun + place / LAUNCHES_A_SECOND for place in range(seconds * LAUNCHES_A_SECOND)]
    askers = [crowd.site.asker() for _ in due]

    def _one(place: int) -> float:
        time.sleep(max(0.0, due[place] - time.monotonic()))
        number = crowd.drawn.randrange(crowd.site.people)
        visitors.launch(Visitor(askers[place]), crowd.site.platform, number, "link-2")
        return 1000 * (time.monotonic() - due[place])

    with ThreadPoolExecutor(32) as pool:
        return list(pool.map(_one, range(len(due))))


# What it says


def _report(crowds: list[Crowd]) -> dict[str, Any]:
    growth = {few.site.name: _growth(few, many) for few, many in zip(crowds[::2], crowds[1::2], strict=True)}
    return {
        "bench": "load",
        "unit": "milliseconds; CPU of the installation's processes for one click, browsers left out",
        "mix": MIX,
        "at_once": AT_ONCE,
        "sites": [_told(crowd) for crowd in crowds],
        "growth": growth,
        "load": [round(one, 1) for one in os.getloadavg()],
        "goals": {
            f"CPU of the mix among many <= {MOST_RATIO} x among few": all(
                one["mix"] <= MOST_RATIO for one in growth.values()
            ),
            f"launch p95 < {LAUNCH_P95_MS} ms at {LAUNCHES_A_SECOND} a second": all(
                _quantiles(crowd.paced_ms)["p95"] < LAUNCH_P95_MS for crowd in crowds
            ),
        },
    }


def _told(crowd: Crowd) -> dict[str, Any]:
    return {
        "site": crowd.site.name,
        "people": crowd.site.people,
        "clicks": {kind: _clicks(kind, crowd) for kind in MIX},
        "sitting_cpu_ms": round(_sitting(crowd), 1),
        "launches_paced": _quantiles(crowd.paced_ms),
        "after_a_completion": crowd.work,
        "memory_mib": crowd.memory,
    }


def _clicks(kind: str, crowd: Crowd) -> dict[str, Any]:
    found = crowd.measured[kind]
    return {
        "requests": REQUESTS[kind],
        "queries_a_request": round(crowd.queries[kind] / REQUESTS[kind], 1),
        "wall": _quantiles(found.wall_ms),
        "cpu": round(statistics.median(found.served_ms), 2),
        "cpu_worst_block": round(max(found.served_ms), 2),
        "cpu_database": round(statistics.median(found.cpu_ms[DATABASE]), 2),
    }


def _sitting(crowd: Crowd) -> float:
    """CPU of one launch with all that it brings, by the mix."""
    costs = {kind: statistics.median(crowd.measured[kind].served_ms) for kind in MIX}
    return sum(costs[kind] * number for kind, number in MIX.items()) / MIX["launch"]


def _growth(few: Crowd, many: Crowd) -> dict[str, Any]:
    """Among many divided by among few: of each kind the median over the blocks and the worst block, and of the mix."""
    found: dict[str, Any] = {}
    for kind in MIX:
        ratios = [
            large / small
            for large, small in zip(many.measured[kind].served_ms, few.measured[kind].served_ms, strict=True)
            if small
        ]
        found[kind] = {"median": round(statistics.median(ratios), 2), "worst": round(max(ratios), 2)}
    return {**found, "mix": round(_sitting(many) / _sitting(few), 2)}


def _quantiles(took: list[float]) -> dict[str, float]:
    places = statistics.quantiles(took, n=100)
    return {name: round(places[place - 1], 1) for name, place in (("p50", 50), ("p95", 95), ("p99", 99))}


def _table(report: dict[str, Any]) -> str:
    lines = []
    for site in report["sites"]:
        lines.append(f"{site['site']}, {site['people']} people and certificates")
        heads = f"{'CPU ms':>9}{'worst':>8}{'database':>10}{'queries':>9}{'p50':>8}{'p95':>8}{'p99':>8}"
        lines.append(f"  {'one click':<16}{heads}   wall, {report['at_once']} at once")
        for kind, click in site["clicks"].items():
            wall = "".join(f"{click['wall'][name]:>8}" for name in ("p50", "p95", "p99"))
            lines.append(
                f"  {kind:<16}{click['cpu']:>9}{click['cpu_worst_block']:>8}{click['cpu_database']:>10}"
                f"{click['queries_a_request']:>9}{wall}"
            )
        paced, work = site["launches_paced"], site["after_a_completion"]
        lines.append(
            f"  {LAUNCHES_A_SECOND} launches a second: p50 {paced['p50']}, p95 {paced['p95']}, p99 {paced['p99']} ms; "
            f"a launch with its share of the mix: {site['sitting_cpu_ms']} ms CPU"
        )
        lines.append(
            f"  after a completion (score and certificate): {work['cpu_ms']} ms CPU of the workers, "
            f"{work['certificates']} made; memory {site['memory_mib']} MiB"
        )
    for name, growth in report["growth"].items():
        told = ", ".join(f"{kind} {growth[kind]['median']} (worst {growth[kind]['worst']})" for kind in MIX)
        lines.append(f"many / few, {name}: mix {growth['mix']}; {told}")
    lines += [f"{'met' if is_met else 'NOT MET':<8} {goal}" for goal, is_met in report["goals"].items()]
    lines.append(f"Browsers and learning system ran on the same {os.cpu_count()} processors; load {report['load'][0]}.")
    return "\n".join(lines)


def _say(words: str, started: float) -> None:
    print(f"{time.monotonic() - started:.0f} s: {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
