"""Canvas (its documentation, doc/api/score.md; not run)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from lms.core.errors import Sentence
from lms.core.i18n import _l
from lms.lti.platforms.base import NOT_ENROLLED, Platform


class Canvas(Platform):
    """All cloud schools share one issuer; each has its own host."""

    families = ("canvas",)
    issuers = (
        "https://canvas.instructure.com",
        "https://canvas.beta.instructure.com",
        "https://canvas.test.instructure.com",
    )
    frame_ancestors = ("https://*.instructure.com",)
    cures: ClassVar[Mapping[str, Sentence]] = {
        **dict.fromkeys(
            ("token-client-refused", "token-refused"),
            _l(
                "The administrator of Canvas opens Admin → the account → Developer Keys: the key of the tool must be On, its "
                "number is the client id in Bilim, and its JWK Method is Public JWK URL with the address of Bilim's keys."
            ),
        ),
        **dict.fromkeys(
            ("grades-not-granted", "token-scope-refused", "token-scope-smaller", "roster-not-granted"),
            _l(
                "The administrator of Canvas opens Admin → the account → Developer Keys, edits the key of the tool, and allows "
                "under LTI Advantage Services what is missing: line items, results and scores, and the membership."
            ),
        ),
        **dict.fromkeys(
            ("deployment-none", "deployments-wait"),
            _l(
                "The administrator of Canvas opens Settings → Apps → View App Configurations, the settings of the app, "
                "Deployment ID. Approve the same id in Bilim under Administration → Learning systems."
            ),
        ),
        **dict.fromkeys(
            ("keys-unreachable", "keys-refused", "keys-not-json"),
            _l(
                "The keys of Canvas in the cloud are at https://sso.canvaslms.com/api/lti/security/jwks. Correct it in Bilim."
            ),
        ),
        "token-audience-refused": _l(
            "Leave the audience empty under Administration → Learning systems, Settings: Canvas takes its token address, "
            "of the very host that gives the tokens."
        ),
    }
    """Menus as of its guides for administrators (community.canvaslms.com), not seen."""

    def announced_audience(self, authorization_server: str | None) -> str | None:
        """It announces its bare host, but takes its token address only (doc/api/registration.md, oauth)."""
        return None

    def languages_of_labels(self, languages: Sequence[str]) -> Sequence[str]:
        """It compares a tool's configuration with a schema that has no such names."""
        return ()

    def placements(self, message_type: str, supported: Sequence[str]) -> list[str]:
        """It has names of its own, and puts a message without any at ``link_selection``."""
        wanted = ("assignment_selection", "link_selection") if message_type == "LtiDeepLinkingRequest" else ()
        return [name for name in wanted if name in supported]

    def score_extensions(self) -> dict[str, Any]:
        """Without this each score counts as a new attempt."""
        return {"https://canvas.instructure.com/lti/submission": {"new_submission": False}}

    def is_already_newer(self, status: int, body: bytes) -> bool:
        """Canvas answers 400 to a timestamp that is older than its result."""
        return super().is_already_newer(status, body) or (status == 400 and b"timestamp" in body.lower())

    def permanent_refusal(self, status: int, body: bytes) -> str | None:
        """422 is for somebody who is not a student."""
        return NOT_ENROLLED if status == 422 else super().permanent_refusal(status, body)
