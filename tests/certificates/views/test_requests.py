import re

import pytest
from sqlalchemy import select

from certificates import corrections, life, lookup
from certificates.models import Certificate, Correction
from certificates.standing import ReasonCode
from lms.core import jobs
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.people import names
from tests.certificates.views.test_trainee import Visitor, holder, platform, visitor

__all__ = ["holder", "platform", "visitor"]
RIGHT = {"Cyrl": "Ысакова Айгуль Өмүрбековна", "Latn": "Aigul Ysakova", "Hani": ""}


def ask(holder: Visitor, **form: str) -> tuple[int, str]:
    return holder.post("/correction", **({"about": "name", "text": "", **RIGHT} | form))


def only_correction() -> Correction:
    with reading():
        return db.session.scalars(select(Correction)).one()


def all_of(holder: Visitor) -> str:
    return holder.browser.get(f"{holder.home}/certificates/").text


def test_a_holder_sees_all_certificates_with_their_states(holder: Visitor) -> None:
    with reading():
        certificate = db.session.scalars(select(Certificate)).one()
    assert "Valid" in all_of(holder)
    assert certificate.number in all_of(holder)

    with transaction():
        life.revoke(certificate.id, reason=ReasonCode.FRAUD, note="not for her", actor="staff:clerk")

    assert "Revoked" in all_of(holder)
    assert "Fraud or cheating was found." in all_of(holder)
    assert "not for her" not in all_of(holder)
    assert "Revoked" in holder.get()
    assert "Something on it is wrong" not in holder.get()


def test_before_there_is_one_the_page_says_how_it_comes(visitor: Visitor) -> None:
    assert "No certificate yet" in all_of(visitor)


def test_a_correction_of_the_name_leads_to_a_new_certificate_that_replaces_the_old(holder: Visitor) -> None:
    assert 'value="Ысакова Айгүл Өмүрбековна"' in holder.get("/correction")
    status, _page = ask(holder)
    assert status == 303
    assert "The academy decides" in holder.get()

    with transaction():
        corrections.accept(only_correction().id, actor="staff:clerk")
    assert "A new certificate is being made in its place." in holder.get()
    jobs.run_due()

    page = holder.get()
    assert "Ысакова Айгуль Өмүрбековна" in page
    assert "Valid" in page
    everything = all_of(holder)
    assert "Replaced" in everything
    assert "Accepted" in everything
    with reading():
        assert names.confirmed(only_correction().person_id)["Cyrl"] == "Ысакова Айгуль Өмүрбековна"
        assert [version.text for version in names.versions(only_correction().person_id) if version.replaced_at] == [
            "Ысакова Айгүл Өмүрбековна"
        ]
        actors = db.session.scalars(
            select(AuditEvent.actor).where(AuditEvent.action.in_(["correction.asked", "correction.accepted"]))
        ).all()
    assert [actor.partition(":")[0] for actor in actors] == ["person", "staff"]


def test_a_refusal_is_shown_with_its_ground_and_one_may_ask_again(holder: Visitor) -> None:
    ask(holder)
    with transaction():
        corrections.refuse(only_correction().id, ground="Your identity card says otherwise.", actor="staff:clerk")

    page = holder.get()

    assert "Refused" in page
    assert "Your identity card says otherwise." in page
    assert ask(holder)[0] == 303


def test_while_one_is_open_no_other_is_taken(holder: Visitor) -> None:
    ask(holder)

    status, page = ask(holder)

    assert status == 409
    assert "You have asked already." in page


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"Latn": ""}, "Write your name here."),
        ({"Cyrl": "Ысакова Айгүл Өмүрбековна"}, "This is what is printed already."),
        ({"Cyrl": "Aigul"}, "These characters do not belong here"),
        ({"Hani": "李𱍊"}, "We cannot print these characters: 𱍊 (U+3134A)"),
        ({"about": "hours", "text": " "}, "Write what is wrong and what would be right."),
        ({"about": "hours", "text": "x" * 501}, "This is too long."),
        ({"about": "everything"}, "Choose what is wrong."),
    ],
)
def test_what_cannot_be_decided_about_is_told_at_once(holder: Visitor, form: dict[str, str], sentence: str) -> None:
    status, page = ask(holder, **form)

    assert status == 422
    assert sentence in page
    with reading():
        assert db.session.scalars(select(Correction)).all() == []


def test_markup_in_a_request_stays_text(holder: Visitor) -> None:
    ask(holder, about="other", text="<b>bold</b>")

    assert only_correction().text == "<b>bold</b>"
    assert "<b>bold</b>" not in all_of(holder)


def test_without_a_certificate_there_is_nothing_to_correct(visitor: Visitor) -> None:
    assert visitor.browser.get(f"{visitor.home}/certificates/public-management/correction").status_code == 404


def test_an_academy_can_set_the_hours_right(holder: Visitor) -> None:
    ask(holder, about="hours", text="It were 36.")
    with transaction():
        new = corrections.accept(only_correction().id, hours=36, actor="staff:clerk")
    jobs.run_due()

    with reading():
        assert lookup.snapshot_of(db.session.get_one(Certificate, new.id)).hours == 36


def test_the_download_keeps_the_letters_of_the_name(holder: Visitor) -> None:
    answer = holder.browser.get(f"{holder.home}/certificates/public-management/file")

    assert re.fullmatch(
        r"attachment; filename=\"\d{4}-KG-PM000001\.pdf\"; filename\*=UTF-8''\d{4}-KG-PM000001%20%D0%AB.+\.pdf",
        answer.headers["Content-Disposition"],
    )


def test_mail_is_not_offered_where_none_is_sent(app: Bilim, holder: Visitor) -> None:
    assert "E-mail address" not in all_of(holder)
