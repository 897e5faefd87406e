"""Web, worker, scheduler, broker and database are killed while people learn. ``script/bench kills`` does the same for longer."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lms.sandbox import demo
from script import kills
from script.counting import counted
from script.journey import NAME
from script.parts import free_port
from script.run_cluster import SMALL, running
from tests.shortened import shortened

TARGETS = ("web-1", "worker-1", "beat", "redis")
KILLS = 25
PEOPLE = ("member-00001", "member-00002")


@pytest.mark.timeout(900)  # the driver itself gives up after ten minutes of one thing, and says what it was
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_what_was_acknowledged_is_there_once_and_in_order_whatever_was_killed(engine: str, tmp_path: Path) -> None:
    targets = TARGETS if engine == "sqlite" else (*TARGETS, "postgresql")
    plan = kills.Plan(kills=KILLS, targets=targets, people=len(PEOPLE), at_once=2, pauses_seconds=(0.1, 1.9), seed=5)
    folder, content = tmp_path / "installation", shortened(tmp_path / "content")
    begun = time.monotonic()
    size = replace(SMALL, on_postgresql=engine == "postgresql")
    with running(folder, first_port=free_port(), content=content, size=size, is_warm=True) as small:
        run, killed = kills.drive(small, plan, units=["pm1"])
        faults = counted(run, small.environment)
        logs = {
            path.name: path.read_text("utf-8") for path in small.parts.logs.glob("*.log") if "sandbox" not in path.name
        }

    print(f"\n{kills.told(run, killed, faults, time.monotonic() - begun)}")
    assert faults == []
    assert (len(run.people) >= len(PEOPLE), killed.kills.total(), set(killed.kills)) == (True, KILLS, set(targets))
    assert no_personal_data(logs) == []
    lines = [json.loads(line) for text in logs.values() for line in text.splitlines() if line.startswith("{")]
    issued = [line for line in lines if line["event"] == "job" and line["kind"] == "record-changed"]
    assert {"request_id", "job", "result"} <= set(issued[0])


def no_personal_data(logs: dict[str, str]) -> list[tuple[str, str]]:
    invented = [demo.person(name) for name in PEOPLE]
    said = [*NAME.values(), *(word for one in invented if one for word in (one.name, one.family_name, one.email))]
    return [(word, name) for word in said for name, text in logs.items() if word in text]
