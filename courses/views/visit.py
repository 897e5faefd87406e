"""One person in one module: what the pages of a visit need again and again."""

from flask import url_for

from courses import attempts, completion, enrolment, progress, rules, steps
from courses.catalogue import Edition
from courses.models import Attempt, Enrolment
from courses.outline import ModuleOutline, Question, Unit
from courses.steps import Step
from lms.core.db import db, transaction
from lms.core.errors import NotFound
from lms.core.i18n import _, _l, locale, pick
from lms.lti import session
from lms.lti.models import LaunchSession


class Visit:
    """The module as the person takes it, the person in it, and addresses of its steps.

    ``edition`` is the whole module, ``outline`` that of the track. A link may open a unit that the track leaves out.
    """

    def __init__(self, edition: Edition, enrolled: Enrolment) -> None:
        self.edition = edition
        self.outline = edition.on(enrolled.track).outline
        self.enrolment = enrolled

    @classmethod
    def opened(cls, slug: str) -> "Visit":
        """For a page that only shows. The first one of a launch enrols, in a transaction of its own."""
        launch = session.current()
        edition = enrolment.edition_here(launch, slug)
        enrolled = enrolment.of(launch, edition)
        if enrolled is None or not enrolment.is_settled(enrolled, launch, edition):
            with transaction():
                enrolled = _enter(launch, edition)
        return cls(edition, enrolled)

    @classmethod
    def entered(cls, slug: str) -> "Visit":
        """For a form that changes something."""
        launch = session.current()
        edition = enrolment.edition_here(launch, slug)
        return cls(edition, _enter(launch, edition))

    @property
    def slug(self) -> str:
        """How the module is named in addresses."""
        return self.edition.slug

    @property
    def track(self) -> str:
        """Which way through the module the person is on."""
        return self.enrolment.track

    def done_and_path(self, unit: Unit | None = None) -> tuple[rules.Done, steps.Path]:
        """What was done, and the way on; around a unit that the track leaves out, the way through the whole module."""
        done, outline = progress.of(self.enrolment.id), self._outline_around(unit.code if unit else "")
        return done, steps.path(outline, done, extra_attempts=self.enrolment.extra_attempts)

    def unit(self, slug: str) -> Unit:
        """:raises NotFound: ``unit-unknown``."""
        found = self.edition.outline.unit_at(slug)
        if found is None:
            raise NotFound("unit-unknown", _l("There is no such unit, or it is still in preparation."))
        return found

    def section(self, unit: Unit, number: int) -> Step:
        """:raises NotFound: ``section-unknown``."""
        if not 1 <= number <= unit.section_count:
            raise NotFound("section-unknown", _l("There is no such section. Go back to the module."))
        return Step(kind="section", unit_code=unit.code, number=number)

    def question(self, attempt: Attempt, number: int) -> Question:
        """:raises NotFound: ``question-unknown``."""
        asked = attempts.questions_of(attempt, self.edition)
        if not 1 <= number <= len(asked):
            raise NotFound("question-unknown", _l("There is no such question. Go back to the test."))
        return asked[number - 1]

    def url_of(self, step: Step | None) -> str:
        """Where a step is done; the overview where there is none."""
        if step is None:
            return url_for("learn.overview", slug=self.slug)
        if step.kind == "assignment":
            return url_for("works.show", slug=self.slug)
        unit = step.unit_code.lower()
        if step.kind == "test":
            return url_for("test.show", slug=self.slug, unit=unit)
        return url_for("learn.section", slug=self.slug, unit=unit, number=step.number)

    def url_after(self, step: Step) -> str:
        """Where the step after this one is done."""
        return self.url_of(steps.path(self._outline_around(step.unit_code), rules.Done()).after(step))

    def title_of(self, step: Step) -> str:
        """What a step is called."""
        if step.kind == "assignment":
            return pick(self.outline.assignment.title) if self.outline.assignment else ""
        test: str = _("Test")
        unit = self.unit(step.unit_code)
        return test if step.kind == "test" else unit.lessons[locale()].sections[step.number - 1].title

    def _outline_around(self, unit_code: str) -> ModuleOutline:
        is_left_out = unit_code and unit_code not in {unit.code for unit in self.outline.units}
        return self.edition.outline if is_left_out else self.outline


def _enter(launch: LaunchSession, edition: Edition) -> Enrolment:
    """Whoever comes to another track may have done enough for it already."""
    before = enrolment.of(launch, edition)
    was_on = before.track if before else None
    enrolled = enrolment.enter(launch, edition)
    if was_on not in (None, enrolled.track):
        db.session.flush()  # the review asks the database
        completion.review(enrolled.id)
    return enrolled
