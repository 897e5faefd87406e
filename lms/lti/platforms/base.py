"""A platform that does what the specification says."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from lms.core.errors import Sentence
from lms.lti.platforms import cures as for_any

NOT_ENROLLED = "not-enrolled"
LINE_ITEM_MISSING = "line-item-missing"
SCORE_REFUSED = "score-refused"
SCOPE_MISSING = "score-not-allowed"
ROSTER_NOT_ALLOWED = "roster-not-allowed"
ROSTER_MISSING = "roster-missing"
ROSTER_REFUSED = "roster-refused"
PASSING = (408, 425, 429)
"""Answers of the 4xx family that a later try may cure (RFC 9110, 6585, 8470)."""


class Platform:
    """Habits, each with a safe default. A subclass overrides what its LMS does otherwise."""

    families: tuple[str, ...] = ()
    """Its product_family_code, in lower case."""
    issuers: tuple[str, ...] = ()
    """Issuers that all its tenants share."""
    members_a_page: int = 500
    """How many members of a course we ask for at once; a platform may give fewer."""
    frame_ancestors: tuple[str, ...] = ()
    """Where its pages live, if not at the issuer."""
    token_audience: str | None = None
    """What a client assertion names as its audience, if neither the token address nor what the platform announces."""

    cures: ClassVar[Mapping[str, Sentence]] = {}
    """Who must change what in its menus, by the code of a finding, where :mod:`lms.lti.platforms.cures` knows no menu."""

    def cure(self, code: str) -> Sentence:
        """Who must change what, for a finding of a check-up."""
        return self.cures.get(code) or for_any.FOR_ANY.get(code, for_any.ELSE)

    def is_seen_in(self, *, resource_link_id: str, context_id: str) -> bool:
        """Whether a launch of a platform that does not name its product has ids of this kind."""
        return False

    def announced_audience(self, authorization_server: str | None) -> str | None:
        """The audience of assertions, from what the platform says when we register (``authorization_server``)."""
        return authorization_server

    def languages_of_labels(self, languages: Sequence[str]) -> Sequence[str]:
        """In which languages labels are sent beside the English ones."""
        return languages

    def placements(self, message_type: str, supported: Sequence[str]) -> list[str]:
        """Where a message is offered, of what the platform says that it has.

        The two names of the specification; a platform that names no places of its own decides by itself.
        """
        return [name for name in ("ContentArea",) if message_type == "LtiDeepLinkingRequest" and name in supported]

    def score_extensions(self) -> dict[str, Any]:
        """What to add to a score."""
        return {}

    def is_already_newer(self, status: int, body: bytes) -> bool:
        """Whether the answer says that the platform holds a score as new as ours: nothing is left to do."""
        return status == 409  # AGS 2.0: conflicts are older timestamps

    def permanent_refusal(self, status: int, body: bytes) -> str | None:
        """Why this score will never be taken, or None if trying again may help."""
        if status in (404, 410):
            return LINE_ITEM_MISSING
        if status == 403:
            return SCOPE_MISSING
        return SCORE_REFUSED if 400 <= status < 500 and status not in (401, *PASSING) else None

    def linked_address(self, written: str) -> str:
        """An address in a ``Link`` header, as it was meant."""
        return written

    def plain_name(self, written: str) -> str:
        """A name in a roster, as the person writes it."""
        return written

    def roster_refusal(self, status: int) -> str | None:
        """Why this list will never be given, or None if trying again may help. A 401 stands here for a fresh token."""
        if status in (401, 403):
            return ROSTER_NOT_ALLOWED
        if status in (404, 410):
            return ROSTER_MISSING
        return ROSTER_REFUSED if 400 <= status < 500 and status not in PASSING else None
