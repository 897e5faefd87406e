"""The first page: what Bilim is, and three doors into it."""

from flask import Blueprint, render_template

from lms.core import settings

blueprint = Blueprint("landing", __name__)


@blueprint.get("/")
def welcome() -> str:
    """What it is, for whom, and where to begin."""
    return render_template("landing.html", sandbox_url=settings.current().sandbox_url)
