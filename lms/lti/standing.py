"""Whether a registration is open for launches: asked at the login, and again when the platform answers."""

from lms.core.i18n import _l
from lms.lti.models import State
from lms.lti.refusals import LaunchRefused

_SPEC = "LTI core 3.1.3"


def refuse_closed(state: str) -> None:
    """:raises LaunchRefused: ``platform-waiting``, ``platform-disabled``, ``platform-deleted``."""
    if state == State.PENDING:
        raise LaunchRefused(
            "platform-waiting",
            _l("This learning system registered with Bilim. The administrator of Bilim has not yet confirmed it."),
            spec=_SPEC,
        )
    if state == State.DISABLED:
        raise LaunchRefused(
            "platform-disabled", _l("The administrator of Bilim has closed this learning system."), spec=_SPEC
        )
    if state == State.DELETED:
        raise LaunchRefused(
            "platform-deleted", _l("This learning system is not registered with Bilim any more."), spec=_SPEC
        )
