"""The words of figures: stages, dimensions, and names of what a line is about."""

from collections.abc import Collection, Mapping

from certificates.dashboards.figures import DIMENSIONS, Figures
from courses import training
from courses.training import Scope
from lms.core.errors import Sentence
from lms.core.i18n import LANGUAGES, _l, pick, use_language
from lms.organisations import issuers

TITLES: Mapping[str, Sentence] = {
    "planned": _l("Planned places"),
    "nominated": _l("Nominated"),
    "selected": _l("Selected for a place"),
    "enrolled": _l("On the roster"),
    "begun": _l("Began"),
    "completed": _l("Completed"),
    "certified": _l("With certificate"),
    "hours": _l("Academic hours"),
    "waiting": _l("Days until the certificate"),
    "learning": _l("Days of learning"),
}
"""Of each figure."""
MEANINGS: Mapping[str, Sentence] = {
    "planned": _l("Places of the plan, or its share."),
    "nominated": _l("Put forward by an agency, with consent."),
    "selected": _l("Has a place after the selection."),
    "enrolled": _l("On the roster of a cohort and did not give up the place."),
    "begun": _l("Opened at least one module."),
    "completed": _l("Completed every module of the plan. For one module: completed it."),
    "certified": _l("Has a valid certificate for each of them."),
    "hours": _l("Of all modules that were completed, of everybody together."),
}
BY: Mapping[str, Sentence] = {
    "year": _l("By year"),
    "region": _l("By region"),
    "agency": _l("By agency"),
    "level": _l("By level"),
    "gender": _l("By gender"),
    "module": _l("By module"),
    "cohort": _l("By cohort"),
}
NAMES: Mapping[str, Sentence] = {
    "year": _l("Year"),
    "region": _l("Region"),
    "agency": _l("Agency"),
    "level": _l("Level"),
    "gender": _l("Gender"),
    "module": _l("Module"),
    "cohort": _l("Cohort"),
}
PARTS: tuple[Sentence, ...] = (
    _l("With certificate"),
    _l("Completed, no certificate yet"),
    _l("In training"),
    _l("Planned places that are free"),
)
_FIXED: Mapping[str, Mapping[str, Sentence]] = {
    "region": training.REGIONS,
    "level": training.LEVELS,
    "gender": training.GENDERS,
}


def names(scope: Scope, agencies: Collection[str] | None = None) -> dict[str, dict[str, str]]:
    """Names of what lines are about in the language that is spoken now, by dimension and key, in the order of showing them.

    :param agencies: ids of those that are wanted; None for all.
    """
    plans = training.plans(scope)
    cohorts = training.cohorts(plans, academies=scope.academies)
    bodies = issuers.named(agencies)
    found = {by: {key: str(word) for key, word in words.items()} for by, words in _FIXED.items()}
    found["agency"] = dict(sorted(((row.id, pick(row.names)) for row in bodies), key=lambda pair: pair[1]))
    found["module"] = {slug: pick(titles) for slug, titles in training.module_titles().items()}
    found["cohort"] = {row.id: row.title for row in cohorts}
    found["year"] = {str(plan.year): str(plan.year) for plan in plans}
    return found


def in_all_languages(figures: Figures, scope: Scope) -> dict[str, dict[str, dict[str, str]]]:
    """The same by dimension, key and language, of what has a line; for what is kept."""
    wanted = {by: {line.key for line in figures.of(by)} for by in DIMENSIONS}
    found: dict[str, dict[str, dict[str, str]]] = {}
    for language in LANGUAGES:
        with use_language(language):
            spoken = names(scope, wanted["agency"])
        for by, words in spoken.items():
            for key in [key for key in words if key in wanted[by]]:
                found.setdefault(by, {}).setdefault(key, {})[language] = words[key]
    return found
