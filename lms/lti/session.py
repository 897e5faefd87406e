"""The launch session: a row named by an id in the path (``/s/<launch>/...``), used by the browser that launched.

The id is in the path and not in the cookie, so that two tabs in two courses never mix. It is no secret: the cookie's
browser id must match too. A session ends after twelve hours without use; what was saved stays, and a new launch of the
same link by the same browser brings pages that are still open back to life.
"""

from datetime import timedelta
from typing import Any

from flask import Flask, current_app, g, url_for
from sqlalchemy import select, update

from lms.core import clock
from lms.core.db import db, transaction
from lms.core.errors import Forbidden, NotFound, Sentence, Unauthorized
from lms.core.i18n import _l, negotiated
from lms.core.web import Guard
from lms.lti import browser, framing, returning
from lms.lti.claims import (
    DATA_PRIVACY_REQUEST,
    DEEP_LINKING_REQUEST,
    RESOURCE_LINK_REQUEST,
    SUBMISSION_REVIEW_REQUEST,
)
from lms.lti.models import LaunchSession

URL_PREFIX = "/s/<launch>"
"""Where blueprints with the guards below are registered. Views do not take the id; ``url_for`` fills it in."""
IDLE = timedelta(hours=12)
SLIDES_AFTER = timedelta(hours=1)
"""A session in use is written at most this often."""


class LaunchExpired(Unauthorized):
    """Too long without use. Knows where the platform wants people back."""

    def __init__(self, return_url: str | None) -> None:
        super().__init__(
            "launch-expired",
            _l(
                "This page was open too long without use. Open the module again from your course. What was saved is kept."
            ),
        )
        self.return_url = return_url


def path_of(launch_id: str) -> str:
    """Where the pages of a launch begin."""
    return f"/s/{launch_id}"


def current() -> LaunchSession:
    """The launch whose pages are being used. Only behind the guards below."""
    launch: LaunchSession = g.launch
    return launch


def opened_by(message_type: str) -> Guard:
    """A guard: somebody who was launched by this kind of message, in any role.

    It raises NotFound ``launch-unknown``; Forbidden ``browser-differs``, ``launch-for-other-purpose``; LaunchExpired
    ``launch-expired``.
    """

    def _guard() -> None:
        launch = _kept_alive(_unexpired(_of_this_browser(g.launch_id)))
        enter(launch)
        if launch.message_type != message_type:
            raise Forbidden(
                "launch-for-other-purpose",
                _l("You opened Bilim from another place of your learning system. Go back there and open this page."),
            )

    return _guard


launched = opened_by(RESOURCE_LINK_REQUEST)
"""Guard: somebody who opened a link of a course, in any role."""
choosing = opened_by(DEEP_LINKING_REQUEST)
"""Guard: somebody whom a platform sent to choose content; the pages decide by role, because they lead back in any case."""
reviewing = opened_by(SUBMISSION_REVIEW_REQUEST)
"""Guard: somebody who opened the work behind a grade."""
asking_for_data = opened_by(DATA_PRIVACY_REQUEST)
"""Guard: somebody who came about personal data."""


def teaching() -> None:
    """Guard: an instructor of the context.

    :raises Forbidden: ``instructors-only``; and as :func:`launched`.
    """
    launched()
    if not current().is_instructor:
        raise Forbidden(
            "instructors-only",
            _l("This page is for instructors. Open it from a course in which you teach."),
        )


def enter(launch: LaunchSession) -> None:
    """Let the rest of this request be part of a launch."""
    g.launch = launch
    g.preferred_language = negotiated([launch.locale]) if launch.locale else None
    framing.allow(launch.frame_ancestors)


def init_app(app: Flask) -> None:
    """Take the launch id out of every path before views see it, and put it back into every address."""
    app.url_value_preprocessor(_take_id_from_path)
    app.url_defaults(_fill_in_id)
    app.context_processor(_for_templates)


def _of_this_browser(launch_id: str) -> LaunchSession:
    launch = db.session.get(LaunchSession, launch_id)
    if launch is None:
        framing.allow_anyone()
        raise NotFound("launch-unknown", _l("This page does not exist any more. Open the module from your course."))
    framing.allow(launch.frame_ancestors)
    if not browser.is_same_as(launch.browser_hash):
        raise Forbidden(
            "browser-differs",
            _l(
                "This page belongs to another browser, or cookies are blocked. Open the module from your course. If this "
                "happens again, allow cookies for this site in your browser, or open the module in a new window."
            ),
        )
    return launch


def _unexpired(launch: LaunchSession) -> LaunchSession:
    """The launch, or the one that replaced it: same person, link and browser."""
    now = clock.now()
    if launch.expires_at > now:
        return launch
    if launch.message_type != RESOURCE_LINK_REQUEST:
        raise LaunchExpired(launch.return_url)
    again = db.session.scalar(
        select(LaunchSession)
        .where(
            LaunchSession.platform_user_id == launch.platform_user_id,
            LaunchSession.resource_link_row_id == launch.resource_link_row_id,
            LaunchSession.message_type == launch.message_type,
            LaunchSession.browser_hash == launch.browser_hash,
            LaunchSession.expires_at > now,
        )
        .order_by(LaunchSession.started_at.desc())
        .limit(1)
    )
    if again is None:
        raise LaunchExpired(launch.return_url)
    return again


def _kept_alive(launch: LaunchSession) -> LaunchSession:
    """Move the end away. A transaction of its own, because reading a page cannot write; at most once an hour."""
    until = clock.now() + IDLE
    if until - launch.expires_at < SLIDES_AFTER:
        return launch
    with transaction():
        db.session.execute(update(LaunchSession).where(LaunchSession.id == launch.id).values(expires_at=until))
    return db.session.get_one(LaunchSession, launch.id)


def _take_id_from_path(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values and "launch" in values:
        g.launch_id = values.pop("launch")


def _fill_in_id(endpoint: str, values: dict[str, Any]) -> None:
    """A refusal inside a launch also links to itself, in other languages, so the id of the path will do."""
    launch_id = g.launch.id if "launch" in g else g.get("launch_id")
    if launch_id and "launch" not in values and _expects_id(endpoint):
        values["launch"] = launch_id


def _expects_id(endpoint: str) -> bool:
    return current_app.url_map.is_endpoint_expecting(endpoint, "launch")


def _for_templates() -> dict[str, object]:
    return {
        "frame": "launch" in g and not framing.is_top_level(),
        "back_to_course": _back_to_course,
        "rights_url": _rights_url(),
    }


def _rights_url() -> str | None:
    """Where a person who opened a link of a course reads what is kept about her, and asks."""
    if "launch" not in g or g.launch.message_type != RESOURCE_LINK_REQUEST:
        return None
    return url_for("rights.show")


def _back_to_course(message: Sentence) -> str | None:
    """The platform's own way back, with a message for the person, if this page belongs to a launch that named one."""
    return returning.with_message(g.launch.return_url, message) if "launch" in g else None
