"""My hours: the ledger of one person across modules and programmes, as page, PDF and JSON; for the person and for staff."""

from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from certificates import file_names, hours, hours_paper, lookup, wording
from certificates.hours import Document, Ledger
from certificates.issuing import candidate_of
from courses import records
from courses.records import CourseRecord, Pack
from lms.core import clock
from lms.core.db import db, transaction
from lms.core.errors import NotFound
from lms.core.i18n import _l, civil_date
from lms.lti import session
from lms.people import names
from lms.signin import guard, stating
from lms.signin.roles import ACADEMY_ADMINISTRATOR, AUDITOR, BUREAU_OFFICER

holder = Blueprint("hours", __name__, template_folder="../templates")
staff = Blueprint("staff_hours", __name__, template_folder="../templates")
ROLES = (ACADEMY_ADMINISTRATOR, BUREAU_OFFICER, AUDITOR)
SERVICE = "hours-of-study"


@holder.get("/")
def own() -> str:
    """To the trainee."""
    person_id = session.current().person_id
    return _page(
        _ledger(records.of_person(person_id)),
        base="base.html",
        name=_name(person_id),
        pdf_url=url_for("hours.own_pdf"),
        json_url=url_for("hours.own_json"),
    )


@holder.get("/hours.pdf")
def own_pdf() -> Response:
    """The same, to print."""
    person_id = session.current().person_id
    return _as_pdf(_ledger(records.of_person(person_id)), name=_name(person_id))


@holder.get("/hours.json")
def own_json() -> Response:
    """The same, for programs."""
    person_id = session.current().person_id
    return _as_json(_ledger(records.of_person(person_id)), name=_name(person_id))


@staff.get("/")
@staff.post("/", endpoint="found")
def search() -> str:
    """Look for a person by any form of the name, which stands in no address. Whoever is found can read who looked.

    :raises PurposeFirst: ``purpose-not-stated``.
    """
    stating.require()
    text = request.form.get("q", "").strip()
    people = names.spelt_like(text)
    known = names.known_as(people)
    found = [
        (person_id, known.get(person_id, ""), _ledger(own)) for person_id in people if (own := _seen_records(person_id))
    ]
    for person_id, _name, _hours in found:
        stating.note(person_id, service=SERVICE)
    return render_template("certificates/hours_search.html", text=text, found=found)


@staff.get("/<person_id>")
def of_person(person_id: str) -> str:
    """The ledger of one person, as far as it concerns the organisations of the reader. The person can read who looked."""
    return _page(
        _ledger(_own_records(person_id)),
        base="staff_base.html",
        name=_name(person_id),
        pdf_url=url_for("staff_hours.person_pdf", person_id=person_id),
        json_url=url_for("staff_hours.person_json", person_id=person_id),
    )


@staff.get("/<person_id>/hours.pdf")
def person_pdf(person_id: str) -> Response:
    """The same, to print."""
    return _as_pdf(_ledger(_own_records(person_id)), name=_name(person_id))


@staff.get("/<person_id>/hours.json")
def person_json(person_id: str) -> Response:
    """The same, for programs."""
    return _as_json(_ledger(_own_records(person_id)), name=_name(person_id))


def _page(found: Ledger, *, base: str, name: str, pdf_url: str, json_url: str) -> str:
    return render_template(
        "certificates/hours.html",
        base=base,
        name=name,
        ledger=found,
        programme_words=hours_paper.programme_words,
        state_words=wording.of_state,
        pdf_url=pdf_url,
        json_url=json_url,
    )


def _ledger(own: Sequence[CourseRecord]) -> Ledger:
    documents = {
        row.record_id: Document(row.number, row.code, lookup.state_today(row).value)
        for row in lookup.newest_issued([record.id for record in own])
    }
    return hours.ledger(
        own,
        documents,
        day=civil_date(clock.now()),
        day_of=civil_date,
        programmes=records.all_programmes(),
        pack=_pack(own),
    )


def _pack(own: Sequence[CourseRecord]) -> Pack | None:
    """Of the country whose body issues for the newest record; the records of one person are of one country, as a rule."""
    issuing = [candidate_of(record).issuer for record in own]
    countries = [issuer.country for issuer in issuing if issuer]
    return next((pack for pack in records.packs() if countries and pack.country == countries[-1]), None)


def _name(person_id: str) -> str:
    return names.known_as([person_id]).get(person_id, "")


def _as_pdf(found: Ledger, *, name: str) -> Response:
    db.session.remove()  # no transaction is held while a page is laid out
    response = Response(hours_paper.make(found, name=name), mimetype="application/pdf")
    response.headers["Content-Disposition"] = file_names.disposition(f"{name or 'hours'}.pdf", fallback="hours.pdf")
    return response


def _as_json(found: Ledger, *, name: str) -> Response:
    response = jsonify(hours.as_json(found, name=name))
    response.headers["Content-Disposition"] = file_names.disposition(f"{name or 'hours'}.json", fallback="hours.json")
    return response


def _own_records(person_id: str) -> list[CourseRecord]:
    """:raises NotFound: ``not-found``, also for somebody of another organisation.
    :raises PurposeFirst: ``purpose-not-stated``.
    """
    if found := _seen_records(person_id):
        with transaction():  # apart: the PDF is laid out without a transaction
            stating.note(person_id, service=SERVICE)
        return found
    raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))


def _seen_records(person_id: str) -> list[CourseRecord]:
    """The records of the organisations in which the reader has a role."""
    mine = guard.current().organisations(*ROLES)
    own = [record for record in records.of_person(person_id) if not record.is_test_user]
    return [record for record in own if mine is None or candidate_of(record).organisation_id in mine]
