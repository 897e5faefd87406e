"""The platform may answer our question with an error instead of a token (OpenID Connect core, 3.1.2.6).

Anybody can send us one, so its words are shown only in the browser for which we asked, and kept nowhere.
"""

from collections.abc import Mapping

from lms.core.i18n import _l
from lms.lti.refusals import AGAIN, ASK, LaunchRefused

LONGEST_SHOWN = 300
_REFUSED = _l("The learning system refused the launch. Perhaps you are signed out there, or not in this course.")
_SIGNED_OUT = _l("You are signed out of the learning system. Sign in there first.")
_NOT_ALLOWED = _l("The learning system did not allow this launch.")
_NOT_UNDERSTOOD = _l("The learning system did not understand our question.")
_BUSY = _l("The learning system is busy. Wait a minute.")
_MEANINGS = {
    "access_denied": (_NOT_ALLOWED, ASK),
    "account_selection_required": (_SIGNED_OUT, AGAIN),
    "consent_required": (_SIGNED_OUT, AGAIN),
    "interaction_required": (_SIGNED_OUT, AGAIN),
    "invalid_request": (_NOT_UNDERSTOOD, ASK),
    "invalid_scope": (_NOT_UNDERSTOOD, ASK),
    "login_required": (_SIGNED_OUT, AGAIN),
    "server_error": (_BUSY, AGAIN),
    "temporarily_unavailable": (_BUSY, AGAIN),
    "unauthorized_client": (_NOT_ALLOWED, ASK),
    "unsupported_response_type": (_NOT_UNDERSTOOD, ASK),
}
"""OpenID Connect core, 3.1.2.6, and RFC 6749, 4.1.2.1."""


def refuse(answer: Mapping[str, str]) -> None:
    """:raises LaunchRefused: ``platform-said-error``, if the answer is an error."""
    if "error" not in answer:
        return
    sentence, what_to_do = _MEANINGS.get(answer["error"], (_REFUSED, ASK))
    raise LaunchRefused(
        "platform-said-error",
        sentence,
        spec="OIDC core 3.1.2.6",
        what_to_do=what_to_do,
        error=answer["error"] if answer["error"] in _MEANINGS else "other",
    )


def described(answer: Mapping[str, str]) -> str | None:
    """The platform's own description of its error, as far as it is text and short."""
    description = answer.get("error_description", "")[:LONGEST_SHOWN]
    return " ".join("".join(sign if sign.isprintable() else " " for sign in description).split()) or None
