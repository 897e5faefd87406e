"""A platform that does what the specification says."""

from typing import Any

NOT_ENROLLED = "not-enrolled"
LINE_ITEM_MISSING = "line-item-missing"
SCORE_REFUSED = "score-refused"
SCOPE_MISSING = "score-not-allowed"


class Platform:
    """Habits, each with a safe default. A subclass overrides what its LMS does otherwise."""

    families: tuple[str, ...] = ()
    """Its product_family_code, in lower case."""
    issuers: tuple[str, ...] = ()
    """Issuers that all its tenants share."""
    frame_ancestors: tuple[str, ...] = ()
    """Where its pages live, if not at the issuer."""

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
        return SCORE_REFUSED if 400 <= status < 500 and status not in (401, 408, 425, 429) else None
