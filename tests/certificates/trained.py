"""A bureau with a plan, a call and a cohort of invented people, of whom some have learned."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

from courses.cohorts.models import Binding, Call, Cohort, Member, Nomination, Plan, Quota
from lms.core import clock, jobs
from lms.core.db import db, new_id, transaction
from lms.core.web import Bilim
from lms.organisations.models import Organisation
from tests.certificates import academy

THEN = datetime(2026, 11, 21, 6, tzinfo=UTC)
"""A day after ``academy.COMPLETED_AT``."""


@dataclass(frozen=True)
class Trained:
    """Ids of what is there."""

    bureau: str
    agency: str
    cohort: str
    learners: tuple[academy.Learner, ...]
    """With certificate; completed, without; begun."""


def open_bureau(app: Bilim) -> Trained:
    """Five nominees, four selected, four on the roster, three begun, two completed, one certified."""
    with clock.frozen(THEN):
        academy.open_academy(app)
        bureau, agency = _body("bureau"), _body("agency")
        call, cohort = _plan(bureau)
        members = _people(call, cohort, agency)
        learners = (academy.graduate(), academy.enrol(), academy.enrol())
        learners[1].complete()
        _bind(cohort, members, learners)
        jobs.run_due()
    return Trained(bureau, agency, cohort, learners)


def _body(code: str) -> str:
    with transaction():
        names = {"ky": f"ky {code}", "ru": f"ru {code}", "zh": f"zh {code}", "en": f"The {code}"}
        body = Organisation(id=new_id(), code=code, country="KG", names=names)
        db.session.add(body)
        return body.id


def _plan(bureau: str) -> tuple[str, str]:
    plan, call, cohort = new_id(), new_id(), new_id()
    with transaction():
        facts = {"programme": "china", "title": "China 2026", "modules": ["public-management"], "year": 2026}
        db.session.add(Plan(id=plan, organisation_id=bureau, **facts, offered=2, places=6, least_women=3))
        db.session.flush()
        db.session.add(Quota(plan_id=plan, dimension="region", share="KG-B", places=4))
        days = {"opens_on": date(2026, 2, 1), "closes_on": date(2026, 3, 1), "ordered_on": date(2026, 4, 1)}
        secret = {"seed_commitment": "0" * 64, "seed_encrypted": b"-", "published_at": THEN}
        db.session.add(Call(id=call, plan_id=plan, title="Spring", criteria={}, **days, **secret))
        db.session.flush()
        days = {"starts_on": date(2026, 5, 4), "ends_on": date(2026, 11, 30)}
        db.session.add(Cohort(id=cohort, plan_id=plan, call_id=call, title="Spring 2026", **days, places=5))
    return call, cohort


def _people(call: str, cohort: str, agency: str) -> list[str]:
    """Women and men in turn; the first three of Batken, the others of Chui. The last is not selected."""
    members = []
    with transaction():
        for number in range(1, 6):
            who = {
                "name": f"Окуучу {number}",
                "gender": "fm"[number % 2],
                "region": "KG-B" if number <= 3 else "KG-C",
                "level": "local",
                "agency_id": agency,
                "person_key": sha256(str(number).encode()).hexdigest(),
            }
            post = {"service_years": 3, "post_group": "senior", "languages": ["ky"], "made_by": "operator:test"}
            consent = {"consent_version": "1", "consent_language": "ky", "consented_on": date(2026, 2, 2)}
            outcome = "selected" if number <= 4 else "reserve"
            row = Nomination(id=new_id(), call_id=call, number=number, outcome=outcome, **who, **post, **consent)
            db.session.add(row)
            db.session.flush()
            if number <= 4:
                members.append(new_id())
                db.session.add(Member(id=members[-1], cohort_id=cohort, nomination_id=row.id, **who))
    return members


def _bind(cohort: str, members: list[str], learners: tuple[academy.Learner, ...]) -> None:
    with transaction():
        decision = {"verdict": "same", "ground": "decision", "decided_by": "operator:test"}
        db.session.add_all(
            Binding(cohort_id=cohort, member_id=member, person_id=learner.person_id, **decision)
            for member, learner in zip(members, learners, strict=False)
        )
