import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from lms.core.db import db, new_id, transaction
from lms.people import accesses, holdings
from lms.people.accesses import AccessKind
from lms.people.models import Person


def a_person() -> str:
    person = Person(id=new_id())
    with transaction():
        db.session.add(person)
    return person.id


def looked_at(person_id: str, purpose: str) -> None:
    with transaction():
        accesses.note(
            person_id=person_id,
            who="xroad:KG/GOV/70000001/hr",
            kind=AccessKind.XROAD,
            purpose=purpose,
            service="xroad-records",
            reference="0f0f",
        )


def test_a_person_reads_who_looked_the_latest_first_and_also_in_her_export(app: Flask) -> None:
    person_id, other_id = a_person(), a_person()
    looked_at(person_id, "competition: Конкурс 12")
    looked_at(person_id, "report: Отчёт за год")

    assert [line.purpose for line in accesses.of(person_id)] == ["report: Отчёт за год", "competition: Конкурс 12"]
    assert accesses.of(other_id) == []
    [newest, _older] = holdings.export(person_id)["accesses"]
    assert newest | {"at": ""} == {
        "at": "",
        "kind": "xroad",
        "who": "xroad:KG/GOV/70000001/hr",
        "service": "xroad-records",
        "purpose": "report: Отчёт за год",
        "reference": "0f0f",
    }
    for change in ("UPDATE person_access SET purpose = ''", "DELETE FROM person_access"):
        with pytest.raises(DatabaseError, match="append-only"), transaction():
            db.session.execute(text(change))
    assert len(accesses.of(person_id)) == 2
