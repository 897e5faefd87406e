"""Assembles the room: the doors, the first page of administration, the operator's commands."""

from flask import Flask, g

from lms.core.i18n import _l
from lms.core.version import BUILD, VERSION
from lms.core.web import public, register
from lms.signin import cleaning, cli, directory, guard, menu, stating
from lms.signin.guard import SignInFirst
from lms.signin.refusals import SignInRefused
from lms.signin.stating import PurposeFirst
from lms.signin.views import doors, home, purpose, staff


def init_app(app: Flask) -> None:
    """Open the routes, each with its guard."""
    register(app, doors.blueprint, guard=public, url_prefix="/staff")
    register(app, home.blueprint, guard=guard.staff(), url_prefix="/admin")
    register(app, staff.blueprint, guard=guard.staff(*directory.MANAGING), url_prefix="/admin/staff")
    register(app, purpose.blueprint, guard=guard.staff(), url_prefix="/bureau/purpose")
    menu.entry("staff_list.everybody", _l("Staff"), roles=directory.MANAGING)
    app.register_error_handler(SignInRefused, doors.show_refusal)
    app.register_error_handler(SignInFirst, doors.lead_to_sign_in)
    app.register_error_handler(PurposeFirst, purpose.lead_here)
    app.context_processor(_for_templates)
    app.cli.add_command(cli.cli)
    cleaning.init()


def _for_templates() -> dict[str, object]:
    """Behind a guard of staff: who is signed in, what they may open, and for what they look at people now."""
    if "staff" not in g:
        return {}
    return {
        "staff": g.staff,
        "staff_menu": menu.shown_to(g.staff),
        "stated_purpose": stating.in_words(),
        "product_version": f"{VERSION} ({BUILD})",
    }
