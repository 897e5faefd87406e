"""Assembles the package."""

from flask import Flask

from courses import cli, closing, holdings, parts, scores, visits_wiring
from courses.views import (
    api,
    booklet,
    bureau_access,
    bureau_calls,
    bureau_cohorts,
    bureau_plans,
    choosing,
    gradebook,
    host,
    instructor,
    items,
    mark_sheets,
    marking,
    more_time,
    notes,
    participants,
    plans_api,
    public,
    reviewing,
    selection,
    testing,
    trainee,
    translations,
    works,
)
from lms.core.api import register as register_api
from lms.core.i18n import _l
from lms.core.web import public as open_to_all
from lms.core.web import register
from lms.lti import launch, session
from lms.lti.claims import DEEP_LINKING_REQUEST, SUBMISSION_REVIEW_REQUEST
from lms.lti.models import LaunchSession
from lms.oauth import guard
from lms.signin import guard as staff_guard
from lms.signin import menu

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
    register_api(app, plans_api.blueprint, guard=guard.admit)
    register(app, choosing.blueprint, guard=session.choosing, url_prefix=f"{session.URL_PREFIX}/choose")
    register(app, reviewing.blueprint, guard=session.reviewing, url_prefix=f"{session.URL_PREFIX}/review")
    launch.register_entry(_entry)
    launch.register_entry(lambda _launched: "/choose/", message_type=DEEP_LINKING_REQUEST)
    launch.register_entry(lambda _launched: "/review/", message_type=SUBMISSION_REVIEW_REQUEST)
    register(
        app, translations.blueprint, guard=staff_guard.staff(*translations.ROLES), url_prefix="/admin/translations"
    )
    menu.entry("translations.modules", _l("Lessons by language"), roles=translations.ROLES)
    _add_bureau(app)
    holdings.init()
    visits_wiring.init_app(app)
    app.cli.add_command(cli.cli)


def _entry(launched: LaunchSession) -> str:
    """A launch whose target is the launch address itself: to the module that it names, or to a page that says so."""
    named = launched.custom.get("module")
    slug = named or launched.resource_link.module_slug
    part = launched.custom.get("part") if named else launched.resource_link.part
    return parts.path_of(slug, part) if slug else "/learn/"


def _add_bureau(app: Flask) -> None:
    """Plans, calls and cohorts: each object belongs to an organisation, and the views ask for a role there."""
    readers = bureau_access.READERS
    register(app, bureau_plans.blueprint, guard=staff_guard.staff(*readers), url_prefix="/bureau/plans")
    register(app, bureau_calls.blueprint, guard=staff_guard.staff(*readers), url_prefix="/bureau/calls")
    register(
        app, bureau_cohorts.blueprint, guard=staff_guard.staff(*bureau_cohorts.ROLES), url_prefix="/bureau/cohorts"
    )
    register(app, host.blueprint, guard=staff_guard.staff(*host.ROLES), url_prefix="/bureau/host")
    register(app, selection.blueprint, guard=open_to_all)
    menu.entry("bureau_plans.everything", _l("Plans of places"), roles=readers, section="bureau")
    menu.entry("bureau_calls.listing", _l("Calls and nominations"), roles=readers, section="bureau")
    menu.entry("bureau_cohorts.listing", _l("Cohorts and rosters"), roles=bureau_cohorts.ROLES, section="bureau")
    menu.entry("host_cohorts.listing", _l("Arriving cohorts"), roles=host.ROLES, section="bureau")
