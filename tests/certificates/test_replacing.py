from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier, Thread

import pytest
from sqlalchemy import delete, select, text, update

from certificates import auditing, issuing, life, lookup, register, replacing, verification
from certificates.models import Certificate
from certificates.replacing import Changes
from certificates.standing import ReasonCode, Replacing
from courses.models import Completion, Enrolment
from lms.core import clock, jobs
from lms.core.db import db, reading, transaction
from lms.core.errors import Conflict, Invalid
from lms.core.web import Bilim
from lms.organisations import loading as organisations
from lms.organisations.models import Series, Signer
from tests.certificates import academy, registered

CLERK = "staff:clerk"
MARCH = datetime(2027, 3, 31, 6, 0, tzinfo=UTC)
NEW_NAME = {"Cyrl": "Ысакова Айгуль Өмүрбековна", "Latn": "Aigul Ysakova"}


@pytest.fixture
def issued(app: Bilim) -> Certificate:
    academy.open_academy(app)
    return issuing.issue(academy.graduate().record_id)


def replaced(old: Certificate, changes: Changes = Changes(), reason: Replacing = Replacing.CORRECTION) -> Certificate:  # noqa: B008
    with transaction():
        return replacing.replace_by(old.id, changes, reason=reason, actor=CLERK)


def now(certificate: Certificate) -> Certificate:
    with reading():
        return db.session.get_one(Certificate, certificate.id)


def test_the_new_certificate_says_what_was_corrected_and_nothing_else_differs(issued: Certificate) -> None:
    with clock.frozen(MARCH):
        new = replaced(issued, Changes(holder=NEW_NAME))
        jobs.run_due()

    before, after = lookup.snapshot_of(issued), lookup.snapshot_of(now(new))
    assert after.holder == NEW_NAME
    assert after.issued_on == date(2027, 3, 31)
    assert new.number == "2027-KG-PM000001"
    assert after.code != before.code
    same = {"certificate_id", "number", "code", "verify_url", "offline_url", "holder", "issued_on"}
    assert replace(after, **{name: getattr(before, name) for name in same}) == before


def test_the_earlier_one_stays_valid_until_the_new_one_is(app: Bilim, issued: Certificate) -> None:
    system = app.extensions["bilim.files"]
    app.extensions["bilim.files"] = (system[0], "/dev/null/full")
    new = replaced(issued)
    jobs.run_due()
    assert (now(issued).status, now(new).status) == ("valid", "reserved")

    app.extensions["bilim.files"] = system
    issuing.issue(issued.record_id)

    assert (now(issued).status, now(new).status) == ("superseded", "valid")


def test_a_verifier_of_the_earlier_one_learns_the_number_of_the_new(issued: Certificate) -> None:
    new = replaced(issued)
    jobs.run_due()

    with reading():
        old_verdict, new_verdict = (verification.verify_code(each.code) for each in (issued, now(new)))

    assert (old_verdict.code, old_verdict.is_accepted) == ("SUPERSEDED", False)
    assert old_verdict.standing is not None
    assert old_verdict.standing.replaced_by == new.number
    assert (new_verdict.code, new_verdict.is_accepted) == ("VALID", True)


def test_what_was_revoked_stays_revoked_when_another_takes_its_place(issued: Certificate) -> None:
    with transaction():
        life.revoke(issued.id, reason=ReasonCode.ISSUED_IN_ERROR, actor=CLERK)
    new = replaced(issued, reason=Replacing.REISSUE)
    jobs.run_due()

    with reading():
        verdict = verification.verify_code(issued.code)
    assert (verdict.code, verdict.standing and verdict.standing.replaced_by) == ("REVOKED", new.number)


def test_threads_at_once_replace_a_certificate_once(app: Bilim, issued: Certificate) -> None:
    start, outcomes = Barrier(4), []

    def work() -> None:
        with app.app_context():
            start.wait()
            try:
                replaced(issued)
                outcomes.append("replaced")
            except Conflict as refusal:
                outcomes.append(refusal.code)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    jobs.run_due()

    assert sorted(outcomes) == ["replaced"] + ["replacement-under-way"] * 3
    with reading():
        numbers = list(db.session.scalars(select(Certificate.number).order_by(Certificate.number)))
    assert len(numbers) == 2
    assert auditing.prove().is_sound


def test_a_certificate_can_be_corrected_and_renewed_when_course_and_person_are_gone(issued: Certificate) -> None:
    with transaction():
        for table in ("course_completion", "course_enrolment", "lti_platform_user", "person_name", "person"):
            db.session.execute(text(f"DELETE FROM {table}"))
    new = replaced(issued, Changes(hours=36))
    jobs.run_due()

    assert now(new).status == "valid"
    assert lookup.snapshot_of(now(new)).hours == 36
    with reading():
        assert verification.verify_code(new.code).is_accepted
    assert auditing.prove().is_sound


def test_a_completed_record_that_asks_again_gets_nothing_new_after_a_revocation(issued: Certificate) -> None:
    with transaction():
        life.revoke(issued.id, reason=ReasonCode.FRAUD, actor=CLERK)
        jobs.queue(issuing.JOB, issued.record_id)

    jobs.run_due()

    with reading():
        assert [row.status for row in db.session.scalars(select(Certificate))] == ["revoked"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (Changes(hours=0), "hours-not-valid"),
        (Changes(hours=2001), "hours-not-valid"),
        (Changes(valid_until=date(2020, 1, 1)), "day-not-valid"),
        (Changes(holder={"Cyrl": "Ли", "Latn": "Li", "Hani": "李𱍊"}), "glyph-missing"),
    ],
)
def test_what_cannot_be_printed_or_is_no_sense_takes_no_number(
    issued: Certificate, changes: Changes, code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        replaced(issued, changes)

    assert refusal.value.code == code
    with transaction():
        year = lookup.snapshot_of(issued).issued_on.year
        assert register.next_number("KG", year, "PM")[-6:] == "000002"


def test_without_a_signer_of_today_nothing_is_replaced(issued: Certificate) -> None:
    with transaction():
        db.session.execute(delete(Signer))

    with pytest.raises(Conflict) as refusal:
        replaced(issued)
    assert refusal.value.code == "no-signer"


def test_a_series_that_ends_its_certificates_gives_them_a_last_day(app: Bilim) -> None:
    academy.open_academy(app)
    with transaction():
        db.session.execute(update(Series).values(valid_for_months=11))
    with clock.frozen(MARCH):
        issued = issuing.issue(academy.graduate().record_id)
        with reading():
            assert verification.verify_code(issued.code).code == "VALID"
        clock.advance(335 * 86400)
        with reading():
            assert verification.verify_code(issued.code).code == "VALID"
        clock.advance(86400)
        with reading():
            verdict = verification.verify_code(issued.code)

    assert issued.valid_until == date(2028, 2, 29)
    assert verdict.code == "EXPIRED"
    assert verdict.standing is not None
    assert verdict.standing.valid_until == date(2028, 2, 29)


def test_a_renewal_counts_the_months_of_its_series_from_today(app: Bilim) -> None:
    academy.open_academy(app)
    with transaction():
        db.session.execute(update(Series).values(valid_for_months=12))
    with clock.frozen(MARCH):
        issued = issuing.issue(academy.graduate().record_id)
        clock.advance(300 * 86400)
        with transaction():
            new = replacing.renew(issued.id, until=None, actor=CLERK)
        jobs.run_due()

    assert (now(issued).status, now(new).status) == ("superseded", "valid")
    assert now(new).valid_until == date(2029, 1, 25)


def test_a_replacement_is_issued_by_the_body_that_answers_today(issued: Certificate) -> None:
    with transaction():
        organisations.load(
            registered.SECOND
            + """
  - code: demonstration-academy
    country: KG
    names: {ky: Эски, ru: Старая, zh: 旧, en: Old Academy}
    successor: {code: second-academy, act: Decree 1 (invented), date: 2026-12-01}
"""
        )

    new = replaced(issued)

    assert lookup.snapshot_of(new).issuer.names["en"] == "Second Academy"
    assert lookup.snapshot_of(new).signer.name["en"] == "Second Hand"


def test_two_organisations_with_one_series_are_told_apart_by_the_platform(app: Bilim) -> None:
    academy.open_academy(app)
    learner = academy.graduate()
    with transaction():
        organisations.load(registered.SECOND)
        registration_id = db.session.scalars(select(Enrolment.registration_id)).one()
    with pytest.raises(issuing.NotEligible):
        issuing.issue(learner.record_id)

    result = app.test_cli_runner().invoke(args=["organisations", "assign", registration_id, "second-academy"])

    assert result.exit_code == 0
    assert "-KZ-PM000001" in issuing.issue(learner.record_id).number


def test_completions_are_no_condition_of_existence(issued: Certificate) -> None:
    with transaction():
        db.session.execute(delete(Completion))

    assert issuing.issue(issued.record_id).id == issued.id
