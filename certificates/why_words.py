"""Lines of :mod:`certificates.why` as sentences, for the holder, the instructor and the staff alike."""

from typing import NamedTuple

from certificates import eligibility_words, wording
from certificates.why import Actor, Point, Repair
from courses import records
from lms.core.errors import Sentence
from lms.core.i18n import _, _l


class Line(NamedTuple):
    """One line as a page shows it."""

    met: bool
    title: Sentence
    evidence: Sentence
    who: Sentence
    """Empty for what is met."""
    repair: Repair | None


_TITLES: dict[str, Sentence] = {
    "learner": _l("Only learners get a certificate"),
    "completed": _l("The completion is recorded"),
    "score": _l("The score is in the gradebook"),
    "name": _l("The holder has confirmed how the name is written"),
    "glyphs": _l("Every character of the name can be printed"),
    "issuer": _l("An organisation issues certificates for this module"),
    "signer": _l("Somebody may sign for the organisation today"),
    "texts": _l("All texts are written in four languages"),
    "being-made": _l("The certificate is being made"),
    "made": _l("The certificate is made"),
    "standing": _l("The certificate holds"),
}
_ACTORS: dict[Actor, Sentence] = {
    Actor.HOLDER: _l("The trainee acts next."),
    Actor.INSTRUCTOR: _l("The instructor acts next. Ask in your course."),
    Actor.ACADEMY: _l("The academy acts next. It sees this in its administration."),
    Actor.SYSTEM: _l("Nobody has to do anything. It happens by itself."),
    Actor.NOBODY: _l("This stays so."),
}
_LANGUAGES = {"ky": "кыргызча", "ru": "русский", "zh": "中文", "en": "English"}
_TO_THE_HOLDER = _l("You act next.")
REPAIRS: dict[Repair, Sentence] = {
    Repair.LEARN: _l("Go on learning"),
    Repair.CONFIRM_NAME: _l("Confirm or correct the name"),
    Repair.CHECK: _l("Check the rules again"),
    Repair.RESEND: _l("Send the score again"),
    Repair.MAKE: _l("Make the certificate"),
    Repair.ALLOW_ATTEMPT: _l("Allow one more attempt"),
    Repair.MARK: _l("Mark the text"),
    Repair.MARK_DIARY: _l("Mark the diary"),
}


def line(point: Point, *, is_holder: bool) -> Line:
    """What a reader sees of one line.

    :param is_holder: the reader is the trainee.
    """
    title = records.rule_title(point.rule) if point.rule else _TITLES[point.code]
    return Line(point.met, title, _evidence(point), who(point.actor, is_holder=is_holder), point.repair)


def who(actor: Actor | None, *, is_holder: bool) -> Sentence:
    """Who acts next, said to this reader."""
    if actor is None:
        return ""
    return _TO_THE_HOLDER if actor is Actor.HOLDER and is_holder else _ACTORS[actor]


def _evidence(point: Point) -> Sentence:
    if point.rule:
        return _of_rule(point)
    if point.met:
        return ""
    if point.code == "standing":
        return " · ".join(_of_standing(point.about))
    if point.code == "score":
        return records.score_trouble(point.about[0]) if point.about else ""
    if point.code == "glyphs":
        signs: Sentence = _("The characters: %(characters)s", characters=eligibility_words.of_characters(point.about))
        return signs
    if point.code == "texts":
        return ", ".join(_LANGUAGES[language] for language in point.about)
    if point.code == "made" and point.about:
        reason: Sentence = _("Reason: %(code)s", code=point.about[0])
        return reason
    return ""


def _of_rule(point: Point) -> Sentence:
    told = records.rule_evidence(point.rule) if point.rule else ""
    if not point.met and point.repair is Repair.ALLOW_ATTEMPT:
        left = _("No attempt is left in: %(units)s", units=", ".join(point.about))
        return f"{told} · {left}"
    return told


def _of_standing(about: tuple[str, ...]) -> list[str]:
    state, *reason = about
    return [str(wording.of_state(state)), *(str(wording.of_status_reason(code)) for code in reason)]
