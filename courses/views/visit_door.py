"""Where the QR code of a session leads: to the page of the person who holds the phone, if this browser knows one."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from courses import enrolment
from courses.event_models import Event, EventSession
from courses.models import Module
from lms.core import clock
from lms.core.db import db
from lms.core.errors import NotFound
from lms.core.limits import limiter
from lms.lti import browser, session
from lms.lti.claims import RESOURCE_LINK_REQUEST
from lms.lti.models import LaunchSession

blueprint = Blueprint("visit_door", __name__, template_folder="../templates")


@blueprint.get("/here/<session_id>")
@limiter.limit("120/minute")
def arrive(session_id: str) -> ResponseReturnValue:
    """On to the page of the session; without a launch in this browser, how to get there. Says nothing about the session."""
    found = db.session.get(EventSession, session_id)
    event = db.session.get(Event, found.event_id) if found else None
    launch = _launch_here(event) if event else None
    if event is None or launch is None:
        return render_template("courses/door.html")
    slug = db.session.scalars(select(Module.slug).filter_by(id=event.module_id)).one()
    door = "teach" if launch.is_instructor else "learn"
    return redirect(f"{session.path_of(launch.id)}/{door}/{slug}/visits/{event.id}/sessions/{session_id}", 303)


def _launch_here(event: Event) -> LaunchSession | None:
    """The newest launch of this browser in the course and module of the event that has not expired."""
    if not browser.is_known():
        return None
    slug = db.session.scalars(select(Module.slug).filter_by(id=event.module_id)).one()
    launches = db.session.scalars(
        select(LaunchSession)
        .where(
            LaunchSession.browser_hash == browser.remember(),
            LaunchSession.message_type == RESOURCE_LINK_REQUEST,
            LaunchSession.expires_at > clock.now(),
            LaunchSession.context_row_id == event.context_row_id,
        )
        .order_by(LaunchSession.started_at.desc())
    )
    return next((launch for launch in launches if _module_of(launch) == slug), None)


def _module_of(launch: LaunchSession) -> str | None:
    try:
        return enrolment.module_of(launch)
    except NotFound:
        return None
