"""What signing in leaves behind: questions, links and sessions that are over, invitations that nobody took up."""

from sqlalchemy import select

from lms.people import retention
from lms.people.retention import Rows
from lms.signin.models import Invitation, OneTimeLink, SignInQuestion, StaffSession


def init() -> None:
    """Make known what the rules of this room find."""
    retention.register(
        "sign-in-questions",
        Rows(SignInQuestion, SignInQuestion.state_hash, lambda before: SignInQuestion.expires_at < before),
    )
    retention.register(
        "one-time-links", Rows(OneTimeLink, OneTimeLink.token_hash, lambda before: OneTimeLink.expires_at < before)
    )
    retention.register(
        "staff-sessions", Rows(StaffSession, StaffSession.id, lambda before: StaffSession.used_at < before)
    )
    asked = select(SignInQuestion.invitation_id).where(SignInQuestion.invitation_id.is_not(None))
    retention.register(
        "staff-invitations",
        Rows(
            Invitation,
            Invitation.id,
            lambda before: (
                (Invitation.expires_at < before) & Invitation.accepted_at.is_(None) & Invitation.id.not_in(asked)
            ),
        ),
    )
