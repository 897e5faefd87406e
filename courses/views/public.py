"""What anybody may see: how a module is opened, and the pictures of lessons."""

from flask import Blueprint, Response, make_response, render_template

from courses import catalogue

blueprint = Blueprint("modules", __name__, template_folder="../templates")

YEAR_SECONDS = 365 * 24 * 3600
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""An SVG that is opened by itself may draw, and nothing else."""


@blueprint.get("/learn/<slug>")
@blueprint.get("/learn/<slug>/<_part>")
def welcome(slug: str, _part: str = "") -> str:
    """A module's address, or that of a part of it, opened without a learning system: what it is, and how to open it."""
    return render_template("courses/welcome.html", module=catalogue.current(slug).outline)


@blueprint.get("/learn/figures/<digest>/<unit>/<file>")
def figure(digest: str, unit: str, file: str) -> Response:
    """A picture of one version: it never changes, so browsers keep it."""
    response = make_response(catalogue.figure(digest, unit, file))
    response.mimetype = "image/svg+xml"
    response.headers["Content-Security-Policy"] = PICTURE_POLICY
    response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return response
