"""Web, worker, scheduler and broker are killed while people learn. ``script/bench kills`` does the same for longer, on PostgreSQL."""

import json
from pathlib import Path

from lms.sandbox import demo
from script import kills
from script.journey import NAME
from script.parts import free_port
from script.run_cluster import running
from tests.shortened import shortened

TARGETS = ("web-1", "worker-1", "beat", "redis")
PEOPLE = ("member-00001", "member-00002")


def test_what_was_acknowledged_is_there_once_whatever_was_killed(tmp_path: Path) -> None:
    folder, content = tmp_path / "installation", shortened(tmp_path / "content")
    with running(folder, first_port=free_port(), content=content, is_small=True) as small:
        run = kills.drive(small, people=len(PEOPLE), kills=6, targets=TARGETS, units=["pm1"], seed=5)
        faults = kills.counted(run, small.environment)
        logs = {
            path.name: path.read_text("utf-8") for path in small.parts.logs.glob("*.log") if "sandbox" not in path.name
        }

    assert faults == []
    assert (len(run.people) >= len(PEOPLE), run.killed.total()) == (True, 6)
    invented = [demo.person(name) for name in PEOPLE]
    said = [*NAME.values(), *(word for one in invented if one for word in (one.name, one.family_name, one.email))]
    assert [(word, name) for word in said for name, text in logs.items() if word in text] == []
    lines = [json.loads(line) for text in logs.values() for line in text.splitlines() if line.startswith("{")]
    issued = [line for line in lines if line["event"] == "job" and line["kind"] == "record-changed"]
    assert {"request_id", "job", "result"} <= set(issued[0])
