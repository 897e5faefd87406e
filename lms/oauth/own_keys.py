"""Keys by which access tokens are signed, rotated by the calendar; and what is over is forgotten."""

from datetime import timedelta

from lms.core import jobs, settings
from lms.core import keys as signing_keys
from lms.core.db import transaction
from lms.oauth import assertions, repeats, tokens

PUBLISHED_AFTER = timedelta(days=1)
"""Far longer than a token lives; whoever cached our key set has read it again by then."""


@jobs.daily("oauth-keys")
def rotate_by_calendar(_subject: str) -> None:
    """Publish, retire and withdraw what is due. See :func:`lms.core.keys.keep_fresh`."""
    signing_keys.rotate_by_calendar(
        tokens.KEY_USE, days=settings.current().oauth_key_days, published_after=PUBLISHED_AFTER
    )


@jobs.daily("oauth-cleaning")
def forget_what_is_over(_subject: str) -> None:
    """Assertions that could not be used again, answers whose day is over, tokens that ended."""
    with transaction():
        assertions.forget_old()
        repeats.forget_old()
        tokens.forget_old()
