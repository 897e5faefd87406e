"""What was acknowledged is compared with what is there: once, in order, and in the gradebook of the learning system."""

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from certificates.models import VALID, Certificate
from courses.models import Answer, Attempt, Completion, Enrolment, Grade, ScoreDelivery, Submission
from lms.core import jobs
from lms.core.db import db, reading
from lms.core.settings import Settings
from lms.lti.models import PlatformUser
from lms.sandbox import demo
from script.learning import Acknowledged, Run, gradebook
from wsgi import create_app


def counted(run: Run, environment: dict[str, str]) -> list[str]:
    """What differs from what was acknowledged; nothing if all is there, once and in order."""
    app = create_app(Settings.from_environment({**os.environ, **environment}))
    scores = gradebook(run.sandbox)
    with app.app_context():
        with reading():
            faults = [fault for name, known in run.people.items() for fault in _faults_of(run, name, known, scores)]
            faults += [*_faults_of_numbers(len(run.people)), *_faults_of_jobs()]
        audited = app.test_cli_runner().invoke(args=["certificates", "audit"])
        if audited.exit_code:
            faults.append(f"the register is not sound: {audited.output[-400:]}")
        db.session.remove()
        db.engine.dispose()
    return faults


def _faults_of(run: Run, name: str, known: Acknowledged, scores: Sequence[dict[str, Any]]) -> list[str]:
    person = demo.person(name)
    sub = select(PlatformUser.person_id).where(PlatformUser.sub.in_([name, getattr(person, "uuid", name)]))
    enrolled = list(db.session.scalars(select(Enrolment.id).where(Enrolment.person_id.in_(sub))))
    theirs = [row for row in scores if row["person"] == name]
    found = {**_found(enrolled, known), "in the gradebook": len(theirs)}
    wanted = {
        **dict.fromkeys(found, 1),
        "attempts": len(run.units),
        "answers": len(known.questions),
        "marks": 2,
    }
    faults = [
        f"{name}: {number} {what}, not {wanted[what]}" for what, number in found.items() if number != wanted[what]
    ]
    if faults:
        return faults
    return [f"{name}: {fault}" for fault in (*_out_of_order(enrolled[0], known), *_gone_back(enrolled[0], theirs[0]))]


def _found(enrolled: list[str], known: Acknowledged) -> dict[str, int]:
    of = Enrolment.id.in_(enrolled)
    delivered = select(ScoreDelivery.enrolment_id).where(ScoreDelivery.outcome == "delivered")
    issued = select(Certificate.id).where(Certificate.status == VALID, Certificate.code == known.code)
    return {
        "enrolments": len(enrolled),
        "attempts": _number(select(Attempt.id).where(Attempt.enrolment_id.in_(enrolled))),
        "answers": _number(select(Answer.id).join(Attempt).where(Attempt.enrolment_id.in_(enrolled))),
        "texts": _number(select(Submission.id).where(Submission.enrolment_id.in_(enrolled))),
        "marks": _number(select(Grade.id).join(Submission).where(Submission.enrolment_id.in_(enrolled))),
        "completions": _number(select(Completion.id).join(Enrolment).where(of)),
        "scores": _number(delivered.join(Enrolment).where(of)),
        "certificates": _number(issued.where(Certificate.record_id.in_(enrolled))),
        "records with a certificate": _number(select(Certificate.id).where(Certificate.record_id.in_(enrolled))),
    }


def _out_of_order(enrolment_id: str, known: Acknowledged) -> list[str]:
    """Each answer was kept before it was acknowledged and after the one before it was, and was not touched since; what rests on
    something else was done after it.
    """
    saved = db.session.scalars(
        select(Answer.saved_at).join(Attempt).where(Attempt.enrolment_id == enrolment_id).order_by(Answer.saved_at)
    )
    told = sorted(known.questions.values())
    faults = [
        f"answer {number} was kept out of order"
        for number, (before, kept, after) in enumerate(zip([None, *told], saved, told, strict=False), start=1)
        if not _rises([*([before] if before else []), kept, after])
    ]
    return faults + [f"{what} out of order" for what, moments in _moments(enrolment_id, known) if not _rises(moments)]


def _moments(enrolment_id: str, known: Acknowledged) -> list[tuple[str, list[datetime | None]]]:
    tests = db.session.scalars(select(Attempt).filter_by(enrolment_id=enrolment_id)).all()
    finished = max((test.finished_at for test in tests if test.finished_at), default=None)
    text = db.session.scalars(select(Submission).filter_by(enrolment_id=enrolment_id)).one()
    marks = list(db.session.scalars(select(Grade.made_at).filter_by(submission_id=text.id).order_by(Grade.number)))
    completed = db.session.scalars(select(Completion).filter_by(enrolment_id=enrolment_id)).one()
    certificate = db.session.scalars(select(Certificate).filter_by(record_id=enrolment_id)).one()
    return [
        *(("a test", [test.started_at, test.finished_at]) for test in tests),
        ("the text", [finished, text.submitted_at, known.submitted]),
        ("the marks", [text.submitted_at, *marks, max(known.marked, default=None)]),
        ("the completion", [marks[0], completed.recorded_at]),
        ("the certificate", [completed.recorded_at, certificate.reserved_at, certificate.issued_at]),
    ]


def _rises(moments: Sequence[datetime | None]) -> bool:
    """Whether all are there, none before the one before."""
    there = [moment for moment in moments if moment is not None]
    return len(there) == len(moments) and there == sorted(there)


def _gone_back(enrolment_id: str, row: dict[str, Any]) -> list[str]:
    """The second mark is the higher one: scores that arrived rise, and the last of them is what stands on both sides."""
    arrived = row["history"]
    sent = db.session.scalar(select(ScoreDelivery.score_percent).filter_by(enrolment_id=enrolment_id))
    if arrived == sorted(arrived) and len(set(arrived)) == 2 and arrived[-1] == row["score"] == sent:
        return []
    return [f"scores arrived as {arrived}, {row['score']} stands in the gradebook, {sent} was sent last"]


def _faults_of_numbers(people: int) -> list[str]:
    numbers = list(db.session.scalars(select(Certificate.number).order_by(Certificate.number)))
    wanted = [f"{numbers[0][:-6]}{number:06}" for number in range(1, people + 1)] if numbers else []
    return [] if numbers == wanted else [f"numbers of certificates: {numbers}"]


def _faults_of_jobs() -> list[str]:
    given_up = db.session.execute(
        select(jobs.Job.kind, jobs.Job.last_error).where(jobs.Job.needs_person, jobs.Job.served < jobs.Job.wanted)
    )
    return [f"{kind} was left to a person: {error}" for kind, error in given_up]


def _number(wanted: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
