"""What must not be lost or doubled: workers are killed, the platform fails, eight come at once. And what nobody may read."""

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from flask import Response
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from certificates import issuing
from certificates.models import VALID, Certificate, CertificateEvent
from courses import completion
from courses.models import Completion, Enrolment, ScoreDelivery
from lms.core import clock, files, jobs
from lms.core.db import db, reading, transaction
from lms.core.jobs import Job
from lms.core.web import Bilim
from lms.lti.models import PlatformUser
from lms.people import names
from lms.people.models import Person
from lms.sandbox import demo
from tests.certificates import academy
from tests.platform import Platform, Reply, running

SCORES, TOKEN = "/items/5/lineitem/scores", "/token"
TRAINEES = [f"trainee-{number}" for number in range(5)]
KILLED_AFTER_SECONDS = [0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6]
DAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture
def platform(app: Bilim) -> Iterator[Platform]:
    """A platform with a gradebook, and the invented academy."""
    app.config["WTF_CSRF_ENABLED"] = False
    academy.open_academy(app)
    app.test_cli_runner().invoke(args=["lti", "rotate-keys"])
    with running() as made:
        made.register()
        yield made


def arrive(app: Bilim, platform: Platform, sub: str, **claims: Any) -> tuple[FlaskClient, str]:
    """Launch somebody; the browser, and the path of the launch."""
    browser = app.test_client()
    told: dict[str, Any] = {
        "custom": {"module": "public-management"},
        "launch_presentation": {"locale": "en"},
        **claims,
    }
    answer = platform.launch(browser, sub=sub, **told)
    assert answer.status_code == 303, answer.text
    assert browser.get(answer.location, follow_redirects=True).status_code == 200
    return browser, "/".join(urlsplit(answer.location).path.split("/")[:3])


def complete(platform: Platform, sub: str, score_percent: int = 87) -> None:
    with transaction():
        completion.report(
            issuer=platform.issuer,
            client_id=platform.client_id,
            user_id=sub,
            module_slug="public-management",
            score_percent=score_percent,
            completed_at=academy.COMPLETED_AT,
            source="client:test",
        )


def confirm_name(sub: str) -> None:
    with transaction():
        person_id = db.session.scalars(select(PlatformUser.person_id).filter_by(sub=sub)).one()
        names.confirm(person_id, academy.AIGUL)


def send_name(device: tuple[FlaskClient, str], **forms: str) -> int:
    """Confirm a name as the form does; the status of the answer."""
    browser, home = device
    form = {"Hani": "", **forms, "is-right": "yes"}
    return browser.post(f"{home}/certificates/public-management/name", data=form).status_code


def issue_beside_others(app: Bilim) -> None:
    with app.app_context():
        with reading():
            record_id = db.session.scalars(select(Enrolment.id)).one()
        issuing.issue(record_id)


def killed_worker(app: Bilim, after_seconds: float) -> None:
    """A process that does all that is due, and is killed before it can say goodbye."""
    worker = os.fork()
    if worker == 0:
        db.engine.dispose(close=False)  # connections belong to the parent
        jobs.run_due()
        os._exit(0)
    time.sleep(after_seconds)
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)


def let_leases_end() -> None:
    with transaction():
        db.session.execute(update(Job).values(lease_until=None))


def everything(column: object) -> list[object]:
    with reading():
        return list(db.session.scalars(select(column)))  # type: ignore[call-overload]


def sent_scores(platform: Platform) -> dict[str, float]:
    """The last score of each person, as the platform heard it."""
    scores = [json.loads(asked.body) for asked in platform.asked_for(SCORES)]
    return {score["userId"]: score["scoreGiven"] for score in scores}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # newer Pythons warn of every fork beside threads
def test_ten_killed_workers_leave_one_certificate_and_one_score_for_each(app: Bilim, platform: Platform) -> None:
    for sub in TRAINEES:
        arrive(app, platform, sub)
        complete(platform, sub)
        confirm_name(sub)

    for after_seconds in KILLED_AFTER_SECONDS:
        killed_worker(app, after_seconds)
        let_leases_end()
    jobs.run_due()

    with reading():
        certificates = list(db.session.scalars(select(Certificate).order_by(Certificate.number)))
        tries = db.session.scalar(select(func.sum(Job.claims))) or 0
    assert tries > 2 * len(TRAINEES)  # some work was interrupted
    assert [certificate.number for certificate in certificates] == [f"2026-KG-PM{n:06d}" for n in range(1, 6)]
    assert {certificate.status for certificate in certificates} == {VALID}
    assert len({certificate.record_id for certificate in certificates}) == len(TRAINEES)
    assert sorted(map(str, everything(CertificateEvent.kind))) == ["issued"] * 5 + ["reserved"] * 5
    assert len(everything(Completion.id)) == len(TRAINEES)
    assert everything(ScoreDelivery.outcome) == ["delivered"] * 5
    assert sent_scores(platform) == dict.fromkeys(TRAINEES, 87)
    for certificate in certificates:
        assert files.read(str(certificate.file_name)).startswith(b"%PDF-")


def test_a_platform_that_fails_in_every_way_gets_its_score_in_the_end(app: Bilim, platform: Platform) -> None:
    arrive(app, platform, "trainee-1")
    page_not_found = Reply(200, b"<html>Not found</html>", {"Content-Type": "text/html"})
    platform.replies[TOKEN] = [Reply(503), page_not_found, Reply(200, b'{"access_token": 5}')]
    platform.replies[SCORES] = [Reply(503), Reply(429, headers={"Retry-After": "60"}), Reply(500, b"\xff"), Reply(200)]

    with clock.frozen(DAY):
        complete(platform, "trainee-1")
        for _try in range(3):
            jobs.run_due()
            clock.advance(3600)
        assert platform.asked_for(SCORES) == []
        del platform.replies[TOKEN]
        for _try in range(4):
            jobs.run_due()
            clock.advance(3600)

    assert len(platform.asked_for(SCORES)) == 4
    assert everything(ScoreDelivery.outcome) == ["delivered"]
    assert len(everything(Completion.id)) == 1


def test_eight_devices_of_one_new_person_make_one_of_everything(app: Bilim, platform: Platform) -> None:
    with ThreadPoolExecutor(8) as pool:
        arrived = list(pool.map(lambda _: arrive(app, platform, "trainee-1"), range(8)))
    with ThreadPoolExecutor(8) as pool:
        confirmed = list(pool.map(lambda device: send_name(device, **academy.AIGUL), arrived))
    complete(platform, "trainee-1")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: issue_beside_others(app), range(8)))

    assert confirmed == [303] * 8
    assert [len(everything(model.id)) for model in (Person, PlatformUser, Enrolment, Completion)] == [1, 1, 1, 1]
    assert everything(Certificate.number) == ["2026-KG-PM000001"]
    assert everything(Certificate.status) == [VALID]


def test_a_journey_writes_no_name_into_logs_or_addresses(
    app: Bilim, platform: Platform, capfd: pytest.CaptureFixture[str]
) -> None:
    addresses: list[str] = []

    @app.after_request
    def _note(answer: Response) -> Response:
        addresses.append(answer.location or "")
        return answer

    for person in demo.PEOPLE:
        whole = {"given_name": person.given_name, "family_name": person.family_name, "email": person.email}
        browser, home = arrive(app, platform, person.uuid, name=person.name, **whole)
        complete(platform, person.uuid)
        assert send_name((browser, home), Cyrl=person.name, Latn=person.name) == 422
        assert send_name((browser, home), Cyrl="Өрнөкова Жаңылгүл", Latn="Zhangylgul") == 303
        for path in (f"/v/{person.name}", f"{home}/learn/{person.name}", f"{home}/teach/{person.name}"):
            assert browser.get(path).status_code in (403, 404)
        platform.answer(browser, {"state": "x", "nonce": "y"}, name=person.name)
        platform.launch(browser, sub=person.uuid, name=person.name, roles=None)
    platform.replies[SCORES] = [Reply(400, person.name.encode()) for person in demo.PEOPLE]
    jobs.run_due()

    log = capfd.readouterr().err
    said = [part for person in demo.PEOPLE for part in (person.name, person.given_name, person.email)]
    assert [log.count(code) for code in ('"state-unknown"', '"roles-missing"')] == [len(demo.PEOPLE)] * 2
    assert [part for part in [*said, "Жаңылгүл", "Zhangylgul"] if part in log] == []
    assert [part for part in said if any(part in unquote(address) for address in addresses)] == []
