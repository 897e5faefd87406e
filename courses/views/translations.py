"""For administrators of the academy: what is taught, language beside language, for those who review translations."""

from flask import Blueprint, render_template, request, url_for
from markupsafe import Markup

from courses import catalogue, comparing, texts
from courses.outline import Unit
from lms.core.errors import NotFound
from lms.core.i18n import LANGUAGES, OWN_NAMES, _, _l
from lms.signin.roles import ACADEMY_ADMINISTRATOR, AUDITOR, PLATFORM_ADMINISTRATOR

ROLES = (ACADEMY_ADMINISTRATOR, PLATFORM_ADMINISTRATOR, AUDITOR)

blueprint = Blueprint("translations", __name__, template_folder="../templates")


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    return {"own_names": OWN_NAMES}


@blueprint.get("/")
def modules() -> str:
    """Every unit that is taught, with the review state of each language."""
    return render_template("courses/translations.html", editions=catalogue.everything(), all_languages=LANGUAGES)


@blueprint.get("/<slug>/<unit_slug>")
def unit(slug: str, unit_slug: str) -> str:
    """One unit in two languages side by side."""
    edition = catalogue.current(slug)
    found = edition.outline.unit_at(unit_slug)
    if found is None:
        raise NotFound("unit-unknown", _l("There is no such unit, or it is still in preparation."))
    left, right = (_language(name, usual) for name, usual in (("left", "ru"), ("right", "ky")))
    lesson, questions = comparing.lesson(found, left, right), comparing.questions(found, left, right)
    return render_template(
        "courses/translation.html",
        outline=edition.outline,
        unit=found,
        left=left,
        right=right,
        lesson=lesson,
        questions=questions,
        wrong=sum(pair.lacks or pair.is_same for pair in (*lesson, *questions)),
        shown=lambda markdown, language: _shown(markdown, found, edition.digest, language),
        kind_words=_kind,
    )


def _language(name: str, usual: str) -> str:
    chosen = request.args.get(name, usual)
    return chosen if chosen in LANGUAGES else usual


def _kind(kind: str) -> str:
    words: dict[str, str] = {
        "outcome": _("Learning outcome"),
        "section": _("Section"),
        "term": _("Key term"),
        "text": _("Question"),
        "option": _("Option"),
        "feedback": _("Answer to the option"),
        "item": _("Line"),
        "side": _("Side of a pair"),
        "step": _("Step"),
        "explanation": _("Explanation"),
    }
    return words[kind]


def _shown(markdown: str, unit: Unit, digest: str, language: str) -> Markup:
    """As readers of the lesson see it, with its pictures."""
    known = {
        picture.name: texts.Picture(
            url=url_for("modules.figure", digest=digest, unit=unit.slug, file=picture.file_for(language)),
            alt=picture.alt.get(language, ""),
        )
        for picture in unit.figures
    }
    return texts.render(markdown, sources=unit.sources, pictures=known.get).html
