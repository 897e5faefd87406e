"""Whether a course record may become a certificate, and if not, every reason why. Pure: values in, reasons out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from certificates import glyphs
from certificates.snapshot import Issuer, Signer
from courses.records import CourseRecord, RuleState
from lms.core.i18n import LANGUAGES
from lms.people.names import REQUIRED


class ReasonCode(StrEnum):
    """Why there is no certificate yet. The codes never change once published."""

    NOT_COMPLETED = "not-completed"
    SCORE_BELOW_PASS = "score-below-pass"  # noqa: S105  a mark
    """Completed once, and a mark was lowered afterwards."""
    NAME_NOT_CONFIRMED = "name-not-confirmed"
    TEST_USER = "test-user"
    """An instructor looking at the course as a student."""
    GLYPH_MISSING = "glyph-missing"
    TEXT_MISSING = "text-missing"
    """A title, a name of the issuer or of the signer lacks one of the four languages."""
    NO_SERIES = "no-series"
    """No organisation numbers certificates of this module."""
    NO_SIGNER = "no-signer"
    """Nobody signs for the organisation today."""


FOR_THE_HOLDER = frozenset({ReasonCode.NOT_COMPLETED, ReasonCode.SCORE_BELOW_PASS, ReasonCode.NAME_NOT_CONFIRMED})
"""Reasons that the learner removes without anybody's help."""
FOR_NOBODY = frozenset({ReasonCode.TEST_USER})
"""Reasons that stay, and rightly."""


@dataclass(frozen=True)
class Reason:
    """One reason, with what it is about: characters for a missing glyph, languages for a missing text."""

    code: ReasonCode
    about: tuple[str, ...] = ()

    @property
    def needs_person(self) -> bool:
        """Whether somebody at the academy has to act before anything can happen."""
        return self.code not in FOR_THE_HOLDER | FOR_NOBODY


@dataclass(frozen=True)
class Candidate:
    """Everything that a certificate would be made from."""

    record: CourseRecord
    names: Mapping[str, str]
    """Confirmed forms by script."""
    organisation_id: str | None
    issuer: Issuer | None
    signer: Signer | None
    valid_for_months: int | None = None
    """None means without end."""


def reasons_against(candidate: Candidate) -> tuple[Reason, ...]:
    """Every reason why this candidate gets no certificate now; none means eligible."""
    return tuple(reason for check in _CHECKS for reason in check(candidate))


def _completed(candidate: Candidate) -> Iterator[Reason]:
    if candidate.record.completed_at is None:
        yield Reason(ReasonCode.NOT_COMPLETED)
    elif any(_is_marked_below(rule) for rule in candidate.record.rules):
        yield Reason(ReasonCode.SCORE_BELOW_PASS)


def _is_marked_below(rule: RuleState) -> bool:
    """Not simply unmet: a completion that a module's own server reported leaves all our rules unmet."""
    return not rule.met and rule.evidence.get("mark_percent") is not None


def _a_real_learner(candidate: Candidate) -> Iterator[Reason]:
    if candidate.record.is_test_user:
        yield Reason(ReasonCode.TEST_USER)


def _names_confirmed(candidate: Candidate) -> Iterator[Reason]:
    lacking = tuple(script for script in REQUIRED if not candidate.names.get(script))
    if lacking:
        yield Reason(ReasonCode.NAME_NOT_CONFIRMED, lacking)


def _issued_by_somebody(candidate: Candidate) -> Iterator[Reason]:
    if candidate.issuer is None:
        yield Reason(ReasonCode.NO_SERIES, (candidate.record.series,))
    elif candidate.signer is None:
        yield Reason(ReasonCode.NO_SIGNER)


def _every_language_written(candidate: Candidate) -> Iterator[Reason]:
    lacking = {language for texts in _texts(candidate) for language in LANGUAGES if not texts.get(language)}
    if lacking:
        yield Reason(ReasonCode.TEXT_MISSING, tuple(sorted(lacking)))


def _every_character_drawable(candidate: Candidate) -> Iterator[Reason]:
    printed = "".join(text for texts in (candidate.names, *_texts(candidate)) for text in texts.values())
    if lacking := glyphs.missing(printed):
        yield Reason(ReasonCode.GLYPH_MISSING, tuple(sorted(lacking)))


def _texts(candidate: Candidate) -> list[Mapping[str, str]]:
    texts = [candidate.record.titles]
    if candidate.issuer:
        texts.append(candidate.issuer.names)
    if candidate.signer:
        texts += [candidate.signer.name, candidate.signer.post]
    return texts


_CHECKS = (
    _a_real_learner,
    _completed,
    _names_confirmed,
    _every_character_drawable,
    _issued_by_somebody,
    _every_language_written,
)
