"""The sequence of changes: strictly ordered, without gaps, and nothing is lost whatever order transactions commit in."""

from threading import Thread

import pytest

from lms.core import changes
from lms.core.db import begin_as, db, transaction
from lms.core.web import Bilim

pytestmark = pytest.mark.usefixtures("app")


def note(kind: str, organisation_id: str | None = None) -> None:
    changes.note(kind, record_id="r", subject="s", organisation_id=organisation_id)


def told(after: int = 0, *, organisations: set[str] | None = None, limit: int = 100) -> list[tuple[int | None, str]]:
    with transaction():
        found = changes.after(after, organisations=organisations, limit=limit)
        return [(change.position, change.kind) for change in found]


def test_changes_are_told_in_order_and_from_where_one_was() -> None:
    with transaction():
        note("a")
        note("b")
    first = told()
    with transaction():
        note("c")

    assert first == [(1, "a"), (2, "b")]
    assert told(2) == [(3, "c")]
    assert told(0, limit=2) == first
    assert told(3) == []


def test_what_was_undone_leaves_no_gap() -> None:
    with transaction():
        note("a")
    told()
    with pytest.raises(RuntimeError), transaction():
        note("undone")
        raise RuntimeError
    with transaction():
        note("b")

    assert told() == [(1, "a"), (2, "b")]


def test_one_organisation_sees_its_own_changes_only() -> None:
    with transaction():
        note("mine", "here")
        note("theirs", "there")
        note("nobodys")

    assert told(organisations={"here"}) == [(1, "mine")]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_transaction_that_commits_late_is_told_after_what_was_told_before_it(app: Bilim) -> None:
    """On SQLite writers wait for each other; on PostgreSQL the slow one really is overtaken."""
    with db.engine.connect() as slow:
        begin_as("write")
        slow.execute(db.insert(changes.Change).values(kind="slow", record_id="r", subject="s", at=changes.clock.now()))
        with transaction():
            note("fast")
        before = told()
        slow.commit()

    assert before == [(1, "fast")]
    assert told(1) == [(2, "slow")]


def test_many_readers_and_writers_at_once_give_each_number_once(app: Bilim) -> None:
    seen: list[list[tuple[int | None, str]]] = []

    def _work(name: int) -> None:
        with app.app_context():
            for step in range(5):
                with transaction():
                    note(f"{name}-{step}")
                seen.append(told())

    threads = [Thread(target=_work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    final = told()
    assert [position for position, _kind in final] == list(range(1, 21))
    assert all(view == final[: len(view)] for view in seen)
