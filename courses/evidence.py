"""What rules may read that other rooms know, by a name that a rule uses: a small registry, so that no rule imports a room.

A room offers a function from ids of enrolments to whole numbers, which asks as often for many as for one; ``attendance`` gives
academic hours attended, ``diary`` the best mark of a visit's diary in percent, ``diary-waiting`` how many wait for one.
"""

from collections.abc import Callable, Collection, Mapping

Read = Callable[[Collection[str]], Mapping[str, int]]
_offered: dict[str, Read] = {}


def offer(name: str, read: Read) -> None:
    """Let a room answer for a kind of evidence."""
    _offered[name] = read


def of(name: str, enrolment_id: str) -> int:
    """How much of it there is now; none where no room offers it."""
    return of_many(name, [enrolment_id])[enrolment_id]


def of_many(name: str, enrolment_ids: Collection[str]) -> dict[str, int]:
    """How much of it each has."""
    read = _offered.get(name)
    found = read(enrolment_ids) if read and enrolment_ids else {}
    return {enrolment_id: found.get(enrolment_id, 0) for enrolment_id in enrolment_ids}
