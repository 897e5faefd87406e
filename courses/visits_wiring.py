"""Adds study visits and seminars: pages for trainees and instructors, the door of the QR code, hours for rules."""

from flask import Flask

from courses import attended, diary_marks, visit_holdings
from courses.views import visit_door, visits, visits_attendance, visits_teaching
from lms.core.web import public, register
from lms.lti import session


def init_app(app: Flask) -> None:
    """Make them known."""
    register(app, visit_door.blueprint, guard=public)
    register(app, visits.blueprint, guard=session.launched, url_prefix=f"{session.URL_PREFIX}/learn")
    register(app, visits_teaching.blueprint, guard=session.teaching, url_prefix=f"{session.URL_PREFIX}/teach")
    register(app, visits_attendance.blueprint, guard=session.teaching, url_prefix=f"{session.URL_PREFIX}/teach")
    attended.init()
    diary_marks.init()
    visit_holdings.init()
