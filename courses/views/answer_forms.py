"""What the form of a question sends. Names with an underscore say something about the page; they are no answers."""

from flask import request

from courses.newer import Sent

LARGEST_NUMBER = 2**31 - 1
"""That a column of whole numbers holds."""
LONGEST_NAME = 32


def given() -> list[str]:
    """Choices and words stand as ``answer``, parts of an answer as ``answer-PART``."""
    fields = request.form.items()
    parts = [(name.removeprefix("answer-"), value) for name, value in fields if name.startswith("answer-")]
    return [*request.form.getlist("answer"), *(f"{part}={value}" for part, value in parts)]


def sent() -> Sent:
    """What the page says about itself; each of it may be missing."""
    return Sent(
        page=request.form.get("_page", "")[:LONGEST_NAME],
        seen=_whole("_seen"),
        turn=_whole("_turn"),
        has_waited=bool(request.form.get("_waited")),
    )


def _whole(name: str) -> int | None:
    """A number that a column can hold, or None where the form has none."""
    number = request.form.get(name, type=int)
    return None if number is None else min(max(number, 0), LARGEST_NUMBER)
