"""Which messages we serve: one table from a message's type to what is required of it and what is kept of it.

What every message needs - version, roles, deployment, somebody who launches - stands in :mod:`lms.lti.launch`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lms.lti import checks, claims, deep_linking, privacy, submission_review

Token = Mapping[str, Any]


def _nothing(_token: Token) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Message:
    """One kind of message."""

    type: str
    """By its present name, whatever name it came by."""
    requires: tuple[Callable[[Token], None], ...]
    asked: Callable[[Token], dict[str, Any]] = _nothing
    """What the pages of the launch have to know beyond person and course."""
    opens_link: bool = False
    """Whether it opens a link of a course at its signed target. Any other opens the page for its kind."""


_DATA_PRIVACY = Message(
    type=claims.DATA_PRIVACY_REQUEST, requires=(privacy.refuse_missing_person,), asked=privacy.asked
)
TABLE: Mapping[str, Message] = {
    claims.RESOURCE_LINK_REQUEST: Message(
        type=claims.RESOURCE_LINK_REQUEST, requires=(checks.refuse_missing_resource_link,), opens_link=True
    ),
    claims.DEEP_LINKING_REQUEST: Message(
        type=claims.DEEP_LINKING_REQUEST, requires=(deep_linking.refuse_incomplete_settings,), asked=deep_linking.asked
    ),
    claims.SUBMISSION_REVIEW_REQUEST: Message(
        type=claims.SUBMISSION_REVIEW_REQUEST,
        requires=(submission_review.refuse_missing_person, submission_review.refuse_missing_line_item),
        asked=submission_review.asked,
    ),
    claims.DATA_PRIVACY_REQUEST: _DATA_PRIVACY,
    claims.OLD_DATA_PRIVACY_REQUEST: _DATA_PRIVACY,
}


def named(token: Token) -> Message:
    """The message that a token holds.

    :raises LaunchRefused: ``message-type-unknown``.
    """
    return TABLE[checks.refuse_other_message_type(token, TABLE)]
