"""Assembles the package."""

from flask import Flask

from courses import cli, closing, holdings, parts, scores, visits_wiring
from courses.views import (
    api,
    booklet,
    choosing,
    gradebook,
    instructor,
    items,
    mark_sheets,
    marking,
    more_time,
    notes,
    participants,
    public,
    reviewing,
    testing,
    trainee,
    works,
)
from lms.core.api import register as register_api
from lms.core.web import public as open_to_all
from lms.core.web import register
from lms.lti import launch, session
from lms.lti.claims import DEEP_LINKING_REQUEST, SUBMISSION_REVIEW_REQUEST
from lms.lti.models import LaunchSession
from lms.oauth import guard

__all__ = ["closing", "init_app", "scores"]  # importing them makes their jobs known


def init_app(app: Flask) -> None:
    """Add learning and teaching: pages, the job that delivers scores, commands, and where launches begin."""
    register(app, public.blueprint, guard=open_to_all)
    register(app, trainee.blueprint, guard=session.launched, url_prefix=f"{session.URL_PREFIX}/learn")
    register(app, works.blueprint, guard=session.launched, url_prefix=f"{session.URL_PREFIX}/learn")
    register(app, booklet.blueprint, guard=session.launched, url_prefix=f"{session.URL_PREFIX}/learn")
    register(app, testing.blueprint, guard=session.launched, url_prefix=f"{session.URL_PREFIX}/learn")
    register(app, instructor.blueprint, guard=session.teaching, url_prefix=f"{session.URL_PREFIX}/teach")
    register(app, gradebook.blueprint, guard=session.teaching, url_prefix=f"{session.URL_PREFIX}/teach")
    register(app, items.blueprint, guard=session.teaching, url_prefix=f"{session.URL_PREFIX}/teach")
    register(app, mark_sheets.blueprint, guard=session.teaching, url_prefix=f"{session.URL_PREFIX}/teach")
    register(app, marking.blueprint, guard=marking.may_mark, url_prefix=f"{session.URL_PREFIX}/teach")
    register(app, more_time.blueprint, guard=session.teaching, url_prefix=f"{session.URL_PREFIX}/teach")
    register(app, notes.blueprint, guard=session.teaching, url_prefix=f"{session.URL_PREFIX}/teach")
    register(app, participants.blueprint, guard=session.teaching, url_prefix=f"{session.URL_PREFIX}/teach")
    register_api(app, api.blueprint, guard=guard.admit)
    register(app, choosing.blueprint, guard=session.choosing, url_prefix=f"{session.URL_PREFIX}/choose")
    register(app, reviewing.blueprint, guard=session.reviewing, url_prefix=f"{session.URL_PREFIX}/review")
    launch.register_entry(_entry)
    launch.register_entry(lambda _launched: "/choose/", message_type=DEEP_LINKING_REQUEST)
    launch.register_entry(lambda _launched: "/review/", message_type=SUBMISSION_REVIEW_REQUEST)
    holdings.init()
    visits_wiring.init_app(app)
    app.cli.add_command(cli.cli)


def _entry(launched: LaunchSession) -> str:
    """A launch whose target is the launch address itself: to the module that it names, or to a page that says so."""
    named = launched.custom.get("module")
    slug = named or launched.resource_link.module_slug
    part = launched.custom.get("part") if named else launched.resource_link.part
    return parts.path_of(slug, part) if slug else "/learn/"
