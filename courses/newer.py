"""Which of two answers to one question is the newer one, when they come from two pages. Pure.

The phone's clock says nothing: it may be hours off. What is known is in which order answers arrive here, which answer a page
had seen when it was made, and whether an answer had to wait for the network. An answer that comes at once is the newest,
whatever the page had seen. One that waited, or comes from a page that was kept without script, may be older than what
another device has saved meanwhile; then nobody but the person can say which one holds, and the page asks.
"""

from dataclasses import dataclass
from typing import Literal

from courses.questions import Given

Decision = Literal["save", "keep", "ask"]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What a page says about an answer that it sends."""

    page: str = ""
    """Made anew each time a question is shown."""
    seen: int | None = None
    """Revision of the answer that stood on the page, 0 for none; None if it does not say, and then it is not doubted."""
    turn: int | None = None
    """Counts what this page has sent; None without script."""
    has_waited: bool = False
    """Whether an earlier try did not get through."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is saved so far."""

    given: Given
    revision: int
    page: str
    turn: int | None


def decide(kept: Kept | None, sent: Sent, given: Given) -> Decision:
    """``save`` the answer; ``keep`` what is there, because it is the same or newer; or ``ask`` the person."""
    if kept is None:
        return "save"
    if kept.page == sent.page and sent.page:
        return "keep" if _is_overtaken(kept, sent) else "save"
    if kept.given == given:
        return "keep"
    has_come_at_once = sent.turn is not None and not sent.has_waited
    has_seen_all = sent.seen is None or sent.seen >= kept.revision
    return "save" if has_come_at_once or has_seen_all else "ask"


def _is_overtaken(kept: Kept, sent: Sent) -> bool:
    """A slow request of the same page that arrives behind a later one."""
    return sent.turn is not None and kept.turn is not None and sent.turn <= kept.turn
