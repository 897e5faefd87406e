"""What first attempts say about the questions of a unit, in numbers and in words."""

from flask import Blueprint, render_template, request

from courses import enrolment, grouping, item_analysis, item_statistics, wording
from courses.item_statistics import Difference, Figures
from courses.outline import Question
from lms.core.errors import NotFound
from lms.core.i18n import OWN_NAMES, _, _l, pick
from lms.lti import session

blueprint = Blueprint("items", __name__, template_folder="../templates")
VERY_HARD, VERY_EASY = 0.2, 0.95


@blueprint.get("/<slug>/questions")
def show(slug: str) -> str:
    """The questions of one unit; the first unit with a test if none is named."""
    launch = session.current()
    edition = enrolment.edition_here(launch, slug)
    units = [unit for unit in edition.outline.published_units if unit.questions]
    asked = request.args.get("unit")
    unit = next((unit for unit in units if asked in (None, "", unit.slug)), None)
    if unit is None:
        raise NotFound("unit-unknown", _l("There is no such unit, or it is still in preparation."))
    groups = grouping.of_course(launch)
    group_id = grouping.chosen(groups, request.args.get("group"))
    return render_template(
        "courses/items.html",
        outline=edition.outline,
        units=[(each.slug, f"{each.code} · {pick(each.titles)}") for each in units],
        unit=unit,
        items=item_analysis.of_unit(launch, edition, unit, group_id=group_id),
        groups=groups,
        group_id=group_id,
        group_options=wording.group_options,
        fewest=item_statistics.FEWEST,
        remarks=_remarks,
        difference_words=_difference,
        parts_of=_parts_of,
        language_names=OWN_NAMES,
    )


def _remarks(figures: Figures) -> list[str]:
    """What an author should look at."""
    found = []
    if figures.answered >= item_statistics.FEWEST and figures.difficulty is not None:
        if figures.difficulty < VERY_HARD:
            found.append(_("Hardly anybody gets it right. Is the question clear, and is its answer right?"))
        if figures.difficulty > VERY_EASY:
            found.append(_("Nearly everybody gets it right."))
    if figures.discrimination is not None and figures.discrimination < 0:
        found.append(_("Those who do well elsewhere do worse here. Check which answer is marked as right."))
    elif figures.discrimination is not None and figures.discrimination < item_statistics.GOOD_DISCRIMINATION:
        found.append(_("It hardly tells those who know from those who do not."))
    return found


def _difference(found: Difference) -> str:
    """A difference of language versions, as a sentence for authors."""
    sentence: str = _(
        "In %(harder)s %(low)s %% answer it right (%(low_right)s of %(low_of)s), in %(easier)s %(high)s %% (%(high_right)s of "
        "%(high_of)s). If both versions were equally hard, so large a difference would come about by chance in fewer than "
        "one of a hundred courses. Compare the two texts. It can also be that the two groups of people know different "
        "things.",
        harder=OWN_NAMES.get(found.harder.language, found.harder.language),
        easier=OWN_NAMES.get(found.easier.language, found.easier.language),
        low=found.harder.percent,
        high=found.easier.percent,
        low_right=found.harder.right,
        low_of=found.harder.of,
        high_right=found.easier.right,
        high_of=found.easier.of,
    )
    return sentence


def _parts_of(question: Question, figures: Figures) -> list[tuple[str, int, bool | None]]:
    """Each option with how many chose it and whether it is right; what was typed or paired, the most frequent first."""
    if question.options:
        return [(pick(each.text), figures.chosen[each.id], each.is_correct) for each in question.options]
    return [(given, count, None) for given, count in figures.chosen.most_common(8)]
