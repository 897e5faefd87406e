import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from threading import Event
from typing import Any

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from lms.core import folder_queue

MESSAGES = 1500


def channel(folder: Path, scheme: str = folder_queue.SCHEME) -> Any:
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(folder / "control")}
    return Connection(f"{scheme}://", transport_options=options).channel()


def taken(folder: Path, ended: Event) -> list[int]:
    """What a worker reads that never stops looking."""
    reader, found = channel(folder), []
    while True:
        was_ended = ended.is_set()
        try:
            found.append(reader._get("celery")["number"])
        except Empty:
            if was_ended:
                return found


def test_a_worker_that_never_stops_looking_reads_each_message_whole_and_once(tmp_path: Path) -> None:
    ended = Event()
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(taken, tmp_path, ended)
        writer = channel(tmp_path)
        for number in range(MESSAGES):
            writer._put("celery", {"number": number, "text": "ү" * 500})
        ended.set()

    assert sorted(reading.result(timeout=60)) == list(range(MESSAGES))


def test_a_message_for_another_queue_is_left_to_it(tmp_path: Path) -> None:
    both = channel(tmp_path)
    both._put("reports", {"number": 1})

    with pytest.raises(Empty):
        both._get("celery")

    assert both._get("reports") == {"number": 1}


def test_a_folder_that_takes_nothing_is_said_and_nothing_is_left_behind(tmp_path: Path) -> None:
    writer = channel(tmp_path / "queue")
    shutil.rmtree(tmp_path / "queue", ignore_errors=True)

    with pytest.raises(ChannelError):
        writer._put("celery", {"number": 1})

    assert not list(tmp_path.rglob("*celery*"))
