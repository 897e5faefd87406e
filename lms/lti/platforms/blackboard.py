"""Blackboard Learn (from recorded launches and issue threads; not run)."""

from lms.lti.platforms.base import NOT_ENROLLED, Platform


class Blackboard(Platform):
    """All schools share one issuer and one client id; a deployment is a school (oli-torus 1963, 1979)."""

    families = ("blackboardlearn", "blackboard")
    issuers = ("https://blackboard.com",)
    frame_ancestors = ("https://*.blackboard.com",)

    def permanent_refusal(self, status: int, body: bytes) -> str | None:
        """``User could not be found:`` is for somebody who is not in the course (hypothesis/lms, lti_grading)."""
        if status == 400 and b"user could not be found" in body.lower():
            return NOT_ENROLLED
        return super().permanent_refusal(status, body)
