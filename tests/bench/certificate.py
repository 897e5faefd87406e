"""Sealed certificates against what one would write instead: ``script/bench certificate``.

Each design is a long-lived process of its own, because fonts are a property of the process. They are called in turn
within one run, so that a busy machine slows all of them alike; CPU time counts. Trust the ratios. Ours always writes
tagged PDF/A-3a with a credential inside; the others write what is said beside them.

How much two workers do is measured on the whole product (``tests.bench.issuing``).
"""

import argparse
import json
import multiprocessing
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.bench import designs, issuing
from tests.bench.cohort import member

TURNS_OF_TWO = 6
GOAL_ONE, GOAL_BULK, GOAL_TWO = 4.0, 10.0, 1.9
DESIGNS = {
    "naive: write_pdf(), system Noto, pyHanko": designs.naive,
    "naive, with pdf_variant='pdf/a-3a'": designs.naive_tagged,
    "typst warm, tagged, pyHanko, key kept": designs.typst_tagged,
    "typst warm, PDF/A-3a, pyHanko, key kept": designs.typst_pdfa,
    "typst warm, tagged, our seal": designs.typst_our_seal,
    "ours, one by one": designs.one,
    "ours, in bulk": designs.bulk,
}
NAIVE, TYPST, ONE, BULK = (list(DESIGNS)[at] for at in (0, 2, 5, 6))


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        seal = Path(folder) / "seal.p12"
        _make_seal(seal)
        workers = {name: _Worker(name, seal) for name in DESIGNS}
        costs = _in_turn(workers, rounds=options.rounds, bulk=options.bulk)
        memory = {name: worker.stop() for name, worker in workers.items()}
        pair = issuing.measure(Path(folder) / "installation", turns=TURNS_OF_TWO, certificates=options.part)
    report = _report(costs, memory, pair)
    print(json.dumps(report, ensure_ascii=False) if options.json else _table(report))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench certificate")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--rounds", type=int, default=20, help="of the slow designs")
    parser.add_argument("--bulk", type=int, default=200, help="certificates of the fast designs")
    parser.add_argument("--part", type=int, default=24, help="certificates of each worker in each turn, of two workers")
    return parser.parse_args()


def _make_seal(path: Path) -> None:
    from certificates import authority

    authority.make_authority(path, designs.PASSPHRASE, organisation="Bench", country="KG")


class _Worker:
    """A warm process that makes certificates and says what each has cost."""

    def __init__(self, name: str, seal: Path) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._here, there = spawn.Pipe()
        self._process = spawn.Process(target=_work, args=(name, str(seal), there), daemon=True)
        self._process.start()

    def ask(self, *numbers: int) -> None:
        self._here.send(numbers)

    def answer(self) -> list[dict[str, float]]:
        costs: list[dict[str, float]] = self._here.recv()
        return costs

    def stop(self) -> float:
        """Peak memory in MiB."""
        self._here.send(None)
        peak: float = self._here.recv()
        self._process.join()
        return peak


def _work(name: str, seal: str, pipe: Connection) -> None:
    make, check = DESIGNS[name](Path(seal)), designs.self_check(Path(seal))
    for number in range(3):  # libraries and fonts; a plate is for others' certificates and is made within the count
        make(member(-1 - number))
    if name == BULK:
        from certificates import rendering

        rendering._plates.clear()
    while (numbers := pipe.recv()) is not None:
        pipe.send([_cost(make, check if name in (ONE, BULK) else None, number) for number in numbers])
    pipe.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _cost(make: designs.Make, check: designs.Check | None, number: int) -> dict[str, float]:
    snapshot = member(number)
    before_cpu, before = time.process_time(), time.perf_counter()
    file = make(snapshot)
    made_cpu, made = time.process_time(), time.perf_counter()
    if check:
        check(file)
    return {
        "cpu_ms": 1000 * (made_cpu - before_cpu),
        "wall_ms": 1000 * (made - before),
        "check_ms": 1000 * (time.process_time() - made_cpu),
        "bytes": len(file),
    }


def _in_turn(workers: dict[str, _Worker], *, rounds: int, bulk: int) -> dict[str, list[dict[str, float]]]:
    """The slow ones make one certificate in each round, the fast ones their share of the cohort."""
    costs: dict[str, list[dict[str, float]]] = {name: [] for name in workers}
    share = max(1, bulk // rounds)
    for number in range(rounds):
        for name, worker in workers.items():
            many = share if name in (BULK, TYPST) else 1
            worker.ask(*range(number * many, number * many + many))
            costs[name] += worker.answer()
    return costs


def _report(costs: dict[str, list[dict[str, float]]], memory: dict[str, float], pair: dict[str, Any]) -> dict[str, Any]:
    found = {name: _summary(costs[name]) | {"peak_mib": round(memory[name])} for name in costs}
    naive = found[NAIVE]["cpu_ms"]["mean"]
    for design in found.values():
        design["times_naive"] = round(naive / design["cpu_ms"]["mean"], 1)
        design["times_naive_with_check"] = round(naive / (design["cpu_ms"]["mean"] + design["check_ms"]), 1)
    return {
        "bench": "certificate",
        "designs": found,
        "two_workers": pair,
        "goals": {
            f"one by one >= {GOAL_ONE} x naive": found[ONE]["times_naive"] >= GOAL_ONE,
            f"in bulk >= {GOAL_BULK} x naive": found[BULK]["times_naive"] >= GOAL_BULK,
            "in bulk ahead of typst": found[BULK]["times_naive"] > found[TYPST]["times_naive"],
            f"two workers >= {GOAL_TWO} x one": pair["times_one"] >= GOAL_TWO,
        },
        "hanzi_fonts_of_the_system": _has_system_hanzi(),
    }


def _summary(costs: list[dict[str, float]]) -> dict[str, Any]:
    """Means, because the first page of each kind in a cohort is laid out, and that counts."""
    times = sorted(cost["cpu_ms"] for cost in costs)
    return {
        "certificates": len(costs),
        "kib": round(statistics.fmean(cost["bytes"] for cost in costs) / 1024),
        "cpu_ms": {
            "mean": round(statistics.fmean(times), 1),
            "median": round(statistics.median(times), 1),
            "worst": round(times[-1], 1),
        },
        "check_ms": round(statistics.fmean(cost["check_ms"] for cost in costs), 1),
    }


def _has_system_hanzi() -> bool:
    listed = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def _table(report: dict[str, Any]) -> str:
    heads = f"{'mean':>8}{'median':>8}{'worst':>8}{'check':>7}{'x naive':>9}{'+ check':>9}{'KiB':>5}{'peak MiB':>10}"
    lines = [f"{'sealed certificates, CPU ms':<42}{heads}"]
    for name, design in report["designs"].items():
        cpu = design["cpu_ms"]
        lines.append(
            f"{name:<42}{cpu['mean']:>8}{cpu['median']:>8}{cpu['worst']:>8}{design['check_ms']:>7}"
            f"{design['times_naive']:>9}{design['times_naive_with_check']:>9}{design['kib']:>5}{design['peak_mib']:>10}"
        )
    lines += _told_of_two(report["two_workers"])
    lines += [f"{'met' if is_met else 'NOT MET':<8} {goal}" for goal, is_met in report["goals"].items()]
    if not report["hanzi_fonts_of_the_system"]:
        lines.append(
            "The system has no hanzi font (fonts-noto-cjk): the naive pages show boxes and are cheaper for it."
        )
    return "\n".join(lines)


def _told_of_two(pair: dict[str, Any]) -> list[str]:
    """By the clock on the wall a machine that others use says more about them."""
    alone, together = (
        dict(zip(("cpu", "waits", "queued"), each, strict=True))
        for each in zip(pair["cpu_ms"], pair["waits_ms"], pair["queued_ms"], strict=True)
    )
    return [
        "two workers of the whole product, ms of a certificate: CPU, waits for anything else, other work had the CPU",
        f"{'one':<8}{alone['cpu']:>8}{alone['waits']:>8}{alone['queued']:>8}",
        f"{'of two':<8}{together['cpu']:>8}{together['waits']:>8}{together['queued']:>8}",
        f"two workers: {pair['times_one']} x one without the last column, {pair['times_one_by_wall']} x by the wall, "
        f"load {pair['load'][0]}",
    ]


if __name__ == "__main__":
    sys.exit(main())
