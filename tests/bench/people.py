"""What a person leaves behind who learned and was certified, in every table that a click of the next person looks into."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.bench import crowd, filling
from tests.bench.crowd import CERTIFICATE, CERTIFICATE_KIND, ENROLMENT, MOMENT, PERSON
from tests.bench.filling import Connection

USER, NAME, LAUNCH, READ, ATTEMPT, ANSWER, COMPLETION, DELIVERY, JOB = "456789abc"
LATER = "2030-01-01 00:00:00.000000+00:00"
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Surroundings:
    """What all of them have in common, as the product made it."""

    registration_id: str
    deployment_id: str
    context_ids: list[str]
    link_ids: list[str]
    module_id: str
    version_id: str
    organisation_id: str


def sub(number: int) -> str:
    """The platform's own id of a person."""
    return f"crowd-{number}"


def fill(connection: Connection, numbers: range, around: Surroundings, *, certified: bool) -> None:
    """These people, each enrolled; and if they are certified, with all that led there."""
    for table in (*BEGUN, *(DONE if certified else ())):
        rows = (row for number in numbers for row in table.rows(number, crowd.drawn(number), around))
        filling.fill(connection, table.name, table.columns.split(), rows)
    if certified:
        issued = crowd.certificates(numbers, organisation_id=around.organisation_id)
        filling.fill(connection, "certificate", CERTIFICATE, issued)
        filling.fill(
            connection, "certificate_event", EVENT.split(), (row for number in numbers for row in _events(number))
        )


@dataclass(frozen=True)
class _Table:
    name: str
    columns: str
    rows: Callable[[int, str, Surroundings], Iterator[Row]]


def _id(kind: str, digest: str, place: int = 0) -> str:
    """Of one of several things of a kind."""
    identifier = crowd.identifier(kind, digest)
    return f"{identifier[:-1]}{place:x}" if place else identifier


def _person(_number: int, digest: str, _around: Surroundings) -> Iterator[Row]:
    yield crowd.identifier(PERSON, digest), MOMENT


def _user(number: int, digest: str, around: Surroundings) -> Iterator[Row]:
    person_id, name = crowd.identifier(PERSON, digest), crowd.name_of(number)["Cyrl"]
    yield crowd.identifier(USER, digest), around.registration_id, sub(number), person_id, name, MOMENT


def _names(number: int, digest: str, _around: Surroundings) -> Iterator[Row]:
    for place, (script, text) in enumerate(crowd.name_of(number).items(), start=1):
        written = "".join(letter for letter in text if not letter.isdigit()).strip()
        yield _id(NAME, digest, place), crowd.identifier(PERSON, digest), script, written, "holder", MOMENT, MOMENT


def _enrolment(number: int, digest: str, around: Surroundings) -> Iterator[Row]:
    context_id = around.context_ids[number % len(around.context_ids)]
    link_id = around.link_ids[number % len(around.link_ids)]
    person_id, enrolment_id = crowd.identifier(PERSON, digest), crowd.identifier(ENROLMENT, digest)
    yield enrolment_id, person_id, around.module_id, around.registration_id, context_id, link_id, False, 0, MOMENT


def _launch(number: int, digest: str, around: Surroundings) -> Iterator[Row]:
    yield (
        crowd.identifier(LAUNCH, digest),
        crowd.identifier(PERSON, digest),
        around.registration_id,
        around.deployment_id,
        crowd.identifier(USER, digest),
        around.context_ids[number % len(around.context_ids)],
        around.link_ids[number % len(around.link_ids)],
        *("LtiResourceLinkRequest", "{}", '["learner"]', "{}", "ru", "/learn/public-management", "[]", digest),
        *(MOMENT, LATER),
    )


def _reads(_number: int, digest: str, _around: Surroundings) -> Iterator[Row]:
    for place in range(1, 5):
        yield _id(READ, digest, place), crowd.identifier(ENROLMENT, digest), "PM1", place, MOMENT


def _attempt(_number: int, digest: str, around: Surroundings) -> Iterator[Row]:
    enrolment_id, seed = crowd.identifier(ENROLMENT, digest), digest[:32]
    yield crowd.identifier(ATTEMPT, digest), enrolment_id, "PM1", 1, around.version_id, MOMENT, seed, MOMENT, 100


def _answers(_number: int, digest: str, _around: Surroundings) -> Iterator[Row]:
    for place in range(1, 5):
        yield _id(ANSWER, digest, place), crowd.identifier(ATTEMPT, digest), f"q{place}", '["a"]', MOMENT, 1, ""


def _completion(_number: int, digest: str, around: Surroundings) -> Iterator[Row]:
    enrolment_id = crowd.identifier(ENROLMENT, digest)
    yield crowd.identifier(COMPLETION, digest), enrolment_id, "whole", around.version_id, MOMENT, "lessons", 90, MOMENT


def _delivery(_number: int, digest: str, _around: Surroundings) -> Iterator[Row]:
    yield crowd.identifier(DELIVERY, digest), crowd.identifier(ENROLMENT, digest), "delivered", 90, MOMENT


def _jobs(_number: int, digest: str, _around: Surroundings) -> Iterator[Row]:
    for place, kind in enumerate(("score", "record-changed"), start=1):
        enrolment_id = crowd.identifier(ENROLMENT, digest)
        yield _id(JOB, digest, place), kind, enrolment_id, 1, 1, MOMENT, 1, 0, False, MOMENT


def _lines(_number: int, digest: str, _around: Surroundings) -> Iterator[Row]:
    subject = f"enrolment:{crowd.identifier(ENROLMENT, digest)}"
    for action in ("launch.accepted", "module.completed"):
        yield MOMENT, action, "lessons", subject, "{}"


def _events(number: int) -> Iterator[Row]:
    """Before the first of the chain, which they are no part of."""
    digest = crowd.drawn(number)
    certificate_id = crowd.identifier(CERTIFICATE_KIND, digest)
    for place, kind in enumerate(("reserved", "issued")):
        own = f"{place}{digest[1:]}"
        yield (
            -2 * number - place - 1,
            certificate_id,
            MOMENT,
            kind,
            "worker",
            "{}",
            f"8{own[1:]}"[:63] + str(place),
            own,
        )


BEGUN = (
    _Table("person", "id created_at", _person),
    _Table("lti_platform_user", "id registration_id sub person_id name created_at", _user),
    _Table("person_name", "id person_id script text source created_at confirmed_at", _names),
    _Table(
        "course_enrolment",
        "id person_id module_id registration_id context_row_id resource_link_row_id is_trial extra_attempts started_at",
        _enrolment,
    ),
)
DONE = (
    _Table(
        "lti_launch_session",
        "id person_id registration_id deployment_id platform_user_id context_row_id resource_link_row_id message_type "
        "asked role_names custom locale landing_path frame_ancestors browser_hash started_at expires_at",
        _launch,
    ),
    _Table("course_step_read", "id enrolment_id unit_code section read_at", _reads),
    _Table(
        "course_attempt",
        "id enrolment_id unit_code number version_id started_at seed finished_at score_percent",
        _attempt,
    ),
    _Table("course_answer", "id attempt_id question_id given saved_at revision page", _answers),
    _Table(
        "course_completion",
        "id enrolment_id track version_id completed_at source reported_percent recorded_at",
        _completion,
    ),
    _Table("course_score_delivery", "id enrolment_id outcome score_percent at", _delivery),
    _Table("job", "id kind subject wanted served due_at claims attempts needs_person changed_at", _jobs),
    _Table("audit_event", "at action actor subject facts", _lines),
)
EVENT = "id certificate_id at kind actor facts previous_hash hash"
