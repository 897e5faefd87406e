"""Every step up and down, with rows in every table, on both engines; and no step trips the code of the step before it."""

from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, inspect, text

from lms.core.db import db, reading, transaction
from lms.core.ops import copying, rows
from lms.core.web import Bilim
from tests.filling import fill
from tests.migrations.shapes import Shape, shapes, trips

LAST_BEFORE_RELEASE = "0026"
"""Up to here nothing was released: nobody upgraded while people learned. Later steps have no exceptions."""
TRIPPED: dict[tuple[str, str], tuple[str, ...]] = {
    ("0003", "one algorithm became a list, and settings of registrations came without defaults"): (
        "lti_registration.algorithm is gone",
        "lti_registration.algorithms is asked for",
        "lti_registration.allows_anonymous is asked for",
        "lti_registration.leeway_seconds is asked for",
        "lti_registration.messages is asked for",
        "lti_registration.scopes is asked for",
        "lti_registration.state is asked for",
    ),
    ("0003", "a token of a service belongs to a deployment; those that were kept are asked for anew"): (
        "lti_service_token.deployment_id is asked for",
        "lti_service_token: registration_id, deployment_id, scopes only once",
        "lti_service_token: registration_id, scopes more than once",
    ),
    ("0005", "launches of other messages than links came, without defaults"): (
        "lti_launch_session.asked is asked for",
        "lti_launch_session.message_type is asked for",
    ),
    ("0006", "the register became a chain: code that knows no chain must not write into it"): (
        "certificate: record_id, generation, where status <> 'void' only once",
        "certificate: record_id, where status <> 'void' more than once",
        "certificate_event.hash is asked for",
        "certificate_event.previous_hash is asked for",
        "certificate_event: hash only once",
        "certificate_event: previous_hash only once",
    ),
    ("0012", "a program may have several secrets, in a table of their own"): ("oauth_client.secret_hash is gone",),
    ("0016", "a module is completed once on each of two tracks"): (
        "course_completion: enrolment_id more than once",
        "course_completion: enrolment_id, track only once",
    ),
    ("0021", "wishes for deletion became requests of people, with their rows"): ("deletion_request is gone",),
    ("0026", "who asked stands apart from lines that never change"): ("xroad_request.user_id_encrypted is gone",),
}
"""What the code before a revision cannot do with its tables, and why."""
ON_POSTGRESQL_ALONE = ("0006", "certificate_event.id is asked for")
"""Numbers without gaps come from the chain, not from a sequence; SQLite has none."""


def test_every_step_is_done_and_undone_with_rows_and_leaves_room_for_the_code_before_it(app: Bilim) -> None:
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}

    revisions = [script.revision for script in _scripts(app).walk_revisions()][::-1]
    filled: list[str] = []
    tripped: set[tuple[str, str]] = set()
    before: dict[str, Shape] = {}
    for revision in revisions:
        upgrade(revision=revision)
        with db.engine.connect() as connection:
            after = shapes(connection)
        tripped |= {(revision, fault) for fault in trips(before, after)}
        before = after
        filled += fill_new(filled)
    assert set(filled) >= set(db.metadata.tables)
    assert set(inspect(db.engine).get_table_names()) - {"alembic_version"} == set(db.metadata.tables)
    assert tripped == {(revision, fault) for (revision, _why), faults in TRIPPED.items() for fault in faults} | (
        {ON_POSTGRESQL_ALONE} if db.engine.dialect.name == "postgresql" else set()
    )

    for revision in revisions[-2::-1]:
        downgrade(revision=revision)


def test_an_upgrade_with_nothing_to_do_leaves_all_as_it_is(app: Bilim) -> None:
    with transaction():
        fill(db.session.connection(), [db.metadata.tables["organisation"]])
        before = rows.fingerprint(db.session.connection())

    upgrade()

    with reading():
        assert rows.fingerprint(db.session.connection()) == before
        if db.engine.dialect.name == "sqlite":
            assert db.session.scalar(text("PRAGMA foreign_keys")) == 1


def test_what_was_released_is_never_tripped() -> None:
    assert [key for key in TRIPPED if key[0] > LAST_BEFORE_RELEASE] == []


def fill_new(known: list[str]) -> list[str]:
    """A row in each table that the last step made."""
    names = set(inspect(db.engine).get_table_names()) - {"alembic_version", *known}
    with copying.writing(db.engine) as connection:
        if not names:
            return []
        found = MetaData()
        found.reflect(connection, only=lambda name, _: name != "alembic_version")
        fill(connection, [table for table in found.sorted_tables if table.name in names])
    return sorted(names)


def _scripts(app: Bilim) -> ScriptDirectory:
    return ScriptDirectory(str(app.config["MIGRATIONS_FOLDER"]))
