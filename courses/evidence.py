"""What rules may read that other rooms know, by a name that a rule uses: a small registry, so that no rule imports a room.

A room offers a function from an enrolment's id to a whole number; ``attendance`` gives academic hours attended, ``diary``
the best mark of a visit's diary in percent.
"""

from collections.abc import Callable

Read = Callable[[str], int]
_offered: dict[str, Read] = {}


def offer(name: str, read: Read) -> None:
    """Let a room answer for a kind of evidence."""
    _offered[name] = read


def of(name: str, enrolment_id: str) -> int:
    """How much of it there is now; none where no room offers it."""
    read = _offered.get(name)
    return read(enrolment_id) if read else 0
