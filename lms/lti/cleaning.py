"""What launches leave behind is deleted when nobody can use it any more: for privacy, and to keep the tables small.

A question that is long over is deleted, and a session a week after its end: until then a new launch of the same link
brings pages that are still open back to life (:mod:`lms.lti.session`). An invitation that no platform used goes, too. How long, is
said in ``lms/people/retention.yaml``.
"""

from lms.lti.models import Invitation, LaunchSession, LoginState
from lms.people import retention
from lms.people.retention import Rows


def init() -> None:
    """Make known what the rules of this room find."""
    retention.register(
        "login-questions", Rows(LoginState, LoginState.state_hash, lambda before: LoginState.expires_at < before)
    )
    retention.register(
        "launch-sessions", Rows(LaunchSession, LaunchSession.id, lambda before: LaunchSession.expires_at < before)
    )
    retention.register(
        "platform-invitations",
        Rows(
            Invitation,
            Invitation.id,
            lambda before: (Invitation.expires_at < before) & Invitation.used_at.is_(None),
        ),
    )
