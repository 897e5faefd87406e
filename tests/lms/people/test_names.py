from datetime import UTC, datetime
from threading import Thread

import pytest
from sqlalchemy import event, select

from lms.core import audit, clock
from lms.core.db import db, reading, transaction
from lms.core.errors import Invalid
from lms.core.web import Bilim
from lms.people import names
from lms.people.models import Person, PersonName

MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture
def person(app: Bilim) -> str:
    with transaction():
        somebody = Person()
        db.session.add(somebody)
        db.session.flush()
        return somebody.id


def rows(person_id: str) -> list[tuple[str, str, str, bool]]:
    """(script, text, source, is present) in the order of creation."""
    with reading():
        found = db.session.scalars(select(PersonName).filter_by(person_id=person_id).order_by(PersonName.created_at))
        return [(row.script, row.text, row.source, row.replaced_at is None) for row in found]


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Айгүл Өмүрбекова", "Cyrl"),
        ("Жумабек уулу Нурлан", "Cyrl"),
        ("Aigul Omurbekova", "Latn"),
        ("Oʻgʻiloy Qodirova", "Latn"),
        ("Gözel Ýazowa", "Latn"),
        ("李明", "Hani"),
        ("阿依古丽·吐尔逊", "Hani"),
        ("Иван Ivanov", None),
        ("آيگۈل", None),
        ("--", None),
        ("", None),
    ],
)
def test_a_name_has_the_script_of_all_its_letters(text: str, script: str | None) -> None:
    assert names.script_of(text) == script


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("  Айгүл   Өмүрбекова ", "Айгүл Өмүрбекова"),
        ("и\u0306", "й"),
        ("O‘g‘iloy", "Oʻgʻiloy"),
        ("阿依古丽•吐尔逊", "阿依古丽·吐尔逊"),
    ],
)
def test_a_name_is_kept_composed_and_with_the_signs_of_names(typed: str, meant: str) -> None:
    assert names.tidy(typed) == meant


@pytest.mark.parametrize(
    ("script", "text", "sentence"),
    [
        ("Cyrl", "", "Write your name here."),
        ("Latn", "", "Write your name here."),
        ("Cyrl", "Aйгүл", "These characters do not belong here: A"),  # a Latin A among Cyrillic letters
        ("Latn", "Aigul <b>", "These characters do not belong here: < >"),
        ("Latn", "Aigul 2", "These characters do not belong here: 2"),
        ("Hani", "Li Ming", "These characters do not belong here: L i M n g"),
        ("Cyrl", "- .", "A name has at least one letter."),
        ("Cyrl", "А" * 121, "This is too long. Use at most 120 characters."),
    ],
)
def test_a_form_that_cannot_be_printed_is_explained(app: Bilim, script: names.Script, text: str, sentence: str) -> None:
    from lms.core.i18n import use_language

    with use_language("en"):
        assert str(names.fault_of(script, text)) == sentence


def test_a_platforms_name_is_only_a_suggestion_in_its_own_script(person: str) -> None:
    with transaction():
        names.from_platform(person, "Айгүл Өмүрбекова")

    with reading():
        assert names.suggested(person) == {"Cyrl": "Айгүл Өмүрбекова"}
        assert names.confirmed(person) == {}


@pytest.mark.parametrize("sent", ["Иван Ivanov", "", "   ", None, "А" * 200])
def test_a_name_in_mixed_scripts_or_none_suggests_nothing(person: str, sent: str | None) -> None:
    with transaction():
        names.from_platform(person, sent)

    assert rows(person) == []


def test_the_same_name_sent_with_each_launch_makes_one_row(person: str) -> None:
    for _launch in range(3):
        with transaction():
            names.from_platform(person, "Aigul Omurbekova")

    assert rows(person) == [("Latn", "Aigul Omurbekova", "platform", True)]


def test_launches_at_once_make_one_row(app: Bilim, person: str) -> None:
    faults: list[BaseException] = []

    def launch() -> None:
        with app.app_context():
            try:
                with transaction():
                    names.from_platform(person, "Aigul Omurbekova")
            except BaseException as error:
                faults.append(error)

    threads = [Thread(target=launch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert rows(person) == [("Latn", "Aigul Omurbekova", "platform", True)]


def test_confirming_keeps_the_forms_with_their_moment_and_leaves_the_suggestion(person: str) -> None:
    with transaction():
        names.from_platform(person, "Айгуль Омурбекова")
    with clock.frozen(MONDAY), transaction():
        names.confirm(person, {"Cyrl": "Айгүл Өмүрбекова", "Latn": "Aigul Omurbekova", "Hani": ""})

    with reading():
        assert names.confirmed(person) == {"Cyrl": "Айгүл Өмүрбекова", "Latn": "Aigul Omurbekova"}
        assert names.suggested(person) == {"Cyrl": "Айгуль Омурбекова"}
        moments = db.session.scalars(select(PersonName.confirmed_at).filter_by(source="holder"))
        assert set(moments) == {MONDAY}


def test_an_earlier_form_stays_known_after_a_correction(person: str) -> None:
    with clock.frozen(MONDAY):
        with transaction():
            names.confirm(person, {"Cyrl": "Айгул Өмүрбекова", "Latn": "Aigul Omurbekova"})
        clock.advance(60)
        with transaction():
            names.confirm(person, {"Cyrl": "Айгүл Өмүрбекова", "Latn": "Aigul Omurbekova"})

    assert set(rows(person)) == {
        ("Cyrl", "Айгул Өмүрбекова", "holder", False),
        ("Latn", "Aigul Omurbekova", "holder", True),
        ("Cyrl", "Айгүл Өмүрбекова", "holder", True),
    }


def test_an_optional_form_left_empty_is_withdrawn(person: str) -> None:
    with transaction():
        names.confirm(person, {"Cyrl": "Ли Мин", "Latn": "Li Ming", "Hani": "李明"})
    with transaction():
        names.confirm(person, {"Cyrl": "Ли Мин", "Latn": "Li Ming"})

    with reading():
        assert names.confirmed(person) == {"Cyrl": "Ли Мин", "Latn": "Li Ming"}


def test_one_wrong_form_keeps_nothing_of_any(person: str) -> None:
    with pytest.raises(Invalid) as refusal, transaction():
        names.confirm(person, {"Cyrl": "Айгүл", "Latn": "Айгүл"})

    assert (refusal.value.code, set(refusal.value.fields)) == ("name-not-valid", {"Latn"})
    assert rows(person) == []


def test_the_audit_knows_that_a_name_was_confirmed_but_not_the_name(person: str) -> None:
    with transaction():
        names.confirm(person, {"Cyrl": "Айгүл Өмүрбекова", "Latn": "Aigul Omurbekova"})
    with transaction():
        names.confirm(person, {"Cyrl": "Айгүл Өмүрбекова", "Latn": "Aigul Omurbekova"})  # nothing new

    with reading():
        lines = [
            (line.action, line.subject, line.facts["scripts"])
            for line in db.session.scalars(select(audit.AuditEvent).filter_by(action="person.name-confirmed"))
        ]
    assert lines == [("person.name-confirmed", f"person:{person}", ["Cyrl", "Latn"])]


def test_lists_show_the_confirmed_form_first_and_ask_the_database_once(app: Bilim) -> None:
    with transaction():
        people = [Person() for _ in range(3)]
        db.session.add_all(people)
        db.session.flush()
        confirmed, suggested, nameless = (somebody.id for somebody in people)
        names.from_platform(confirmed, "Айгуль О.")
        names.confirm(confirmed, {"Cyrl": "Айгүл Өмүрбекова", "Latn": "Aigul Omurbekova"})
        names.from_platform(suggested, "Bakyt Asanov")

    with reading():
        asked: list[str] = []
        listener = lambda *arguments: asked.append(arguments[2])  # noqa: E731
        db.session.connection()
        event.listen(db.engine, "before_cursor_execute", listener)
        shown = names.known_as([confirmed, suggested, nameless])
        event.remove(db.engine, "before_cursor_execute", listener)

    assert shown == {confirmed: "Айгүл Өмүрбекова", suggested: "Bakyt Asanov"}
    assert len(asked) == 1
