import pytest

from certificates import lookup, register
from certificates.standing import Kind, Replacing, State
from lms.core.db import reading, transaction
from tests.certificates import registered

pytestmark = pytest.mark.usefixtures("app")


def test_what_is_only_reserved_is_found_by_nobody_who_asks() -> None:
    reserved = registered.reserve(registered.open_register())

    with reading():
        assert lookup.by_code(reserved.code) is None
        assert lookup.by_id(reserved.id) is None
        assert lookup.by_file("0" * 64) is None
        assert lookup.of_person("person") == []
        assert lookup.issued_records([reserved.record_id]) == set()
        assert lookup.by_number(reserved.number) is not None  # the operator does


def test_of_two_the_newest_stands_for_the_record_and_both_stay_to_be_found() -> None:
    old = registered.finish(registered.reserve(registered.open_register()))
    new = registered.replace(old, Replacing.CORRECTION)

    with reading():
        assert [row.number for row in lookup.newest_issued([old.record_id])] == [new.number]
        newest = lookup.of_record(old.record_id)
        assert newest is not None
        assert newest.id == new.id
        replaced = lookup.by_code(old.code)
        assert replaced is not None
        standing = lookup.standing_of(replaced)
        assert (standing.state, lookup.state_today(replaced)) == (State.SUPERSEDED, State.SUPERSEDED)
        assert [event.kind for event in lookup.events_of(old.id)] == ["reserved", "issued", "superseded"]


def test_what_was_revoked_is_found_with_the_words_beside_the_event() -> None:
    issued = registered.finish(registered.reserve(registered.open_register()))
    with transaction():
        register.change(
            issued.id, Kind.REVOKED, actor=registered.CLERK, reason_code="issued-in-error", note="Wrong group"
        )

    with reading():
        assert issued.pdf_sha256 is not None
        found = lookup.by_file(issued.pdf_sha256)
        assert found is not None
        assert lookup.issued_records([issued.record_id]) == {issued.record_id}
        assert list(lookup.notes_of(lookup.events_of(found.id)).values()) == ["Wrong group"]


def test_a_name_is_looked_for_whatever_its_letters_and_spaces() -> None:
    assert lookup.holder_key("  Айгүл \n АСАНОВА ") == "айгүл асанова"
