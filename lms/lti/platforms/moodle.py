"""Moodle, seen with 4.3 and 4.5."""

import html
from collections.abc import Mapping
from typing import ClassVar

from lms.core.errors import Sentence
from lms.core.i18n import _l
from lms.lti.platforms.base import NOT_ENROLLED, SCOPE_MISSING, Platform


class Moodle(Platform):
    """Answers 409 for a score not newer by a whole second, and 400 with ``[]`` for a person it does not grade."""

    families = ("moodle",)
    cures: ClassVar[Mapping[str, Sentence]] = {
        **dict.fromkeys(
            ("token-client-refused", "token-not-json", "token-refused"),
            _l(
                "The administrator of Moodle opens Site administration → Plugins → Activity modules "
                "→ External tool → Manage tools, the settings of the tool, and compares Public keyset with the address of "
                "Bilim's keys, and Client ID with the one in Bilim. If Bilim is in a private network, "
                "Site administration → Security → HTTP security must allow its host and port "
                "(cURL blocked hosts list, cURL allowed ports list)."
            ),
        ),
        **dict.fromkeys(
            ("grades-not-granted", "token-scope-refused", "token-scope-smaller"),
            _l(
                "The administrator of Moodle opens Site administration → Plugins → Activity modules → External tool → Manage "
                "tools, the settings of the tool: Services → IMS LTI Assignment and Grade Services → Use this service for "
                "grade sync and column management; Privacy → Accept grades from the tool → Always."
            ),
        ),
        "roster-not-granted": _l(
            "The administrator of Moodle opens Site administration → Plugins → Activity modules → External tool → Manage tools, "
            "the settings of the tool: Services → IMS LTI Names and Role Provisioning → Use this service to retrieve "
            "members' information as per privacy settings."
        ),
        **dict.fromkeys(
            ("keys-unreachable", "keys-refused", "keys-not-json"),
            _l(
                "The administrator of Moodle opens Site administration → Plugins → Activity modules → External tool → Manage "
                "tools, the card of the tool, View configuration details, and gives you the Public keyset URL."
            ),
        ),
        "deployment-none": _l(
            "The administrator of Moodle opens Site administration → Plugins → Activity modules → External tool → Manage "
            "tools, the card of the tool, View configuration details, and gives you the Deployment ID. "
            "Approve it under Administration → Learning systems."
        ),
        "never-launched": _l(
            "The administrator of Moodle looks under Site administration → Plugins → Activity modules → External tool → "
            "Manage tools whether the card of the tool still says Pending, and presses Activate. Then open a module "
            "from a course."
        ),
    }
    """Menus of Moodle 4.5: of its own texts (mod/lti/lang/en, lang/en/admin.php)."""

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
