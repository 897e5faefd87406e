"""Why there is no certificate yet: one page for one person and one module, for each of those who may act on it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certificates import issuing, lookup, why, why_words
from certificates.eligibility import reasons_against
from certificates.issuing import candidate_of
from certificates.why import Actor, Point, Repair, Situation
from courses import records
from courses.records import CourseRecord
from lms.core import jobs
from lms.core.errors import NotFound
from lms.core.i18n import _, _l
from lms.core.web import writes
from lms.lti import session
from lms.people import names
from lms.signin import guard, stating
from lms.signin.roles import ACADEMY_ADMINISTRATOR, AUDITOR, BUREAU_OFFICER

holder = Blueprint("why", __name__, template_folder="../templates")
instructor = Blueprint("teach_why", __name__, template_folder="../templates")
staff = Blueprint("staff_why", __name__, template_folder="../templates")

SERVICE = "why-no-certificate"
ROLES = (ACADEMY_ADMINISTRATOR, BUREAU_OFFICER, AUDITOR)
BY_HOLDER = frozenset({Repair.CHECK, Repair.RESEND, Repair.MAKE})
BY_OTHERS = frozenset({Repair.CHECK, Repair.RESEND, Repair.MAKE})
"""What is done on the page itself; everything else leads to where it is done."""


@holder.get("/<slug>")
def own(slug: str) -> str:
    """To the trainee, in the second person."""
    record = _own(slug)
    links = {
        Repair.LEARN: url_for("learn.overview", slug=record.module_slug),
        Repair.CONFIRM_NAME: url_for("holder.name", slug=record.address),
    }
    return _page(
        record,
        base="base.html",
        is_holder=True,
        links=links,
        back=(url_for("learn.overview", slug=record.module_slug), _("Back to the module")),
        repair_url=url_for("why.repair_own", slug=record.address),
    )


@holder.post("/<slug>")
def repair_own(slug: str) -> ResponseReturnValue:
    """One of the repairs, by the trainee."""
    record = _own(slug)
    _repair(record, actor=f"person:{record.person_id}")
    return redirect(url_for("why.own", slug=record.address), 303)


@instructor.get("/<slug>/trainee/<enrolment_id>/why")
def of_trainee(slug: str, enrolment_id: str) -> str:
    """To the instructor, from the trainee's page."""
    record = _of_trainee(slug, enrolment_id)
    trainee_url = url_for("teach.trainee", slug=slug, enrolment_id=enrolment_id)
    return _page(
        record,
        base="base.html",
        is_holder=False,
        links={
            Repair.ALLOW_ATTEMPT: trainee_url,
            Repair.MARK: trainee_url,
            Repair.MARK_DIARY: url_for("marking.queue"),
        },
        back=(trainee_url, _("Back to the trainee")),
        repair_url=url_for("teach_why.repair_of_trainee", slug=slug, enrolment_id=enrolment_id),
    )


@instructor.post("/<slug>/trainee/<enrolment_id>/why")
def repair_of_trainee(slug: str, enrolment_id: str) -> ResponseReturnValue:
    """One of the repairs, by the instructor."""
    record = _of_trainee(slug, enrolment_id)
    _repair(record, actor=f"person:{session.current().person_id}")
    return redirect(url_for("teach_why.of_trainee", slug=slug, enrolment_id=enrolment_id), 303)


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
    seen = {person_id: [one for one in records.of_person(person_id) if _may_see(one)] for person_id in people}
    found = [(person_id, own) for person_id, own in seen.items() if own]
    for person_id, _own_records in found:
        stating.note(person_id, service=SERVICE)
    return render_template(
        "certificates/why_search.html",
        text=text,
        found=[(known.get(person_id, ""), own) for person_id, own in found],
    )


@staff.get("/<record_id>")
@writes
def of_record(record_id: str) -> str:
    """To an officer of the bureau or an administrator of the academy. The person can read who looked.

    :raises PurposeFirst: ``purpose-not-stated``.
    """
    record = _of_staff(record_id)
    stating.note(record.person_id, service=SERVICE)
    may_repair = guard.current().may(ACADEMY_ADMINISTRATOR, candidate_of(record).organisation_id)
    return _page(
        record,
        base="staff_base.html",
        is_holder=False,
        links={},
        back=(url_for("staff_why.search"), _("Look for another person")),
        repair_url=url_for("staff_why.repair_record", record_id=record_id) if may_repair else None,
    )


@staff.post("/<record_id>")
def repair_record(record_id: str) -> ResponseReturnValue:
    """One of the repairs, by an administrator.

    :raises NotFound: ``not-found`` for those who only look.
    """
    record = _of_staff(record_id)
    guard.require(ACADEMY_ADMINISTRATOR, candidate_of(record).organisation_id)
    _repair(record, actor=guard.current().actor)
    return redirect(url_for("staff_why.of_record", record_id=record_id), 303)


def situation_of(record: CourseRecord) -> Situation:
    """All that is known of a record now."""
    newest = lookup.of_record(record.id)
    return Situation(
        record=record,
        reasons=() if newest else reasons_against(candidate_of(record)),
        score=records.score_of(record.enrolment_id, record.track) if record.completed_at else None,
        job=jobs.state_of(issuing.JOB, record.id),
        standing=lookup.standing_of(newest) if newest else None,
    )


def _page(
    record: CourseRecord,
    *,
    base: str,
    is_holder: bool,
    links: dict[Repair, str],
    back: tuple[str, str],
    repair_url: str | None,
) -> str:
    points = why.points(situation_of(record))
    return render_template(
        "certificates/why.html",
        base=base,
        record=record,
        is_holder=is_holder,
        name="" if is_holder else names.known_as([record.person_id]).get(record.person_id, ""),
        lines=[why_words.line(point, is_holder=is_holder) for point in points],
        next_words=_next_words(points, is_holder=is_holder),
        links=links,
        by_form=BY_HOLDER if is_holder else BY_OTHERS,
        repairs=why_words.REPAIRS,
        repair_url=repair_url,
        back=back,
    )


def _next_words(points: tuple[Point, ...], *, is_holder: bool) -> str:
    actor = why.next_actor(points)
    if actor is None:
        ready: str = _("Everything is met. The certificate is there.")
        return ready
    if actor is Actor.NOBODY and is_holder:
        looking: str = _("You only look around here. Certificates are for learners.")
        return looking
    return str(why_words.who(actor, is_holder=is_holder))


def _repair(record: CourseRecord, *, actor: str) -> None:
    """What the form asks for, as far as the situation offers it: a page that was open for long changes nothing."""
    asked = request.form.get("repair", "")
    offered = {point.repair for point in why.points(situation_of(record)) if point.repair}
    if asked not in offered or asked not in BY_OTHERS:
        flash(_("This is not needed any more."), "success")
    elif asked == Repair.CHECK:
        records.review_again(record.enrolment_id)
        flash(_("The rules were checked again."), "success")
    elif asked == Repair.RESEND:
        records.send_score_again(record.enrolment_id, actor=actor)
        flash(_("The score is being sent again."), "success")
    else:
        jobs.retry(issuing.JOB, record.id)
        flash(_("The certificate is being made."), "success")


def _own(slug: str) -> CourseRecord:
    if record := records.at(records.of_person(session.current().person_id), slug):
        return record
    raise NotFound("record-unknown", _l("You have not begun this module yet. Open it from your course."))


def _of_trainee(slug: str, enrolment_id: str) -> CourseRecord:
    record = records.record_of(records.seen_by_instructor(session.current(), slug, enrolment_id))
    if record is None:
        raise NotFound("trainee-unknown", _l("There is no such trainee in this course."))
    return record


def _of_staff(record_id: str) -> CourseRecord:
    record = records.record_of(record_id)
    if record is None or not _may_see(record):
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    return record


def _may_see(record: CourseRecord) -> bool:
    """Where the organisation is that would issue; who has a role everywhere sees those without any too."""
    mine = guard.current().organisations(*ROLES)
    return not record.is_test_user and (mine is None or candidate_of(record).organisation_id in mine)
