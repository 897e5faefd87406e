"""CPU time of other processes, as the kernel counts it."""

from pathlib import Path


def cpu_seconds(pid: int | None) -> float:
    """Of the one thread of a process (Linux, Documentation/scheduler/sched-stats); nothing without one."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9 if pid else 0.0
