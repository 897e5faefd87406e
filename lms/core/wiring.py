"""Assembles the ground floor."""

from pathlib import Path

from flask import Flask

from lms.core import api, assets, db, files, health, http, i18n, landing, telemetry, web, workers
from lms.core.ops.cli import cli as operation
from lms.core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def init_app(app: Flask, settings: Settings) -> None:
    """Settings first, then what needs nothing but settings, then the pages."""
    app.extensions["bilim.settings"] = settings
    settings.instance.mkdir(parents=True, exist_ok=True)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        MIGRATIONS_FOLDER=ROOT / "migrations",
        REVISION=health.newest_revision(ROOT / "migrations"),  # now: an upgrade changes the folder before the process
        TRANSLATIONS_FOLDER=ROOT / "lms" / "core" / "translations",
        TESTING=settings.testing,
    )
    for part in (db, files, http, workers, i18n, telemetry, web, assets, api):
        part.init_app(app)
    app.cli.add_command(operation)
    web.register(app, health.blueprint, guard=web.public)
    web.register(app, landing.blueprint, guard=web.public)
