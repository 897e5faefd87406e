"""Moodle, seen with 4.3 and 4.5."""

from lms.lti.platforms.base import NOT_ENROLLED, Platform


class Moodle(Platform):
    """Answers 409 for a score not newer by a whole second, and 400 with ``[]`` for a person it does not grade."""

    families = ("moodle",)

    def permanent_refusal(self, status: int, body: bytes) -> str | None:
        """A teacher, an assistant, or somebody who left the course gets no grade."""
        if status == 400 and body.strip() == b"[]":
            return NOT_ENROLLED
        return super().permanent_refusal(status, body)
