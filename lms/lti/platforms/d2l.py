"""D2L Brightspace (from other tools and issue threads; not run)."""

from collections.abc import Mapping
from typing import ClassVar

from lms.core.errors import Sentence
from lms.core.i18n import _l
from lms.lti.platforms.base import NOT_ENROLLED, Platform


class D2L(Platform):
    """Each school is an issuer of its own; tokens come from one server for all."""

    families = ("desire2learn", "d2l", "brightspace")
    token_audience = "https://api.brightspace.com/auth/token"  # noqa: S105  the same for all schools (webwork2 2342)
    cures: ClassVar[Mapping[str, Sentence]] = {
        "token-audience-refused": _l(
            "The administrator of Brightspace opens Admin Tools → Manage Extensibility → LTI Advantage, the tool, "
            "Brightspace Registration Details, and gives you the Brightspace OAuth2 Audience. Set it in Bilim under "
            "Administration → Learning systems, Settings."
        ),
        **dict.fromkeys(
            ("token-client-refused", "token-refused", "never-launched"),
            _l(
                "The administrator of Brightspace opens Admin Tools → Manage Extensibility → LTI Advantage, the tool: it must be "
                "enabled, its Keyset URL is the address of Bilim's keys, and its Client Id is the one in Bilim."
            ),
        ),
        **dict.fromkeys(
            ("grades-not-granted", "token-scope-refused", "token-scope-smaller", "roster-not-granted"),
            _l(
                "The administrator of Brightspace opens Admin Tools → Manage Extensibility → LTI Advantage, the tool, and ticks under "
                "Extensions Assignment and Grade Services and Names and Role Provisioning Services, "
                "there and again in View Deployments for the deployment."
            ),
        ),
        **dict.fromkeys(
            ("deployment-none", "deployments-wait"),
            _l(
                "The administrator of Brightspace opens Admin Tools → Manage Extensibility → LTI Advantage, the tool, "
                "View Deployments. Approve the id of the deployment in Bilim under Administration → Learning systems."
            ),
        ),
    }
    """Menus as of documentation.brightspace.com, not seen."""

    def permanent_refusal(self, status: int, body: bytes) -> str | None:
        """403 stands for two things; the sentence tells them apart (hypothesis/lms, lti_grading)."""
        if status == 403 and b"not enrolled in the org unit" in body.lower():
            return NOT_ENROLLED
        return super().permanent_refusal(status, body)
