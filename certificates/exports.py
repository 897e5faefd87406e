"""A ZIP of a cohort's certificates with a manifest of hashes: made by a job, stored for some days, then removed.

The manifest lets whoever gets the archive prove later that each file is the one that was handed over.
"""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from sqlalchemy import select, update

from certificates import file_names, lookup
from certificates.models import Export
from courses import records
from courses.records import Cohort
from lms.core import audit, clock, files, jobs, workbooks
from lms.core.db import db, insert_once, reading, transaction
from lms.core.errors import Conflict, Gone, NotFound
from lms.core.i18n import _l

JOB, REMOVAL = "certificate-export", "certificate-export-removal"
KEPT = timedelta(days=7)
MOST_CERTIFICATES = 5000
BYTES_AT_ONCE = 1024 * 1024
COLUMNS = ("file", "number", "status", "sha256", "size_bytes")
_MADE_IN = (2026, 1, 1, 0, 0, 0)
"""The same moment for every entry: the archive says nothing about when somebody looked."""


class Entry(NamedTuple):
    """One certificate in an archive."""

    file: str
    """Its name in the archive."""
    stored_as: str
    number: str
    status: str
    sha256: str


def ask(export_id: str, cohort: Cohort, *, organisation_id: str, actor: str) -> Export:
    """Ask for an archive of a cohort, in the caller's transaction; the same id again gives the same archive.

    :raises Conflict: ``nothing-to-export``.
    """
    values = {
        "organisation_id": organisation_id,
        "cohort_id": cohort.id,
        "module_slug": cohort.module_slug,
        "title": cohort.title,
        "actor": actor,
        "created_at": clock.now(),
        "certificates": 0,
    }
    export, is_new = insert_once(Export, {"id": export_id}, values)
    if is_new:
        if not _entries(export):
            raise Conflict("nothing-to-export", _l("There are no certificates in this cohort yet."))
        jobs.queue(JOB, export.id)
        audit.record("certificates.export-asked", subject=f"export:{export.id}", actor=actor, cohort=cohort.id)
    return export


def get(export_id: str) -> Export:
    """:raises NotFound: ``not-found``."""
    export = db.session.get(Export, export_id)
    if export is None:
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    return export


def opened(export: Export) -> IO[bytes]:
    """The archive, to be read in parts.

    :raises NotFound: ``export-not-ready``.
    :raises Gone: ``export-over`` after its days.
    """
    if export.removed_at or (export.expires_at and export.expires_at <= clock.now()):
        raise Gone("export-over", _l("This archive was kept for seven days. Ask for a new one."))
    if export.file_name is None:
        raise NotFound("export-not-ready", _l("The archive is not ready yet. Look again in a minute."))
    return files.opened(export.file_name)


def parts(file: IO[bytes]) -> Iterator[bytes]:
    """Everything in a file, in parts; closes it at the end. Read behind the end of any transaction."""
    with file:
        while part := file.read(BYTES_AT_ONCE):
            yield part


@jobs.handles(JOB)
def make(export_id: str) -> None:
    """Make the archive on disk, store it, and say where it is; doing it again changes nothing."""
    with reading():
        export = get(export_id)
        entries = _entries(export)
    if export.file_name is not None:
        return
    with TemporaryFile() as scratch:
        _write(scratch, entries)
        scratch.seek(0)
        data = scratch.read()
    name = f"exports/{export_id}/{lookup.digest(data)}.zip"
    files.store(name, data)
    with transaction():
        _keep(export_id, name, data, entries)


@jobs.handles(REMOVAL)
def remove(export_id: str) -> None:
    """Remove an archive whose days are over."""
    with reading():
        export = get(export_id)
    if export.file_name is not None and export.removed_at is None:
        files.remove(export.file_name)
        with transaction():
            db.session.execute(update(Export).filter_by(id=export_id).values(removed_at=clock.now()))


def _entries(export: Export) -> list[Entry]:
    """The newest certificate of each record, whatever became of it; the manifest tells its state."""
    record_ids = records.completed_in(export.cohort_id, export.module_slug)
    newest = lookup.newest_issued(record_ids)
    found = [each for each in newest if each.organisation_id == export.organisation_id][:MOST_CERTIFICATES]
    return [
        Entry(
            file=file_names.of_certificate(lookup.snapshot_of(certificate)),
            stored_as=str(certificate.file_name),
            number=certificate.number,
            status=lookup.state_today(certificate),
            sha256=str(certificate.pdf_sha256),
        )
        for certificate in found
    ]


def _write(target: IO[bytes], entries: list[Entry]) -> None:
    """Sealed PDFs are compressed already."""
    lines = []
    with ZipFile(target, "w", allowZip64=True) as archive:
        for entry in entries:
            data = files.read(entry.stored_as)
            if lookup.digest(data) != entry.sha256:
                raise jobs.NeedsPerson("file-damaged")
            archive.writestr(ZipInfo(entry.file, _MADE_IN), data, ZIP_STORED)
            lines.append({**entry._asdict(), "size_bytes": len(data)})
        archive.writestr(ZipInfo("manifest.csv", _MADE_IN), _as_csv(lines), ZIP_DEFLATED)
        archive.writestr(ZipInfo("manifest.json", _MADE_IN), _as_json(lines), ZIP_DEFLATED)


def _as_csv(lines: list[dict[str, object]]) -> bytes:
    """With the mark by which spreadsheet programs know UTF-8; no cell can become a formula there."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows({column: workbooks.harmless(str(line[column])) for column in COLUMNS} for line in lines)
    return text.getvalue().encode("utf-8-sig")


def _as_json(lines: list[dict[str, object]]) -> bytes:
    listed = [{column: line[column] for column in COLUMNS} for line in lines]
    return json.dumps({"certificates": listed}, ensure_ascii=False, indent=1).encode()


def _keep(export_id: str, name: str, data: bytes, entries: list[Entry]) -> None:
    made = {
        "file_name": name,
        "sha256": lookup.digest(data),
        "size_bytes": len(data),
        "certificates": len(entries),
        "expires_at": clock.now() + KEPT,
    }
    db.session.execute(update(Export).filter_by(id=export_id).values(**made))
    jobs.queue(REMOVAL, export_id, delay_seconds=int(KEPT.total_seconds()))


def of_cohort(cohort_id: str, module_slug: str) -> list[Export]:
    """All archives of a cohort, the newest first."""
    wanted = select(Export).filter_by(cohort_id=cohort_id, module_slug=module_slug)
    return list(db.session.scalars(wanted.order_by(Export.created_at.desc())))
