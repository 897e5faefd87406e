"""People learn, answer, are marked and get certificates, while processes are killed at random. Nothing that was acknowledged may be
lost or doubled: at the end everything is counted (:mod:`script.counting`).
"""

import argparse
import os
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests

from script import answers
from script.counting import counted
from script.journey import MODULE
from script.learning import Run, learn_on, mark_on
from script.parts import ROOT, Parts
from script.run_cluster import Cluster, running

LOOK_SECONDS = 0.25
PATIENCE_SECONDS = 5.0
IMPATIENT = 0.25
"""The share of kills that do not wait until what was killed before answers again."""
TELL_EVERY = 100
OF_THE_CLUSTER = ("web-1", "web-2", "worker-1", "worker-2", "beat", "redis", "postgresql")


@dataclass(frozen=True)
class Plan:
    """How much, how fast, and of what."""

    kills: int
    targets: tuple[str, ...]
    people: int = 4
    """At least so many learn, and others go on until the last kill."""
    at_once: int = 4
    pauses_seconds: tuple[float, float] = (0.1, 2.2)
    """Between two kills."""
    rest_seconds: float = 0
    """After one has learned, before the next begins."""
    seed: int = 1


@dataclass
class Killed:
    """What was killed, and how it came back."""

    kills: Counter[str] = field(default_factory=Counter)
    ended_alone: Counter[str] = field(default_factory=Counter)
    """Ended by itself, because what it needs had been killed, and was started again."""
    longest_seconds: dict[str, float] = field(default_factory=dict)
    """From the kill until it answered again; of what answers nobody, nothing is known."""


def drive(cluster: Cluster, plan: Plan, units: list[str]) -> tuple[Run, Killed]:
    """Let people learn, some at once, at least so many and until so many processes were killed."""
    run, killed = Run(cluster.tool, cluster.sandbox, units), Killed()
    big = {"option": "course-size", "value": "big"}  # its 10,000 members take part
    requests.post(f"{cluster.sandbox}/switches", data=big, timeout=30).raise_for_status()
    for job in ((_kill, run, cluster.parts, plan, killed), (mark_on, run)):
        threading.Thread(target=job[0], args=job[1:], daemon=True).start()
    with ThreadPoolExecutor(plan.at_once) as pool:
        learners = [
            pool.submit(learn_on, run, plan.people, plan.rest_seconds) for _ in range(min(plan.at_once, plan.people))
        ]
    run.is_over.set()
    if run.trouble:
        raise run.trouble
    for learner in learners:
        learner.result()
    return run, killed


def _kill(run: Run, parts: Parts, plan: Plan, killed: Killed) -> None:
    """Each is started again at once, as systemd would."""
    chance, waited, deck = random.Random(plan.seed), dict[str, float](), list[str]()  # noqa: S311
    while killed.kills.total() < plan.kills and not run.is_over.is_set():
        _look_for(chance.uniform(*plan.pauses_seconds), parts, plan, killed, waited)
        until = time.monotonic() + (0 if chance.random() < IMPATIENT else PATIENCE_SECONDS)
        while waited and time.monotonic() < until:
            _look_for(LOOK_SECONDS, parts, plan, killed, waited)
        if not deck:  # each in its turn, in an order that nobody foresees
            deck = chance.sample(plan.targets, len(plan.targets))
        name = deck.pop()
        if not parts.parts[name].is_silent:
            waited.setdefault(name, time.monotonic())
        parts.kill(name)
        killed.kills[name] += 1
        if killed.kills.total() % TELL_EVERY == 0:
            print(f"{killed.kills.total()} kills, {len(run.people)} people, {run.unanswered} unanswered", flush=True)
    while waited and not run.is_over.is_set():
        _look_for(LOOK_SECONDS, parts, plan, killed, waited)
    run.is_quiet.set()
    while not run.is_over.is_set():  # what ends late is started again, too
        _look_for(LOOK_SECONDS, parts, plan, killed, waited)


def _look_for(seconds: float, parts: Parts, plan: Plan, killed: Killed, waited: dict[str, float]) -> None:
    """Start again what ended by itself, and note what answers again."""
    until = time.monotonic() + seconds
    while True:
        for name in plan.targets:
            if parts.parts[name].has_ended():
                killed.ended_alone[name] += 1
                parts.start_again(name)
        for name in [name for name in waited if parts.parts[name].answers()]:
            seconds_away = time.monotonic() - waited.pop(name)
            killed.longest_seconds[name] = max(killed.longest_seconds.get(name, 0), round(seconds_away, 1))
        left = until - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(LOOK_SECONDS, left))


def told(run: Run, killed: Killed, faults: list[str], seconds: float) -> str:
    """A table for people, and the faults."""
    rows = [
        f"{name:<12} {killed.kills[name]:>6} {killed.ended_alone[name]:>12} {killed.longest_seconds.get(name, '-'):>20}"
        for name in sorted(killed.kills)
    ]
    figures = {
        "kills": killed.kills.total(),
        "people who learned to the end": len(run.people),
        "answers acknowledged": sum(len(known.questions) for known in run.people.values()),
        "requests without an answer": run.unanswered,
        "longest wait of a person for one thing, seconds": round(run.longest_wait_seconds, 1),
        "seconds": round(seconds),
        "faults": len(faults),
    }
    return "\n".join(
        [
            f"{'killed':<12} {'times':>6} {'ended alone':>12} {'longest recovery, s':>20}",
            *rows,
            *(f"{name}: {value}" for name, value in figures.items()),
            *faults,
        ]
    )


def main() -> int:
    """``script/bench kills [N]``: on the whole cluster, the database among what is killed."""
    options = argparse.ArgumentParser(prog="script/bench kills")
    options.add_argument("kills", nargs="?", type=int, default=1000)
    options.add_argument("--people", type=int, default=4, help="at least so many learn, and go on until the last kill")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--port", type=int, default=8400)
    given = options.parse_args()
    started = time.monotonic()
    with running(ROOT / "instance" / "kills", first_port=given.port, is_warm=True) as cluster:
        os.environ.update(cluster.environment)
        plan = Plan(kills=given.kills, targets=OF_THE_CLUSTER, people=given.people, seed=given.seed)
        run, killed = drive(cluster, plan, answers.units(MODULE))
        faults = counted(run, cluster.environment)
    print(told(run, killed, faults, time.monotonic() - started))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
