"""The words of this room: regions, levels, groups of posts, conditions, grounds, outcomes, faults of a roster."""

from collections.abc import Mapping
from typing import Any

from lms.core.errors import Sentence
from lms.core.i18n import _, _l

REGIONS: Mapping[str, Sentence] = {
    "KG-GB": _l("Bishkek city"),
    "KG-GO": _l("Osh city"),
    "KG-B": _l("Batken region"),
    "KG-C": _l("Chui region"),
    "KG-J": _l("Jalal-Abad region"),
    "KG-N": _l("Naryn region"),
    "KG-O": _l("Osh region"),
    "KG-T": _l("Talas region"),
    "KG-Y": _l("Issyk-Kul region"),
}
"""ISO 3166-2:KG."""
LEVELS: Mapping[str, Sentence] = {
    "central": _l("Central body"),
    "regional": _l("Regional body"),
    "local": _l("Local self-government"),
}
POST_GROUPS: Mapping[str, Sentence] = {
    "chief": _l("Chief posts"),
    "senior": _l("Senior posts"),
    "junior": _l("Junior posts"),
}
GENDERS: Mapping[str, Sentence] = {"f": _l("Woman"), "m": _l("Man")}
DIMENSIONS: Mapping[str, Sentence] = {"region": _l("Region"), "agency": _l("Agency"), "level": _l("Level")}
SPOKEN: Mapping[str, Sentence] = {
    "ky": _l("Kyrgyz"),
    "ru": _l("Russian"),
    "en": _l("English"),
    "zh": _l("Chinese"),
}
OUTCOMES: Mapping[str, Sentence] = {
    "selected": _l("Selected"),
    "reserve": _l("Reserve list"),
    "not-eligible": _l("Conditions not met"),
    "declined": _l("Place given up"),
}
OUTCOME_KINDS = {"selected": "good", "reserve": "now", "not-eligible": "bad", "declined": "neutral"}
_WHY: Mapping[str, Sentence] = {
    "selected": _l("Has a place by rank."),
    "places-full": _l("All places went to better ranks."),
    "region-full": _l("The places of the region are taken."),
    "agency-full": _l("The places of the agency are taken."),
    "level-full": _l("The places of the level are taken."),
    "not-eligible": _l("A condition is not met."),
}
_FAULTS: Mapping[str, Sentence] = {
    "empty": _l("Nothing stands here, and something has to."),
    "not-a-name": _l("This is not a name in one script."),
    "not-a-number": _l("A personal number has 14 digits."),
    "not-a-region": _l("This region is not known. Use its code, for example KG-GB."),
    "not-a-level": _l("Write central, regional or local."),
    "not-a-gender": _l("Write f or m."),
    "not-an-agency": _l("No organisation has this code."),
    "not-an-address": _l("This is not an e-mail address."),
    "not-a-day": _l("Write the day as 2027-12-31."),
    "twice": _l("The same person stands in an earlier row."),
    "not-in-cohort": _l(
        "Nobody in this cohort has this key. Take the sheet anew, and leave the first column as it is."
    ),
    "another-name": _l("Another name belongs to this key. Perhaps rows were moved."),
    "not-hours": _l("Write academic hours as a whole number from 0 to 400."),
    "not-a-result": _l("Write the result as a whole number from 0 to 100."),
    "no-identity": _l("Write a personal number or an e-mail address."),
    "formula": _l("A formula is not read. Write the value."),
    "cell-error": _l("The cell shows an error."),
    "too-long": _l("This is too long."),
    "merged-cell": _l("Merged cells are not read. Split them."),
}
_REFUSALS: Mapping[str, Sentence] = {
    "sheet-without-heading": _l("The first row has to name the columns. Take the empty roster as a pattern."),
    "quota-exceeded": _l("More people than places. Nothing was taken."),
    "nothing-asked": _l("There are no rows below the heading."),
    "too-many-rows": _l("There are too many rows. Split the list."),
    "upload-unknown": _l("This is not a spreadsheet in XLSX."),
    "sheet-encrypted": _l("The spreadsheet has a password. Save it without one."),
    "sheet-hidden": _l("The spreadsheet has a hidden sheet. Remove it."),
    "file-missing": _l("The upload is gone. Send it again."),
}
_UNREAD_CELL: Sentence = _l("The cell cannot be read.")
_UNREAD_SHEET: Sentence = _l("The spreadsheet cannot be read. Save it again as XLSX.")


def of_rule(rule: Mapping[str, Any]) -> str:
    """A condition as a sentence, with its numbers."""
    code, facts = rule["code"], rule["facts"]
    if code == "service-years":
        return str(_("Years of service: %(years)s, at least %(least)s asked", **facts))
    if code == "post-group":
        return str(_("Group of the post: %(group)s", group=_word(POST_GROUPS, facts["group"])))
    if code == "language":
        return str(_("Speaks %(language)s", language=_word(SPOKEN, facts["language"])))
    if facts["months"] is None:
        return str(_("Was never trained abroad"))
    return str(_("Months since the last training: %(months)s, at least %(least)s asked", **facts))


def of_ground(ground: Mapping[str, Any]) -> str:
    """For what points were given."""
    code, facts = ground["code"], ground["facts"]
    if code == "service-years":
        return str(_("Years of service: %(years)s", **facts))
    if code == "language":
        return str(_("Speaks %(language)s", language=_word(SPOKEN, facts["language"])))
    if code == "level":
        return _word(LEVELS, facts["level"])
    return str(_("Was never trained abroad"))


def of_reason(code: str) -> Sentence:
    """Why somebody has a place or none."""
    return _WHY[code]


def of_fault(code: str) -> Sentence:
    """What is wrong with a row of a roster."""
    return _FAULTS.get(code, _UNREAD_CELL)


def of_refusal(code: str) -> Sentence:
    """Why nothing of a roster was taken."""
    return _REFUSALS.get(code, _UNREAD_SHEET)


def _word(words: Mapping[str, Sentence], key: str) -> str:
    return str(words.get(key, key))
