"""Blackboard Learn (from recorded launches and issue threads; not run)."""

from collections.abc import Mapping
from typing import ClassVar

from lms.core.errors import Sentence
from lms.core.i18n import _l
from lms.lti.platforms.base import NOT_ENROLLED, Platform


class Blackboard(Platform):
    """All schools share one issuer and one client id; a deployment is a school (oli-torus 1963, 1979)."""

    families = ("blackboardlearn", "blackboard")
    issuers = ("https://blackboard.com",)
    frame_ancestors = ("https://*.blackboard.com",)
    cures: ClassVar[Mapping[str, Sentence]] = {
        **dict.fromkeys(
            ("token-client-refused", "token-refused"),
            _l(
                "The client id is the Application ID of the developer portal of Blackboard; there, the application must have "
                "the address of Bilim's keys (Tool JWKS URL). The administrator of the school looks under "
                "Administrator Tools → LTI Tool Providers whether the same Application ID is registered and approved."
            ),
        ),
        **dict.fromkeys(
            ("grades-not-granted", "token-scope-refused", "token-scope-smaller", "roster-not-granted"),
            _l(
                "The administrator of Blackboard opens Administrator Tools → LTI Tool Providers, edits the tool, and allows "
                "grade service access and membership service access."
            ),
        ),
        **dict.fromkeys(
            ("deployment-none", "deployments-wait"),
            _l(
                "The administrator of Blackboard opens Administrator Tools → LTI Tool Providers, edits the tool, and gives you the "
                "Deployment ID. Each school has its own; approve it in Bilim under Administration → Learning systems."
            ),
        ),
    }
    """Menus as guides of other tools name them, not seen."""

    def permanent_refusal(self, status: int, body: bytes) -> str | None:
        """``User could not be found:`` is for somebody who is not in the course (hypothesis/lms, lti_grading)."""
        if status == 400 and b"user could not be found" in body.lower():
            return NOT_ENROLLED
        return super().permanent_refusal(status, body)
