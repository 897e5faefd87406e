"""The queue as a folder, for installations without a broker: kombu's transport, but each message appears whole.

kombu opens a message's file under its final name and writes it afterwards. A worker that looks in between takes an empty
file, cannot read it, and stops. Here a message is written beside the queue and then renamed into it.
"""

from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

SCHEME = "folder"


class Channel(filesystem.Channel):
    """kombu's channel with another way to put."""

    def _put(self, queue: str, message: Any, **_options: Any) -> None:  # type: ignore[override]  # kombu names it twice
        name = f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        part = folder / f".{name}.part"  # kombu takes names only that end as the queue's do, counted from the first dot
        try:
            part.write_text(dumps(message))
            part.rename(folder / name)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise ChannelError(f"cannot add a message to {folder}") from error


class Transport(filesystem.Transport):
    """kombu's transport with our channel."""

    Channel = Channel


TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
