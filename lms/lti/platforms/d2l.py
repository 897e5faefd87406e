"""D2L Brightspace (from other tools and issue threads; not run)."""

from lms.lti.platforms.base import NOT_ENROLLED, Platform


class D2L(Platform):
    """Each school is an issuer of its own; tokens come from one server for all."""

    families = ("desire2learn", "d2l", "brightspace")
    token_audience = "https://api.brightspace.com/auth/token"  # noqa: S105  the same for all schools (webwork2 2342)

    def permanent_refusal(self, status: int, body: bytes) -> str | None:
        """403 stands for two things; the sentence tells them apart (hypothesis/lms, lti_grading)."""
        if status == 403 and b"not enrolled in the org unit" in body.lower():
            return NOT_ENROLLED
        return super().permanent_refusal(status, body)
