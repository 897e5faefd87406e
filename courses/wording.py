"""Rules, results and troubles in words, the same on every page that shows them."""

from collections.abc import Iterable

from courses.grouping import Grouping
from courses.models import Grade
from courses.rules import RuleState
from lms.core.i18n import _


def rule_title(rule: RuleState) -> str:
    """What the rule asks."""
    needed = rule.evidence.get("needed_percent")
    titles: dict[str, str] = {
        "units-read": _("All sections are read"),
        "tests-passed": _("Each test has %(percent)s %% or more", percent=needed),
        "assignment-passed": _("The written work has %(percent)s %% or more", percent=needed),
        "attended": _("%(hours)s academic hours are attended", hours=rule.evidence.get("needed_hours")),
        "diary-passed": _("The diary of a study visit has %(percent)s %% or more", percent=needed),
        "in-time": _("Everything is done within %(days)s days", days=rule.evidence.get("days")),
    }
    return titles[rule.code]


def rule_evidence(rule: RuleState) -> str:
    """What there is so far."""
    if rule.code == "units-read":
        read: str = _("%(read)s of %(all)s sections are read", read=rule.evidence["read"], all=rule.evidence["of"])
        return read
    if rule.code == "attended":
        attended: str = _(
            "%(hours)s of %(all)s hours are recorded", hours=rule.evidence["hours"], all=rule.evidence["needed_hours"]
        )
        return attended
    if rule.code == "diary-passed":
        return _diary(rule)
    if rule.code == "in-time":
        last: str = _("Last day: %(day)s", day=rule.evidence["last_day"] or "-")
        return last
    return _tests(rule) if rule.code == "tests-passed" else _work(rule)


def score_trouble(code: str | None) -> str:
    """Why a score has not arrived, for the instructor."""
    sentences: dict[str, str] = {
        "no-answer": _("The learning system does not answer."),
        "platform-paused": _("The learning system does not answer."),
        "platform-busy": _("The learning system is slow. The score waits for its turn."),
        "not-enrolled": _("The learning system says that this person is not a participant of the course."),
        "line-item-missing": _("The gradebook column of this link does not exist any more."),
        "line-item-sought": _("The gradebook column of this link is being looked for."),
        "line-items-not-allowed": _("The learning system does not allow Bilim to use its gradebook columns here."),
        "line-item-refused": _("The learning system refused a gradebook column for this link."),
        "score-not-allowed": _("The learning system does not allow Bilim to write grades here."),
        "score-not-delivered": _("The learning system did not take the score. It will be sent again."),
        "address-refused": _("The address of the gradebook is not allowed. Ask the administrator of Bilim."),
        "unexpected-error": _("Something went wrong on our side."),
        "database-unavailable": _("Something went wrong on our side."),
    }
    unknown: str = _("The learning system refused the score (%(code)s).", code=code or "-")
    return sentences.get(code or "", unknown)


def wanted(what: str) -> str:
    """What a text or an appeal waits for."""
    words: dict[str, str] = {
        "mark": _("A mark"),
        "second": _("A second mark"),
        "moderation": _("A decision between two marks"),
        "appeal": _("A decision about an appeal"),
    }
    return words[what]


def role_of_mark(role: str) -> str:
    """Which step a mark of the history was."""
    words: dict[str, str] = {
        "mark": _("Mark"),
        "first": _("First mark"),
        "second": _("Second mark"),
        "mean": _("Mean of both marks"),
        "moderation": _("Decision between two marks"),
        "appeal": _("Decision about the appeal"),
    }
    return words[role]


def marked(newest: Grade, percent: int) -> str:
    """What has become of the mark that was just given."""
    second: str = _(
        "Your mark is saved: %(percent)s %%. It is held back until a second instructor has marked the text.",
        percent=percent,
    )
    third: str = _(
        "Your mark is saved: %(percent)s %%. It differs from the first one, so a third person decides.", percent=percent
    )
    both: str = _(
        "Your mark is saved: %(percent)s %%. The mark of the text is the mean of both: %(mean)s %%.",
        percent=percent,
        mean=newest.percent,
    )
    alone: str = _("The mark is saved: %(percent)s %%.", percent=percent)
    return {"first": second, "second": third, "mean": both}.get(newest.role, alone)


def sheet_outcome(outcome: str) -> str:
    """What becomes of one row of a list of marks."""
    words: dict[str, str] = {
        "new": _("A mark is set."),
        "changed": _("The mark is set over the one that is there."),
        "unchanged": _("Nothing changes."),
        "empty": _("There is no mark in this row."),
        "text-unknown": _("There is no such text in this course. The first column must stay as it was."),
        "text-twice": _("The same text stands in an earlier row."),
        "mark-not-valid": _("The mark must be a whole number from 0 to 100."),
        "comment-too-long": _("The comment is too long. Shorten it."),
        "formula": _("A formula stands in this row. Write the mark itself."),
        "cell-error": _("A cell of this row holds an error."),
        "merged-cell": _("Cells of this row are merged. Undo that."),
        "marked-meanwhile": _("The text was marked after you took the list. Take a new list."),
        "marker-took-part": _("You have marked this text already. Another instructor decides now."),
        "mark-final": _("This mark was decided on appeal. It cannot be changed any more."),
    }
    unknown: str = _("This row cannot be read (%(code)s).", code=outcome)
    return words.get(outcome, unknown)


def sheet_refusal(code: str) -> str:
    """Why a list of marks cannot be read at all."""
    words: dict[str, str] = {
        "upload-empty": _("Choose a file first."),
        "upload-too-large": _("This file is too large."),
        "upload-unknown": _("This is no spreadsheet of the kind XLSX. Save it as XLSX and try again."),
        "sheet-encrypted": _(
            "This spreadsheet has a password, or is of an old kind. Save it as XLSX without a password."
        ),
        "sheet-without-heading": _(
            "The first row must hold the headings of the list that you took, with the words in brackets."
        ),
        "sheet-hidden": _("This spreadsheet has a hidden sheet. Remove it."),
        "too-many-rows": _("This list has too many rows."),
    }
    unknown: str = _("This spreadsheet cannot be read safely (%(code)s). Take a new list and fill that in.", code=code)
    return words.get(code, unknown)


def group_options(groups: Iterable[Grouping]) -> list[tuple[str, str]]:
    """The groups to choose from, everybody first."""
    everybody: str = _("Everybody")
    return [("", everybody), *((group.id, group.name) for group in groups)]


def roster_trouble(code: str | None) -> str:
    """Why the list of participants could not be read, and what to do about it."""
    ask: str = _(
        "The learning system does not let Bilim read its list of participants. Ask its administrator to allow "
        "the service Names and Role Provisioning for Bilim. Then update again."
    )
    sentences: dict[str, str] = {
        "roster-not-allowed": ask,
        "scope-not-granted": ask,
        "roster-not-offered": ask,
        "roster-missing": _(
            "The learning system does not know this list any more. Open Bilim again from your course, then update again."
        ),
        "roster-empty": _(
            "The learning system sent an empty list. Nothing was changed. Ask its administrator to look into this course."
        ),
        "token-refused": _("The learning system does not know Bilim. Its administrator must check our registration."),
        "no-answer": _("The learning system does not answer."),
        "platform-paused": _("The learning system does not answer."),
        "platform-busy": _("The learning system is slow. The score waits for its turn."),
        "roster-unavailable": _("The learning system did not give its list now."),
        "unexpected-error": _("Something went wrong on our side."),
        "database-unavailable": _("Something went wrong on our side."),
    }
    unknown: str = _("The learning system refused the list (%(code)s).", code=code or "-")
    return sentences.get(code or "", unknown)


def _tests(rule: RuleState) -> str:
    facts = rule.evidence
    none: str = _("No test is taken yet")
    if facts["lowest_percent"] is None:
        return none
    passed: str = _("%(passed)s of %(all)s tests are passed", passed=facts["passed"], all=facts["of"])
    lowest: str = _("lowest best result: %(percent)s %%", percent=facts["lowest_percent"])
    return f"{passed} · {lowest}"


def _diary(rule: RuleState) -> str:
    none: str = _("No diary has a mark yet")
    best: str = _("Best mark: %(percent)s %%", percent=rule.evidence["mark_percent"])
    waits: str = _("Submitted. It waits for its mark")
    if rule.evidence["state"] == "submitted":
        return f"{best} · {waits}" if rule.evidence["mark_percent"] is not None else waits
    return best if rule.evidence["state"] == "marked" else none


def _work(rule: RuleState) -> str:
    facts = rule.evidence
    mark: str = _("Mark: %(percent)s %%", percent=facts["mark_percent"])
    states: dict[str, str] = {
        "none": _("Nothing is written yet"),
        "draft": _("A draft is saved. It is not submitted yet"),
        "submitted": _("Submitted. It waits for its mark"),
        "marked": mark,
    }
    state = states[str(facts["state"])]
    return f"{mark} · {state}" if facts["mark_percent"] is not None and facts["state"] != "marked" else state
