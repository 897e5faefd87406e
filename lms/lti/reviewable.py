"""What our gradebook columns say about themselves, so that a platform offers to open the work behind a grade."""

from typing import Any

from lms.core.i18n import _l
from lms.lti.login import launch_url

REVIEWABLE = ("InProgress", "Submitted", "Completed")
"""How far the activity must be (AGS 2.0, activityProgress): there is nothing to see before."""
LABEL = _l("Look at the work")


def declaration() -> dict[str, Any]:
    """What a column says about itself, so that the platform offers the review (AGS 2.0, ``submissionReview``)."""
    return {"reviewableStatus": list(REVIEWABLE), "label": str(LABEL), "url": launch_url()}
