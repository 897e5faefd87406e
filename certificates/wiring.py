"""Assembles the package."""

from flask import Flask

from certificates import cli, holdings, seal_cli
from certificates.badges import documents, key_cli, pages
from certificates.batches import answering  # noqa: F401 - handles the jobs of batches
from certificates.batches import cli as receipt_cli
from certificates.network import cli as network_cli
from certificates.network import pages as network_pages
from certificates.offline import key_cli as offline_cli
from certificates.offline import pages as offline_pages
from certificates.reports import cli as report_cli
from certificates.reports import making  # noqa: F401 - handles the job of reports
from certificates.training import looking
from certificates.views import (
    accesses,
    administrator,
    api,
    batches,
    batches_api,
    cohorts,
    figures,
    heads,
    hours,
    mail,
    public,
    records_api,
    reports,
    requests,
    signers,
    templates,
    trainee,
    training,
    training_api,
    why,
)
from certificates.xroad import wiring as xroad
from lms.core import web
from lms.core.api import register as register_api
from lms.core.i18n import _l
from lms.lti import session
from lms.oauth import guard
from lms.people import accesses as accesses_kept
from lms.signin import menu
from lms.signin.guard import staff
from lms.signin.roles import ACADEMY_ADMINISTRATOR, PLATFORM_ADMINISTRATOR


def init_app(app: Flask) -> None:
    """Add issuing and verifying: the holder's pages inside a launch, the public's outside, the command line.

    Importing the views brings ``certificates.issuing``, which handles the job ``record-changed``.
    """
    for blueprint in (trainee.blueprint, requests.blueprint, pages.holder):
        web.register(app, blueprint, guard=session.launched, url_prefix=f"{session.URL_PREFIX}/certificates")
    web.register(app, public.blueprint, guard=web.public)
    web.register(app, documents.blueprint, guard=web.public)
    web.register(app, pages.public, guard=web.public)
    web.register(app, offline_pages.blueprint, guard=web.public)
    web.register(app, heads.blueprint, guard=web.public)
    web.register(app, mail.blueprint, guard=web.public, url_prefix="/mail")
    web.register(app, why.holder, guard=session.launched, url_prefix=f"{session.URL_PREFIX}/why")
    web.register(app, why.instructor, guard=session.teaching, url_prefix=f"{session.URL_PREFIX}/teach")
    web.register(app, hours.holder, guard=session.launched, url_prefix=f"{session.URL_PREFIX}/hours")
    web.register(app, accesses.blueprint, guard=session.launched, url_prefix=session.URL_PREFIX)
    web.register(app, hours.staff, guard=staff(*hours.ROLES), url_prefix="/bureau/hours")
    menu.entry("staff_hours.search", _l("Hours of study"), roles=hours.ROLES, section="bureau")
    accesses_kept.name_service(hours.SERVICE, _l("Hours of study"))
    accesses_kept.name_service(why.SERVICE, _l("Why no certificate yet?"))
    web.register(app, why.staff, guard=staff(*why.ROLES), url_prefix="/bureau/why")
    menu.entry("staff_why.search", _l("Why no certificate yet?"), roles=why.ROLES, section="bureau")
    _open_register_of_training(app)
    xroad.init_app(app)
    _open_administration(app)
    _open_verification_of_many(app)
    _open_figures(app)
    register_api(app, api.blueprint, guard=guard.admit)
    register_api(app, batches_api.blueprint, guard=guard.admit)
    register_api(app, records_api.blueprint, guard=guard.admit)
    register_api(app, training_api.blueprint, guard=guard.admit)
    _join_network(app)
    holdings.init()
    cli.cli.add_command(seal_cli.seals)
    cli.cli.add_command(key_cli.credential_keys)
    cli.cli.add_command(receipt_cli.verify_receipt)
    cli.cli.add_command(offline_cli.offline_keys)
    cli.cli.add_command(offline_cli.offline_bundle)
    cli.cli.add_command(offline_cli.publish_list)
    app.cli.add_command(cli.cli)


def _open_register_of_training(app: Flask) -> None:
    web.register(app, training.blueprint, guard=staff(*training.ROLES), url_prefix="/bureau/training")
    menu.entry("training_register.ask", _l("Register of training"), roles=training.ROLES, section="bureau")
    accesses_kept.name_service(looking.SERVICE, _l("Register of training"))


def _join_network(app: Flask) -> None:
    web.register(app, network_pages.public, guard=web.public)
    administrators = staff(PLATFORM_ADMINISTRATOR)
    web.register(app, network_pages.administration, guard=administrators, url_prefix="/admin/network")
    menu.entry("network_administration.listing", _l("Network"), roles=(PLATFORM_ADMINISTRATOR,))
    app.cli.add_command(network_cli.cli)


def _open_verification_of_many(app: Flask) -> None:
    web.register(app, batches.blueprint, guard=staff(*batches.ROLES), url_prefix="/bureau/verify-many")
    menu.entry("verify_many.ask", _l("Verify many certificates"), roles=batches.ROLES, section="bureau")


def _open_figures(app: Flask) -> None:
    web.register(app, figures.blueprint, guard=staff(*figures.ROLES), url_prefix="/bureau/figures")
    accesses_kept.name_service(figures.SERVICE, _l("Figures"))
    menu.entry("figures.dashboard", _l("Figures"), roles=figures.ROLES, section="bureau")
    web.register(app, reports.blueprint, guard=staff(*reports.ROLES), url_prefix="/bureau/reports")
    menu.entry("reports.listing", _l("Sealed reports"), roles=reports.ROLES, section="bureau")
    app.cli.add_command(report_cli.cli)


def _open_administration(app: Flask) -> None:
    academy = staff(ACADEMY_ADMINISTRATOR)
    web.register(app, administrator.blueprint, guard=academy, url_prefix="/admin/certificates")
    web.register(app, cohorts.blueprint, guard=academy, url_prefix="/admin/certificates/cohorts")
    menu.entry("certificate_administration.listing", _l("Certificates"), roles=(ACADEMY_ADMINISTRATOR,))
    menu.entry("certificate_cohorts.listing", _l("Cohorts"), roles=(ACADEMY_ADMINISTRATOR,))
    web.register(app, templates.blueprint, guard=academy, url_prefix="/admin/templates")
    web.register(app, signers.blueprint, guard=academy, url_prefix="/admin/templates/signers")
    menu.entry("certificate_administration.waiting", _l("Corrections"), roles=(ACADEMY_ADMINISTRATOR,))
    menu.entry("certificate_templates.listing", _l("Templates"), roles=(ACADEMY_ADMINISTRATOR,))
