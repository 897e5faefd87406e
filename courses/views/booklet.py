"""The module as one file to take along."""

from flask import Blueprint, Response, make_response, render_template, url_for

from courses import booklet
from courses.views.visit import Visit
from lms.core.attachments import disposition
from lms.core.i18n import locale

blueprint = Blueprint("booklet", __name__, template_folder="../templates")


@blueprint.get("/<slug>/booklet")
def download(slug: str) -> Response:
    """All lessons in the reader's language. Reading there is not counted: nobody tells us."""
    here = Visit.opened(slug)
    edition = here.edition.on(here.track)
    parts = booklet.parts(edition, language=locale(), picture_address=_picture_address)
    page = make_response(render_template("courses/booklet.html", outline=edition.outline, parts=parts))
    name = f"{slug}-{locale()}.html"
    page.headers["Content-Disposition"] = disposition(name, fallback=name)
    return page


def _picture_address(digest: str, unit: str, file: str) -> str:
    return url_for("modules.figure", digest=digest, unit=unit, file=file)
