"""Our keys by which platforms know us: rotated by the calendar, each published for a day before it signs.

What is signed with them lives for minutes (assertions, answers to deep linking), so a key that signs no more is needed
only as long as a platform may look a signature up late.
"""

from datetime import timedelta

from lms.core import jobs, settings
from lms.core import keys as signing_keys
from lms.lti.keys import USE

PUBLISHED_AFTER = timedelta(days=7)
KEYS_GOOD_FOR = timedelta(hours=1)
"""What our key set says of itself; far shorter than the day for which a new key is published before it signs."""


@jobs.daily("lti-keys")
def rotate_by_calendar(_subject: str) -> None:
    """Publish, retire and withdraw what is due. See :func:`lms.core.keys.keep_fresh`."""
    signing_keys.rotate_by_calendar(USE, days=settings.current().lti_key_days, published_after=PUBLISHED_AFTER)
