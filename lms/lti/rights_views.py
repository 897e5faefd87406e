"""Pages of a launch about the rights of the person: what is kept, all of it to take along, requests, complaints, consents."""

from collections.abc import Iterator
from typing import IO

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, fields, validate

from lms.core import audit, clock, schemas
from lms.core.db import new_id
from lms.core.errors import Invalid, Sentence
from lms.core.i18n import _, locale
from lms.lti import session
from lms.people import consents, holdings, legal_grounds, person_requests, taking_along
from lms.people.person_requests import KINDS, Kind

blueprint = Blueprint("rights", __name__, template_folder="templates")
BYTES_AT_ONCE = 256 * 1024
ARCHIVE = "bilim-personal-data.zip"


class _Form(schemas.Request):
    """What the form sends."""

    class Meta:
        unknown = EXCLUDE  # the token of the page

    id = fields.String(required=True, validate=validate.Length(equal=36))
    kind = fields.Enum(Kind, by_value=True, required=True)
    text = fields.String(load_default="")


@blueprint.get("/")
def show() -> str:
    """Everything on one page."""
    return _page({}, {})


@blueprint.post("/")
def ask() -> ResponseReturnValue:
    """Send a request or a complaint; a second click sends nothing twice."""
    person_id = _person()
    try:
        form = schemas.load(_Form(), request.form.to_dict())
        person_requests.ask(
            person_id,
            form["kind"],
            text=form["text"],
            request_id=form["id"],
            asked_by=f"person:{person_id}",
            language=locale(),
        )
    except Invalid as refused:
        return _page(request.form.to_dict(), _faults(refused)), refused.status
    flash(_("Your request was sent. Its answer will stand on this page."), "success")
    return redirect(url_for("rights.show", _anchor="requests"), 303)


@blueprint.post("/export")
def export() -> Response:
    """Everything as one archive: for programs, to read, and the files themselves."""
    person_id = _person()
    kept = holdings.export(person_id)
    stored = [file for found in holdings.files(person_id).values() for file in found]
    page = render_template("lti/data_along.html", holdings=holdings.known(), kept=kept, at=clock.now())
    audit.record("personal-data.exported", subject=f"person:{person_id}", actor=f"person:{person_id}")
    response = Response(_parts(taking_along.packed(kept, page=page, stored=stored)), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{ARCHIVE}"'
    return response


def _page(given: dict[str, str], faults: dict[str, Sentence]) -> str:
    person_id = _person()
    return render_template(
        "lti/rights.html",
        holdings=holdings.known(),
        counts={name: _count(kept) for name, kept in holdings.export(person_id).items()},
        consents=consents.of(person_id),
        requests=person_requests.of_person(person_id),
        grounds=legal_grounds.known(),
        kinds=KINDS,
        now=clock.now(),
        request_id=given.get("id") or new_id(),
        given=given,
        faults=faults,
        longest=person_requests.LONGEST_TEXT,
    )


def _count(kept: object) -> int:
    """Entries, also of a holding that keeps several lists."""
    if isinstance(kept, dict):
        return sum(len(each) for each in kept.values() if isinstance(each, list))
    return len(kept) if isinstance(kept, list) else 1


def _faults(refused: Invalid) -> dict[str, Sentence]:
    if refused.code.startswith("request-text"):
        return {"text": refused.sentence}
    return {"kind": _("Choose what you ask for.")}


def _person() -> str:
    return session.current().person_id


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(BYTES_AT_ONCE):
            yield part
