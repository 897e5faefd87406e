"""Marks of a module as a spreadsheet: handed out, read again, looked at row by row, taken over."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses import enrolment, grouping, mark_sheet_reading, mark_sheets, markers, wording
from courses.catalogue import Edition
from lms.core import attachments, workbooks
from lms.core.archives import NotRead
from lms.core.i18n import _n
from lms.lti import session

blueprint = Blueprint("mark_sheets", __name__, template_folder="../templates")


@blueprint.get("/<slug>/marks")
def ask(slug: str) -> str:
    """How marks go out and in."""
    return _page(_edition(slug))


@blueprint.get("/<slug>/marks.xlsx")
def export(slug: str) -> Response:
    """Every submitted text with its mark."""
    launch, edition = session.current(), _edition(slug)
    group_id = grouping.chosen(grouping.of_course(launch), request.args.get("group"))
    data = mark_sheets.export(launch, edition, group_id=group_id)
    response = Response(data, mimetype=workbooks.MEDIA_TYPE)
    response.headers["Content-Disposition"] = attachments.disposition(f"{slug}.xlsx", fallback="marks.xlsx")
    return response


@blueprint.post("/<slug>/marks")
def check(slug: str) -> ResponseReturnValue:
    """Read a file and tell what would become of each row. No mark is set."""
    launch, edition = session.current(), _edition(slug)
    upload = request.files.get("file")
    data = upload.stream.read(mark_sheet_reading.LARGEST_BYTES + 1) if upload else b""
    try:
        lines = mark_sheet_reading.read(data)
    except NotRead as refused:
        return _page(edition, error=wording.sheet_refusal(refused.code)), 422
    judged = mark_sheets.judged(launch, edition, lines, is_administrator=markers.administers(launch))
    sheet = mark_sheets.keep(launch, edition, judged)
    return redirect(url_for("mark_sheets.look", slug=slug, sheet_id=sheet.id), 303)


@blueprint.get("/<slug>/marks/<sheet_id>")
def look(slug: str, sheet_id: str) -> str:
    """Each row with what becomes of it."""
    launch, edition = session.current(), _edition(slug)
    sheet = mark_sheets.kept(launch, edition, sheet_id)
    lines = mark_sheets.lines_of(sheet)
    return render_template(
        "courses/mark_sheet.html",
        outline=edition.outline,
        sheet=sheet,
        lines=lines,
        good=sum(line.is_good for line in lines),
        faults=sum(line.is_fault for line in lines),
        outcome_words=wording.sheet_outcome,
    )


@blueprint.post("/<slug>/marks/<sheet_id>")
def take_over(slug: str, sheet_id: str) -> ResponseReturnValue:
    """Set every good mark, or none."""
    launch, edition = session.current(), _edition(slug)
    sheet = mark_sheets.kept(launch, edition, sheet_id, to_take=True)
    count = mark_sheets.take_over(launch, edition, sheet, is_administrator=markers.administers(launch))
    flash(_n("%(num)s mark is taken over.", "%(num)s marks are taken over.", count), "success")
    return redirect(url_for("marking.queue"), 303)


def _edition(slug: str) -> Edition:
    return enrolment.edition_here(session.current(), slug)


def _page(edition: Edition, *, error: str = "") -> str:
    groups = grouping.of_course(session.current())
    return render_template(
        "courses/mark_sheets.html",
        outline=edition.outline,
        groups=groups,
        group_options=wording.group_options,
        error=error,
        largest_mb=mark_sheet_reading.LARGEST_BYTES // 1024 // 1024,
    )
