"""Servers in the process of a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer
from threading import Thread


@contextmanager
def answering(*servers: BaseServer) -> Iterator[None]:
    """They answer until the block ends, each in a thread of its own. Left alone, one looks twice a second whether it shall end."""
    threads = [Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()
