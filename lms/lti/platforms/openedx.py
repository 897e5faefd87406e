"""Open edX, seen with lti-consumer-xblock 11.4."""

from collections.abc import Mapping
from typing import ClassVar

from lms.core.errors import Sentence
from lms.core.i18n import _l
from lms.lti.platforms.base import Platform


class OpenEdX(Platform):
    """Answers 400 to a timestamp that is equal or older, and 500 for a user it does not know.

    It does not name its product in launches; its ids are usage keys.
    """

    families = ("open edx", "openedx", "edx")
    cures: ClassVar[Mapping[str, Sentence]] = {
        **dict.fromkeys(
            ("token-client-refused", "token-not-json", "token-refused"),
            _l(
                "The author of the course opens the LTI Consumer component in Studio, Edit: Tool Public Key Mode is Keyset URL, and "
                "Tool Keyset URL is the address of Bilim's keys. The client id and the Access Token URL below the component "
                "are the ones in Bilim. A component that was copied has others: register it, too."
            ),
        ),
        **dict.fromkeys(
            ("grades-not-granted", "token-scope-refused", "token-scope-smaller"),
            _l(
                "The author of the course opens the LTI Consumer component in Studio, Edit, sets Assignment and Grades to "
                "Declarative, and ticks This activity is graded."
            ),
        ),
        "roster-not-granted": _l(
            "The author of the course opens the LTI Consumer component in Studio, Edit, and switches Names & Roles (NRPS) on."
        ),
        **dict.fromkeys(
            ("keys-unreachable", "keys-refused", "keys-not-json"),
            _l(
                "The author of the course opens the unit in Studio. The Keyset URL stands below the LTI Consumer component. "
                "Compare it with the one in Bilim."
            ),
        ),
        "deployment-none": _l(
            "Open edX calls every deployment 1. Approve 1 in Bilim under Administration → Learning systems."
        ),
    }
    """Names of fields of lti-consumer-xblock 11.4 (lti_xblock.py, lti_1p3_studio.html)."""

    def is_seen_in(self, *, resource_link_id: str, context_id: str) -> bool:
        """A link is a block of a course run, as only it writes them."""
        is_block = resource_link_id.startswith("block-v1:") and "+type@lti_consumer+" in resource_link_id
        return is_block or context_id.startswith("course-v1:")

    def is_already_newer(self, status: int, body: bytes) -> bool:
        """The sentence of the refusal names the timestamp."""
        return super().is_already_newer(status, body) or (status == 400 and b"timestamp" in body.lower())
