"""What a report says of an item, by code. The codes are for programs and tests, the sentences for an author."""

REFUSALS = {
    "broken": "cannot be read: {what}",
    "no-text": "there is no text in the question",
    "no-answer": "no answer is marked as fully right",
    "several-right": "{count} answers are fully right, but only one may be chosen",
    "empty-answer": "an answer has no text",
    "few-options": "there are fewer than two answers to choose from",
    "many-answers": "more than {most} answers",
    "count-of-pairs": "{count} pairs; from 3 to 5 are possible here",
    "count-of-items": "{count} things to put in order; from 3 to 6 are possible here",
    "sides-repeated": "two pairs have the same text on one side",
    "not-one-to-one": "not every left side has exactly one right side",
    "not-a-number": "the right answer is not a number that can be kept: {value}",
    "several-numbers": "{count} different numbers are right",
    "only-patterns": "every accepted answer is a pattern: * stands for anything",
    "long-answer": "an accepted answer has more than {most} signs, or no letter or digit",
    "too-long": "a text has more than {most} signs",
    "type-not-here": "questions of the type {type} do not exist here",
    "several-interactions": "{count} things to answer in one item; one is possible here",
    "no-interaction": "there is nothing to answer",
    "not-declared": "the right answer is computed or not declared",
    "twice": "the same question stands before it in this file",
    "formula": "a cell holds a formula; put its value there",
    "cell-fault": "a cell cannot be read: {what}",
    "unknown-column-value": "{column}: {value} is not known here",
    "file-missing": "the package lists this file and does not hold it",
    "entry": "this file of the package is not read ({fault})",
    "not-xml": "this file of the package is not XML that can be read",
    "cut-off": "the file is broken in line {line}; nothing behind it was read",
    "too-many": "only the first {most} items of a file are read",
}
REMARKS = {
    "picture": "a picture is not taken; check whether the question is clear without it",
    "media": "sound, film or an embedded page is not taken",
    "links": "the address of a link is not taken, only its text",
    "table": "a table became lines of text",
    "tex": "a formula stays as it was typed; it is not drawn here",
    "equal-weights": "own points for each answer are not kept: right choices count the same, wrong ones against them",
    "partly-right": "an answer that was partly right counts as wrong here",
    "case": "capital letters do not matter here",
    "patterns": "accepted answers with * are left out",
    "extra-sides": "answers that belong to nothing are left out",
    "units": "units other than the first, and points for a unit, are left out",
    "feedback": "a comment that belongs to no answer and is no explanation is left out",
    "range": "the number is the middle of the range, the tolerance its half",
    "all-or-nothing": "here a part of the right choices earns a part of the points",
    "gap": "the gap of the text became _____",
    "same-key": "another item of the file has the same name, so the text is part of its key",
    "shuffle": "the order of the answers is always mixed here",
    "above": "an answer speaks of those above it, but their order is always mixed here",
    "hints": "hints for further tries are left out",
    "second-language": "filled in beside the languages that were there",
}


class Refused(Exception):
    """This one item is not taken; the code and the facts say why."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    @property
    def sentence(self) -> str:
        """For an author."""
        return REFUSALS[self.code].format(**self.facts)


class Unreadable(Exception):
    """Nothing of the file is read; the code and the sentence say why."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
