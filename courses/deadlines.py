"""Until when a text is in time, and what becomes of a later one. Pure.

The end of the window that the platform's link has goes before the rule of the module, because whoever gave it knows this
course; an end for one person goes before both (LTI 1.3 core, appendix B: ``ResourceLink.submission.user.endDateTime``).
Only the first text is measured: whoever was in time may improve a returned text later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from courses.written_task import LateRule

OWN_END, LINK_END = "own_submission_end", "submission_end"
ASKED_FOR = {
    OWN_END: "$ResourceLink.submission.user.endDateTime",
    LINK_END: "$ResourceLink.submission.endDateTime",
}
"""Custom values to ask for when a link is made, with the platform's names for them."""
Verdict = Literal["in-time", "late", "refused"]


@dataclass(frozen=True)
class Deadline:
    """Until when, and what then."""

    at: datetime | None
    """Aware; None without an end."""
    is_late_accepted: bool

    def verdict(self, moment: datetime) -> Verdict:
        """What becomes of a text that is submitted at this moment; the last second is in time."""
        if self.at is None or moment <= self.at:
            return "in-time"
        return "late" if self.is_late_accepted else "refused"


def deadline(rule: LateRule, *, custom: Mapping[str, object], started_at: datetime) -> Deadline:
    """The deadline of one person.

    :param custom: values of the launch, as the platform signed them.
    :param started_at: when the person first opened the module.
    """
    named = (_moment(custom.get(name)) for name in (OWN_END, LINK_END))
    end = next((moment for moment in named if moment), None)
    if end is None and rule.days is not None:
        end = started_at + timedelta(days=rule.days)
    return Deadline(end, rule.is_accepted)


def _moment(said: object) -> datetime | None:
    """A moment with its zone. What a platform does not know stays as we asked (``$...``) or is empty: no end."""
    if not isinstance(said, str):
        return None
    try:
        moment = datetime.fromisoformat(said.strip())
    except ValueError:
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else None
    except OverflowError:
        return None
