"""Files that are handed in with a text. What a file is, is known by its content; its name is cleaned; it is never shown as a page."""

from collections.abc import Collection
from hashlib import sha256

from flask import Response
from sqlalchemy import func, select

from courses import file_kinds
from courses.marking_models import WorkFile
from courses.models import Submission
from courses.written_task import Assignment, FileRule
from lms.core import attachments, files
from lms.core.db import db, insert_once
from lms.core.errors import Conflict, Invalid, NotFound, Unavailable
from lms.core.i18n import _l

FOLDER = "works"
MEGABYTE = 1024 * 1024


def of(submission_id: str) -> list[WorkFile]:
    """The files of one text, in the order they came."""
    return of_many([submission_id]).get(submission_id, [])


def of_many(submission_ids: Collection[str]) -> dict[str, list[WorkFile]]:
    """The files of each text; one query."""
    found: dict[str, list[WorkFile]] = {}
    chosen = select(WorkFile).where(WorkFile.submission_id.in_(submission_ids))
    for file in db.session.scalars(chosen.order_by(WorkFile.added_at, WorkFile.id)):
        found.setdefault(file.submission_id, []).append(file)
    return found


def add(draft: Submission, task: Assignment, *, name: str, data: bytes) -> WorkFile:
    """Keep a file with a draft. The same bytes twice are one file.

    :raises Conflict: ``work-submitted``, ``files-too-many``.
    :raises Invalid: ``files-not-asked``, ``file-empty``, ``file-too-large``, ``file-kind`` for a file that is none of the
        kinds that the task takes, whatever its name says.
    """
    rule = _rule(draft, task)
    kind = _kind(rule, data)
    digest = sha256(data).hexdigest()
    present = of(draft.id)
    if len(present) >= rule.most and digest not in [file.sha256 for file in present]:
        raise Conflict("files-too-many", _l("No more files can be added. Take one back first."))
    stored_as = f"{FOLDER}/{draft.id}/{digest}"
    files.store(stored_as, data)
    values = {"name": file_kinds.clean_name(name, kind), "kind": kind, "size": len(data), "stored_as": stored_as}
    return insert_once(WorkFile, {"submission_id": draft.id, "sha256": digest}, values)[0]


def take_back(draft: Submission, file_id: str) -> None:
    """Remove a file from a draft; nothing happens if it is gone already.

    :raises Conflict: ``work-submitted``.
    """
    _refuse_submitted(draft)
    found = db.session.scalar(select(WorkFile).filter_by(id=file_id, submission_id=draft.id))
    if found is not None:
        forget([found])


def forget(gone: Collection[WorkFile]) -> None:
    """Remove files, and their bytes where no other text has them."""
    for file in gone:
        db.session.delete(file)
    db.session.flush()  # the look below asks the database
    for stored_as in {file.stored_as for file in gone}:
        if not db.session.scalar(select(func.count()).select_from(WorkFile).filter_by(stored_as=stored_as)):
            files.remove(stored_as)


def carry_over(before: Submission, draft: Submission) -> None:
    """The text that follows a mark begins with the files of the one before."""
    for file in of(before.id):
        values = {"name": file.name, "kind": file.kind, "size": file.size, "stored_as": file.stored_as}
        insert_once(WorkFile, {"submission_id": draft.id, "sha256": file.sha256}, {**values, "added_at": file.added_at})


def download(submission: Submission, file_id: str) -> Response:
    """A file as an attachment: it is kept, not opened, and if a browser opened it, nothing in it would run.

    :raises NotFound: ``file-unknown``.
    :raises Unavailable: ``file-damaged`` if the stored bytes are not those that were handed in.
    """
    found = db.session.scalar(select(WorkFile).filter_by(id=file_id, submission_id=submission.id))
    if found is None:
        raise NotFound("file-unknown", _l("There is no such file. Go back to the text."))
    data = files.read(found.stored_as)
    if sha256(data).hexdigest() != found.sha256:
        raise Unavailable("file-damaged", _l("The stored file is damaged. Ask for it to be handed in again."))
    response = Response(data, content_type=file_kinds.MEDIA_TYPES[found.kind])
    response.headers["Content-Disposition"] = attachments.disposition(found.name, fallback=f"file.{found.kind}")
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _rule(draft: Submission, task: Assignment) -> FileRule:
    _refuse_submitted(draft)
    if task.files is None:
        raise Invalid("files-not-asked", _l("This task takes no files. Write your text into the field."))
    return task.files


def _refuse_submitted(draft: Submission) -> None:
    if draft.submitted_at is not None:
        raise Conflict("work-submitted", _l("Your text is submitted and waits for its mark. It cannot be changed now."))


def _kind(rule: FileRule, data: bytes) -> str:
    if not data:
        raise Invalid("file-empty", _l("This file is empty. Choose another one."))
    if len(data) > rule.largest_mb * MEGABYTE:
        raise Invalid(
            "file-too-large", _l("This file is larger than %(most)s MB. Make it smaller.", most=rule.largest_mb)
        )
    kind = file_kinds.kind_of(data)
    if kind is None or kind not in rule.types:
        raise Invalid(
            "file-kind",
            _l("This file is none of: %(kinds)s. Save it as one of these and try again.", kinds=", ".join(rule.types)),
        )
    return kind
