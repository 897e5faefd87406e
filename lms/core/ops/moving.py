"""The whole database moves into another one, of the same or the other engine, and the move is proved by the hash of each table."""

from sqlalchemy import Connection

from lms.core.db import db
from lms.core.errors import Conflict
from lms.core.i18n import _l
from lms.core.ops import copying, rows
from lms.core.ops.rows import Digest


def move(url: str) -> dict[str, Digest]:
    """Copy every row into an empty database. Stored files and keys stay where they are, and so does the present database.

    :returns: the digest of each table, which is the same on both sides.
    :raises Conflict: ``database-not-empty``, ``database-of-other-version``; ``restore-differs``; ``database-in-use`` if
        somebody wrote to the present database meanwhile: stop web and worker. In each case the other database stays empty.
    """
    db.session.remove()
    with copying.opened(url) as other, copying.writing(other) as target:
        copied = _copied(target)
        if rows.fingerprint(target) != copied:
            raise Conflict("restore-differs", _l("What was written differs from the copy. Nothing was changed."))
        if _present() != copied:
            raise Conflict(
                "database-in-use",
                _l("Somebody wrote to the database during the move. Stop web and worker, then move again."),
            )
    return copied


def _copied(target: Connection) -> dict[str, Digest]:
    with copying.snapshot(db.engine) as source:
        if copying.revision_of(source) != copying.revision():
            raise Conflict(
                "database-of-other-version",
                _l("The tables are of another version. Run: flask db upgrade"),
                revision=copying.revision_of(source),
            )
        copying.fill(target, {table.name: rows.lines(source, table) for table in rows.tables()})
        return rows.fingerprint(source)


def _present() -> dict[str, Digest]:
    with copying.snapshot(db.engine) as source:
        return rows.fingerprint(source)
