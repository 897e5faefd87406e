"""Assembles the package: the ground floor, then the rooms on it."""

from flask import Flask

from lms.core import wiring as core
from lms.core.i18n import _l
from lms.core.settings import Settings
from lms.core.web import register
from lms.lti import registrations
from lms.lti import wiring as lti
from lms.oauth import wiring as oauth
from lms.organisations import administration
from lms.organisations import wiring as organisations
from lms.people import accesses, consents, escalation, retention
from lms.people import cli as people_cli
from lms.signin import directory, menu
from lms.signin import wiring as signin
from lms.signin.guard import staff
from lms.signin.roles import Role


def init_app(app: Flask, settings: Settings) -> None:
    """Add everything that stands between us and the outside."""
    core.init_app(app, settings)
    accesses.init()
    consents.init()
    retention.init()
    app.cli.add_command(people_cli.privacy)
    app.cli.add_command(people_cli.people)
    escalation.init(directory.addresses_of_platform_administrators)
    for room in (organisations, signin):
        room.init_app(app)
    administrators = staff(Role.PLATFORM_ADMINISTRATOR)
    oauth.init_app(app, administrators=administrators, platforms=registrations.named)
    lti.init_app(app, administrators=administrators)
    readers = (Role.PLATFORM_ADMINISTRATOR, Role.BUREAU_OFFICER, Role.AUDITOR)
    register(app, administration.blueprint, guard=staff(*readers), url_prefix="/admin/organisations")
    menu.entry("organisations.listing", _l("Organisations"), roles=readers)
    menu.entry("lti_administration.platforms", _l("Learning systems"), roles=(Role.PLATFORM_ADMINISTRATOR,))
    menu.entry("oauth_administration.listing", _l("Programs"), roles=(Role.PLATFORM_ADMINISTRATOR,))
    menu.entry("rights_administration.listing", _l("Requests and complaints"), roles=(Role.PLATFORM_ADMINISTRATOR,))
