"""One sealed certificate, warm, against what one would write with the same libraries: ``script/bench certificate``.

Each design is a long-lived process of its own, because fonts are a property of the process. They are called in turn
within one run, so that a busy machine slows all of them alike; CPU time counts. Trust the ratios.
"""

import argparse
import json
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from certificates.snapshot import Issuer, Signer, Snapshot

PASSPHRASE = "bench"
GOAL = 4.0
OURS = "ours: PDF/A-3a, tagged, sealed"
NAIVE = "naive: write_pdf(), system Noto, pyHanko"
NAIVE_TAGGED = "naive, with pdf_variant='pdf/a-3a'"

SNAPSHOT = Snapshot(
    certificate_id="3f2c8a52-6f0e-4b52-9a35-0d1a5a3f7c10",
    number="2026-KG-PM000123",
    code="7Q4MX2DN9TVCZ",
    holder={"Cyrl": "Ысакова Айгүл Өмүрбековна", "Latn": "Aigul Omurbekovna Ysakova", "Hani": "艾古丽"},
    titles={
        "ky": "Мамлекеттик башкаруу",
        "ru": "Государственное управление",
        "zh": "公共管理",
        "en": "Public Management",
    },
    hours=24,
    score_percent=87,
    completed_on=date(2026, 11, 20),
    issued_on=date(2026, 11, 21),
    issuer=Issuer(
        names={
            "ky": "Көргөзмө мамлекеттик башкаруу академиясы",
            "ru": "Демонстрационная академия государственного управления",
            "zh": "示范公共管理学院",
            "en": "Demonstration Academy of Public Administration",
        },
        country="KG",
    ),
    signer=Signer(
        name={"ky": "Б. Т. Асанов", "ru": "Б. Т. Асанов", "zh": "阿萨诺夫", "en": "B. T. Asanov"},
        post={"ky": "Академиянын ректору", "ru": "Ректор академии", "zh": "院长", "en": "Rector"},
    ),
    verify_url="https://verify.example.kg/v/7Q4MX2DN9TVCZ",
)


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        seal = Path(folder) / "seal.p12"
        _make_seal(seal)
        workers = {name: _start(name, seal) for name in (NAIVE, NAIVE_TAGGED, OURS)}
        measured = _measure(workers, rounds=options.rounds)
    report = _report(measured)
    print(json.dumps(report, ensure_ascii=False) if options.json else _table(report))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench certificate")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--rounds", type=int, default=25)
    return parser.parse_args()


def _make_seal(path: Path) -> None:
    from certificates import authority

    authority.make_authority(path, PASSPHRASE, organisation="Bench", country="KG")


class _Worker:
    """A warm process that makes one certificate at a time and says what it cost."""

    def __init__(self, name: str, seal: Path) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._here, there = spawn.Pipe()
        self._process = spawn.Process(target=_work, args=(name, str(seal), there), daemon=True)
        self._process.start()

    def make(self, number: int) -> dict[str, Any]:
        self._here.send(number)
        cost: dict[str, Any] = self._here.recv()
        return cost

    def stop(self) -> None:
        self._here.send(None)
        self._process.join()


def _start(name: str, seal: Path) -> _Worker:
    return _Worker(name, seal)


def _measure(workers: dict[str, _Worker], *, rounds: int, warm_up: int = 3) -> dict[str, list[dict[str, Any]]]:
    costs: dict[str, list[dict[str, Any]]] = {name: [] for name in workers}
    for number in range(warm_up + rounds):
        for name, worker in workers.items():
            cost = worker.make(number)
            if number >= warm_up:
                costs[name].append(cost)
    for worker in workers.values():
        worker.stop()
    return costs


def _work(name: str, seal: str, pipe: Connection) -> None:
    make = {OURS: _ours, NAIVE: _naive, NAIVE_TAGGED: _naive_tagged}[name](Path(seal))
    while (number := pipe.recv()) is not None:
        # A different person each time: nothing may be remembered from one certificate to the next.
        snapshot = replace(
            SNAPSHOT, number=f"2026-KG-PM{number:06d}", holder={"Cyrl": f"Ысакова {'Айгүл ' * (number % 3 + 1)}"}
        )
        started_cpu, started_wall = time.process_time(), time.perf_counter()
        sealed = make(snapshot)
        pipe.send(
            {
                "cpu_ms": 1000 * (time.process_time() - started_cpu),
                "wall_ms": 1000 * (time.perf_counter() - started_wall),
                "bytes": len(sealed),
            }
        )


def _ours(seal_path: Path) -> Callable[[Snapshot], bytes]:
    from certificates import rendering
    from certificates.seal import Seal

    seal = Seal.load(seal_path, PASSPHRASE)
    return lambda snapshot: seal.seal(rendering.render(snapshot))


def _naive(seal_path: Path, **variant: str) -> Callable[[Snapshot], bytes]:
    """The same page written the way the documentation of both libraries begins."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from weasyprint import CSS, HTML

    from certificates import template

    ornament = b64encode(template.ornament().encode()).decode()
    style = (
        template.stylesheet()
        .replace("Bilim Serif", "Noto Serif")
        .replace("Bilim Song", "Noto Serif CJK SC")
        .replace("Bilim Mono", "Noto Sans Mono")
        .replace("@page {", f"@page {{ background: url(data:image/svg+xml;base64,{ornament});")
    )
    signer = signers.SimpleSigner.load_pkcs12(str(seal_path), passphrase=PASSPHRASE.encode())

    def make(snapshot: Snapshot) -> bytes:
        pdf = HTML(string=template.page(snapshot)).write_pdf(stylesheets=[CSS(string=style)], **variant)
        signed = BytesIO()
        metadata = signers.PdfSignatureMetadata(field_name="IssuerSeal", certify=True)
        signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), metadata, signer=signer, output=signed)
        return signed.getvalue()

    return make


def _naive_tagged(seal_path: Path) -> Callable[[Snapshot], bytes]:
    return _naive(seal_path, pdf_variant="pdf/a-3a")


def _report(measured: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    designs = {name: _summary(costs) for name, costs in measured.items()}
    naive = designs[NAIVE]["cpu_ms"]["median"]
    for design in designs.values():
        design["times_naive"] = round(naive / design["cpu_ms"]["median"], 2)
    return {
        "bench": "certificate",
        "ours": designs[OURS],
        "peers": {name: design for name, design in designs.items() if name != OURS},
        "goal_times_naive": GOAL,
        "goal_met": designs[OURS]["times_naive"] >= GOAL,
        "hanzi_fonts_of_the_system": _has_system_hanzi(),
    }


def _summary(costs: list[dict[str, Any]]) -> dict[str, Any]:
    summary: dict[str, Any] = {"runs": len(costs), "kib": round(costs[0]["bytes"] / 1024)}
    for figure in ("cpu_ms", "wall_ms"):
        values = sorted(cost[figure] for cost in costs)
        low, _, high = statistics.quantiles(values, n=4)
        summary[figure] = {"median": round(statistics.median(values), 1), "quartiles": [round(low, 1), round(high, 1)]}
    return summary


def _has_system_hanzi() -> bool:
    listed = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def _table(report: dict[str, Any]) -> str:
    designs = {**report["peers"], OURS: report["ours"]}
    lines = [f"{'one sealed certificate, warm':<44}{'CPU ms':>8}{'quartiles':>16}{'x naive':>9}{'KiB':>6}"]
    for name, design in designs.items():
        low, high = design["cpu_ms"]["quartiles"]
        lines.append(
            f"{name:<44}{design['cpu_ms']['median']:>8}{f'{low}-{high}':>16}{design['times_naive']:>9}{design['kib']:>6}"
        )
    verdict = "met" if report["goal_met"] else "not met"
    lines.append(f"goal: {report['goal_times_naive']} x naive, {verdict}")
    if not report["hanzi_fonts_of_the_system"]:
        lines.append(
            "The system has no hanzi font (fonts-noto-cjk): the naive pages show boxes and are cheaper for it."
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
