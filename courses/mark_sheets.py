"""Marks of a module as a spreadsheet (XLSX), out and in again: many texts in one go.

What comes in is read by :mod:`courses.mark_sheet_reading`. First every row is told what would become of it, and nothing is written; then all rows that are good are taken
over in one transaction, or none.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import delete, select

from courses import assignments, enrolment, grading, grouping, roster, second_marking
from courses.catalogue import Edition
from courses.grading import Mark
from courses.mark_sheet_reading import COMMENT, MARK, SEEN, TEXT, Line
from courses.marking_models import MarkSheet
from courses.models import Enrolment, Grade, Submission
from lms.core import clock, jobs, workbooks
from lms.core.db import db, transaction
from lms.core.errors import Conflict, NotFound, Problem
from lms.core.i18n import _, _l
from lms.lti.models import LaunchSession

KEPT = timedelta(days=1)


class RowRefused(Conflict):
    """A row that was good cannot be taken over any more; no row was. Knows which one and why."""

    def __init__(self, row: int, because: Problem) -> None:
        super().__init__(
            "mark-sheet-stale",
            _l(
                "Row %(row)s cannot be taken over any more: %(why)s No mark was taken over. Send the file again.",
                row=row,
                why=because.sentence,
            ),
        )


def export(launch: LaunchSession, edition: Edition, *, group_id: str | None = None) -> bytes:
    """Every submitted text with the mark that this instructor may see; three queries."""
    rows = _texts(launch, edition, group_id)
    marks = _marks([submission.id for submission, _enrolled in rows])
    names = roster.names_of([enrolled.person_id for _submission, enrolled in rows])
    heads = [
        _head(_("Text, do not change"), TEXT),
        _("Name"),
        _("Text number"),
        _("Submitted"),
        _("Late"),
        _("Words"),
        _head(_("Mark in percent"), MARK),
        _head(_("Comment"), COMMENT),
        _head(_("Marks so far, do not change"), SEEN),
    ]
    lines = [
        _cells(submission, names.get(enrolled.person_id, ""), marks.get(submission.id, []), launch.person_id)
        for submission, enrolled in rows
    ]
    return workbooks.packed([heads, *lines])


def judged(launch: LaunchSession, edition: Edition, lines: Sequence[Line], *, is_administrator: bool) -> list[Line]:
    """The rows with what would become of each; a fixed number of queries."""
    ids = {line.submission_id for line in lines}
    known = {each.id: (each, enrolled) for each, enrolled in _texts(launch, edition, None) if each.id in ids}
    marks = _marks(list(known))
    names = roster.names_of([enrolled.person_id for _submission, enrolled in known.values()])
    seen: set[str] = set()
    found = []
    for line in lines:
        if line.is_fault and line.submission_id not in known:
            found.append(line)
            continue
        outcome = line.outcome if line.is_fault else "text-unknown"
        name = ""
        if line.submission_id in known:
            submission, enrolled = known[line.submission_id]
            name = names.get(enrolled.person_id, "")
            if line.submission_id in seen:
                outcome = "text-twice"
            elif not line.is_fault:
                outcome = _outcome(line, submission, enrolled, marks.get(submission.id, []), launch, is_administrator)
            seen.add(line.submission_id)
        found.append(Line(**{**asdict(line), "outcome": outcome, "name": name}))
    return found


def keep(launch: LaunchSession, edition: Edition, lines: Sequence[Line]) -> MarkSheet:
    """Keep what was judged until it is taken over; for a day."""
    sheet = MarkSheet(person_id=launch.person_id, module_id=edition.module_id, lines=[asdict(line) for line in lines])
    db.session.add(sheet)
    db.session.flush()  # the page names it
    return sheet


def kept(launch: LaunchSession, edition: Edition, sheet_id: str, *, to_take: bool = False) -> MarkSheet:
    """What this person has sent for this module.

    :param to_take: hold it until the end of the transaction, so that two clicks do not both take it over.
    :raises NotFound: ``mark-sheet-unknown``, also after a day.
    """
    mine = select(MarkSheet).filter_by(id=sheet_id, person_id=launch.person_id, module_id=edition.module_id)
    found = db.session.scalar(mine.with_for_update() if to_take else mine)
    if found is None:
        raise NotFound("mark-sheet-unknown", _l("This list of marks is not kept any more. Send the file again."))
    return found


def lines_of(sheet: MarkSheet) -> list[Line]:
    """What is kept, as lines."""
    return [Line(**values) for values in sheet.lines]


def take_over(launch: LaunchSession, edition: Edition, sheet: MarkSheet, *, is_administrator: bool) -> int:
    """Set every good mark, or none; again changes nothing.

    :returns: how many marks the list brought.
    :raises RowRefused: ``mark-sheet-stale`` if one of them cannot be set any more.
    """
    good = [line for line in lines_of(sheet) if line.is_good]
    if sheet.taken_at is None:
        for line in good:
            _take(launch, edition, line, is_administrator)
        sheet.taken_at = clock.now()
    return len(good)


@jobs.daily("mark-sheets")
def forget(_subject: str) -> None:
    """Lists that nobody took over, or that were taken over a day ago."""
    with transaction():
        db.session.execute(delete(MarkSheet).where(MarkSheet.made_at < clock.now() - KEPT))


def _take(launch: LaunchSession, edition: Edition, line: Line, is_administrator: bool) -> None:
    mark = Mark(
        marker_id=launch.person_id,
        percent=line.percent or 0,
        comment=line.comment,
        is_administrator=is_administrator,
    )
    try:
        submission, _enrolled = grading.seen(launch, edition, line.submission_id)
        grading.set_grade(submission, mark, seen_number=line.seen)
    except Problem as refused:
        raise RowRefused(line.row, refused) from refused


def _texts(launch: LaunchSession, edition: Edition, group_id: str | None) -> list[tuple[Submission, Enrolment]]:
    here = [*enrolment.seen_from(launch, edition), *grouping.in_group(group_id)]
    rows = db.session.execute(
        select(Submission, Enrolment)
        .join(Enrolment, Enrolment.id == Submission.enrolment_id)
        .where(Submission.submitted_at.is_not(None), Submission.is_text, *here)
        .order_by(Submission.submitted_at, Submission.id)
    )
    return [(row[0], row[1]) for row in rows]


def _marks(submission_ids: Sequence[str]) -> dict[str, list[Grade]]:
    """Every mark of each text, the newest first."""
    found: dict[str, list[Grade]] = {}
    chosen = select(Grade).where(Grade.submission_id.in_(submission_ids)).order_by(Grade.number.desc())
    for mark in db.session.scalars(chosen):
        found.setdefault(mark.submission_id, []).append(mark)
    return found


def _head(words: str, key: str) -> str:
    return f"{words} [{key}]"


def _cells(submission: Submission, name: str, marks: Sequence[Grade], viewer_id: str) -> list[workbooks.Cell]:
    shown = _shown(marks, viewer_id)
    return [
        submission.id,
        name,
        submission.number,
        submission.submitted_at.isoformat(timespec="minutes") if submission.submitted_at else None,
        _("yes") if submission.is_late else _("no"),
        assignments.words_in(submission.text),
        shown.percent if shown else None,
        shown.comment if shown else None,
        marks[0].number if marks else 0,
    ]


def _shown(marks: Sequence[Grade], viewer_id: str) -> Grade | None:
    """The newest mark that this person may see: what the form of the text would begin with."""
    may_see = second_marking.visible(grading.given(marks), viewer_id)
    newest = next((mark for mark, is_visible in zip(marks, reversed(may_see), strict=True) if is_visible), None)
    is_open = second_marking.state(grading.given(marks)) in ("second-wanted", "moderation-wanted")
    return None if newest and is_open and newest.marker_id != viewer_id else newest


def _outcome(
    line: Line,
    submission: Submission,
    enrolled: Enrolment,
    marks: Sequence[Grade],
    launch: LaunchSession,
    is_administrator: bool,
) -> str:
    if line.percent is None:
        return "empty"
    shown = _shown(marks, launch.person_id)
    if shown and (shown.percent, _plain(shown.comment)) == (line.percent, _plain(line.comment)):
        return "unchanged"
    if line.seen is not None and line.seen != (marks[0].number if marks else 0):
        return "marked-meanwhile"
    try:
        second_marking.placed(
            grading.rule_of(enrolled, submission),
            grading.given(marks),
            marker_id=launch.person_id,
            percent=line.percent,
            is_administrator=is_administrator,
        )
    except Conflict as refused:
        return refused.code
    return "changed" if shown else "new"


def _plain(text: str) -> str:
    return " ".join(text.split())
