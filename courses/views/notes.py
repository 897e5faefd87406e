"""What the authors say to teachers about the units of a module: the trap of a case, minutes, what not to say."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from markupsafe import Markup

from courses import enrolment, texts
from courses.outline import Unit
from lms.core import i18n
from lms.lti import session

blueprint = Blueprint("notes", __name__, template_folder="../templates")


@dataclass(frozen=True, kw_only=True)
class Note:
    """One unit's note in the reader's language."""

    unit: Unit
    title: str
    html: Markup


@blueprint.get("/<slug>/notes")
def show(slug: str) -> str:
    """All of them on one page, so that it can be printed."""
    outline = enrolment.edition_here(session.current(), slug).outline
    notes = [_note(unit) for unit in outline.published_units if unit.teacher_notes]
    return render_template("courses/notes.html", outline=outline, notes=notes)


def _note(unit: Unit) -> Note:
    title, _end, markdown = i18n.pick(unit.teacher_notes).partition("\n")
    return Note(unit=unit, title=title.removeprefix("# "), html=texts.render(markdown).html)
