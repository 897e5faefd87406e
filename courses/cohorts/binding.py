"""Who of those whom platforms send is who on the roster. Certain by a confirmed e-mail address; else a person decides.

Each decision is a line that names who made it; undoing one says so on the same line, and nothing is forgotten.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from courses.cohorts import skeletons
from courses.cohorts.models import Binding, Cohort, Member, Plan
from courses.models import Enrolment, Module
from lms.core import alphabet, audit, clock
from lms.core.db import db
from lms.core.errors import Conflict, NotFound
from lms.core.i18n import _l
from lms.lti.models import PlatformUser
from lms.people.models import MailAddress, PersonName

SAME, DIFFERENT = "same", "different"
BY_ADDRESS, BY_DECISION = "confirmed-address", "decision"


@dataclass(frozen=True)
class Guess:
    """Somebody who may be the person on the roster."""

    person_id: str
    name: str
    percent: int


def bind_certain(cohort: Cohort, plan: Plan, *, actor: str) -> int:
    """Bind whoever confirmed, from the mailbox, the very address of the roster, and is the only one; how many were bound."""
    free, learners = _unbound(cohort), learners_of(plan.modules)
    expected: Counter[str] = Counter((member.email or "").casefold() for member in free)
    found: defaultdict[str, list[str]] = defaultdict(list)
    confirmed = select(MailAddress).where(MailAddress.person_id.in_(learners), MailAddress.confirmed_at.is_not(None))
    for row in db.session.scalars(confirmed):
        found[row.address.casefold()].append(row.person_id)
    certain = [
        (member, found[address][0])
        for member in free
        if (address := (member.email or "").casefold())
        and expected[address] == 1
        and len(found.get(address, ())) == 1
        and (member.id, found[address][0]) not in _told_apart(cohort)
    ]
    for member, person_id in certain:
        _write(member, person_id, SAME, ground=BY_ADDRESS, actor=actor)
    return len(certain)


def decide(cohort: Cohort, plan: Plan, *, member_id: str, person_id: str, verdict: str, actor: str) -> None:
    """What somebody decided.

    :raises NotFound: ``not-found``; :raises Conflict: ``bound-already``.
    """
    member = db.session.scalar(select(Member).filter_by(id=member_id, cohort_id=cohort.id))
    if member is None or person_id not in learners_of(plan.modules) or verdict not in (SAME, DIFFERENT):
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    taken = {row.member_id for row in in_force(cohort)} | {row.person_id for row in in_force(cohort)}
    if verdict == SAME and {member_id, person_id} & taken:
        raise Conflict("bound-already", _l("One of the two is bound already. Undo that first."))
    _write(member, person_id, verdict, ground=BY_DECISION, actor=actor)


def undo(cohort: Cohort, binding_id: str, *, actor: str) -> None:
    """:raises NotFound: ``not-found``."""
    found = db.session.scalar(select(Binding).filter_by(id=binding_id, cohort_id=cohort.id, undone_at=None))
    if found is None:
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    found.undone_at, found.undone_by = clock.now(), actor
    audit.record("binding.undone", subject=f"member:{found.member_id}", actor=actor, binding=found.id)


def in_force(cohort: Cohort) -> Sequence[Binding]:
    """Who is who, as it stands."""
    return db.session.scalars(select(Binding).filter_by(cohort_id=cohort.id, verdict=SAME, undone_at=None)).all()


def history(cohort: Cohort, *, most: int = 50) -> list[tuple[Binding, str]]:
    """The last decisions with the name on the roster."""
    found = db.session.execute(
        select(Binding, Member.name)
        .join(Member, Member.id == Binding.member_id)
        .where(Binding.cohort_id == cohort.id)
        .order_by(Binding.decided_at.desc(), Binding.id)
        .limit(most)
    )
    return [(row[0], row[1]) for row in found]


def open_questions(cohort: Cohort, plan: Plan, *, most: int = 25) -> tuple[list[tuple[Member, list[Guess]]], int]:
    """Members with somebody whose name is alike, and how many members are not bound; a fixed number of queries."""
    free, learners, apart = _unbound(cohort), learners_of(plan.modules), _told_apart(cohort)
    bound = {row.person_id for row in in_force(cohort)}
    shown = _names(learners - bound)
    known = {person_id: frozenset().union(*map(skeletons.words_of, texts)) for person_id, texts in shown.items()}
    questions = []
    for member in free:
        alike = skeletons.alike(f"{member.name} {member.latin_name or ''}", known)
        guesses = [Guess(key, shown[key][0], percent) for key, percent in alike if (member.id, key) not in apart]
        if guesses:
            questions.append((member, guesses))
    return questions[:most], len(free)


def learners_of(modules: Sequence[str]) -> frozenset[str]:
    """Everybody who takes one of these modules."""
    found = db.session.scalars(
        select(Enrolment.person_id)
        .join(Module, Module.id == Enrolment.module_id)
        .where(Module.slug.in_(modules), Enrolment.is_trial.is_(False))
    )
    return frozenset(found)


def _names(person_ids: frozenset[str]) -> dict[str, list[str]]:
    """Every form of the names of these people, the confirmed and present ones first."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    forms = select(PersonName).where(PersonName.person_id.in_(person_ids), PersonName.replaced_at.is_(None))
    for row in db.session.scalars(forms.order_by(PersonName.source, PersonName.script)):
        found[row.person_id].append(row.text)
    said = select(PlatformUser.person_id, PlatformUser.name).where(
        PlatformUser.person_id.in_(person_ids), func.coalesce(PlatformUser.name, "") != ""
    )
    for person_id, name in db.session.execute(said):
        found[person_id].append(name or "")
    return found


def _unbound(cohort: Cohort) -> Sequence[Member]:
    bound = select(Binding.member_id).filter_by(cohort_id=cohort.id, verdict=SAME, undone_at=None)
    wanted = select(Member).where(Member.cohort_id == cohort.id, Member.left_at.is_(None), Member.id.not_in(bound))
    return sorted(db.session.scalars(wanted), key=lambda member: (alphabet.place(member.name), member.id))


def _told_apart(cohort: Cohort) -> set[tuple[str, str]]:
    rows = db.session.scalars(select(Binding).filter_by(cohort_id=cohort.id, verdict=DIFFERENT, undone_at=None))
    return {(row.member_id, row.person_id) for row in rows}


def _write(member: Member, person_id: str, verdict: str, *, ground: str, actor: str) -> None:
    made = Binding(
        cohort_id=member.cohort_id,
        member_id=member.id,
        person_id=person_id,
        verdict=verdict,
        ground=ground,
        decided_by=actor,
    )
    db.session.add(made)
    audit.record("binding.decided", subject=f"member:{member.id}", actor=actor, verdict=verdict, ground=ground)
