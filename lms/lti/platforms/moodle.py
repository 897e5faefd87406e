"""Moodle, seen with 4.3 and 4.5."""

import html

from lms.lti.platforms.base import NOT_ENROLLED, SCOPE_MISSING, Platform


class Moodle(Platform):
    """Answers 409 for a score not newer by a whole second, and 400 with ``[]`` for a person it does not grade."""

    families = ("moodle",)

    def permanent_refusal(self, status: int, body: bytes) -> str | None:
        """A teacher, an assistant, or somebody who left the course gets no grade."""
        if status == 400 and body.strip() == b"[]":
            return NOT_ENROLLED
        if status == 401:  # for a token without the scope, too, and this one is fresh
            return SCOPE_MISSING
        return super().permanent_refusal(status, body)

    def linked_address(self, written: str) -> str:
        """Links between pages of line items are escaped as if they stood in a page: ``&amp;``."""
        return html.unescape(written)

    def plain_name(self, written: str) -> str:
        """Names in rosters are escaped (``Ed Bold &amp; Co``), while launches send them as they are."""
        return html.unescape(written)
