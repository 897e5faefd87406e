from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from certificates import chain, register
from certificates.models import CertificateEvent, SignedHead
from lms.core import clock, jobs, keys
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from tests.certificates import registered

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def organisation_id(app: Bilim) -> str:
    return registered.open_register()


def kept() -> list[chain.Link]:
    with reading():
        return list(chain.links())


def test_each_event_holds_the_hash_of_the_one_before(organisation_id: str) -> None:
    for _ in range(3):
        registered.issue(organisation_id)

    links = kept()

    assert [link.id for link in links] == [1, 2, 3, 4, 5, 6]
    assert [link.previous_hash for link in links] == ["0" * 64, *(link.hash for link in links[:-1])]
    assert [link.digest() for link in links] == [link.hash for link in links]


def test_a_hash_covers_every_part_of_its_event() -> None:
    link = chain.Link(1, "c", NOON, "issued", None, "a", {"x": 1}, "0" * 64, "")
    changed = {
        "id": 2,
        "certificate_id": "d",
        "at": NOON + timedelta(microseconds=1),
        "kind": "void",
        "reason_code": "r",
        "actor": "b",
        "facts": {"x": 2},
        "previous_hash": "1" * 64,
    }

    digests = {chain.Link(**(vars(link) | {name: value})).digest() for name, value in changed.items()}

    assert len(digests | {link.digest()}) == len(changed) + 1


def test_the_hash_of_an_event_is_what_anybody_can_compute() -> None:
    """``printf %s '{"actor":"a","at":"2026-11-23T12:00:00.000000+00:00","certificate_id":"c","facts":{"б":1},"id":1,...}' | sha256sum``"""
    link = chain.Link(1, "c", NOON, "issued", None, "a", {"б": 1}, "0" * 64, "")

    assert link.digest() == "60a1d37761fccb8fde6bd19b351f25a1b33d219ccb764b5722b5dcecaddf8fbf"


def test_threads_that_add_at_once_stand_behind_each_other(app: Bilim, organisation_id: str) -> None:
    certificates = [registered.issue(organisation_id) for _ in range(6)]
    start, faults = Barrier(len(certificates)), []

    def work(certificate_id: str) -> None:
        with app.app_context():
            start.wait()
            try:
                for kind in (register.Kind.SUSPENDED, register.Kind.REINSTATED, register.Kind.REVOKED):
                    with transaction():
                        register.change(certificate_id, kind, actor=registered.CLERK, reason_code="other")
            except BaseException as error:
                faults.append(error)

    threads = [Thread(target=work, args=(certificate.id,)) for certificate in certificates]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    links = kept()
    assert faults == []
    assert [link.id for link in links] == list(range(1, 6 * 5 + 1))
    assert [link.previous_hash for link in links] == ["0" * 64, *(link.hash for link in links[:-1])]
    assert [link.at for link in links] == sorted(link.at for link in links)


def test_an_event_that_is_rolled_back_leaves_no_gap(organisation_id: str) -> None:
    certificate = registered.issue(organisation_id)
    with pytest.raises(RuntimeError, match="power"), transaction():
        register.change(certificate.id, register.Kind.REVOKED, actor=registered.CLERK)
        raise RuntimeError("power failed")
    with transaction():
        register.change(certificate.id, register.Kind.SUSPENDED, actor=registered.CLERK)

    assert [(link.id, link.kind) for link in kept()] == [(1, "reserved"), (2, "issued"), (3, "suspended")]


def test_moments_never_go_back_where_clocks_differ(organisation_id: str) -> None:
    with clock.frozen(NOON):
        certificate = registered.issue(organisation_id)
    with clock.frozen(NOON - timedelta(minutes=3)), transaction():
        register.change(certificate.id, register.Kind.SUSPENDED, actor=registered.CLERK)

    assert [link.at for link in kept()] == [NOON, NOON, NOON]


def test_the_head_of_each_day_on_which_something_happened_is_signed_once(organisation_id: str) -> None:
    with clock.frozen(NOON):
        registered.issue(organisation_id)
    with clock.frozen(NOON + timedelta(days=1)):
        chain.sign_head_of_yesterday("register-head")
        chain.sign_head_of_yesterday("register-head")
    with clock.frozen(NOON + timedelta(days=2)):
        chain.sign_head_of_yesterday("register-head")

    with reading():
        heads = chain.signed_heads()
        public = keys.published("register")
    assert [(str(head.day), head.event_id, head.hash) for head in heads] == [("2026-11-23", 2, kept()[1].hash)]
    assert chain.is_genuine(heads[0], public)


def test_today_is_not_signed_before_it_is_over(organisation_id: str) -> None:
    with clock.frozen(NOON):
        registered.issue(organisation_id)
        chain.sign_head_of_yesterday("register-head")

    with reading():
        assert chain.signed_heads() == []


def test_the_scheduler_asks_for_heads_every_day(organisation_id: str) -> None:
    registered.issue(organisation_id)

    jobs.queue_daily()

    with reading():
        state = jobs.state_of("register-head", "register-head")
        assert state is not None
        assert state.status == "waiting"


@pytest.mark.parametrize(
    "change", [{"hash": "1" * 64}, {"event_id": 1}, {"statement": "a.b.c"}], ids=["hash", "event", "statement"]
)
def test_a_head_that_was_changed_is_not_genuine(organisation_id: str, change: dict[str, object]) -> None:
    with clock.frozen(NOON):
        registered.issue(organisation_id)
    with clock.frozen(NOON + timedelta(days=1)):
        chain.sign_head_of_yesterday("register-head")
    with reading():
        head = chain.signed_heads()[0]
        public = keys.published("register")

    changed = SignedHead(
        **({"day": head.day, "event_id": head.event_id, "hash": head.hash, "statement": head.statement} | change)
    )

    assert chain.is_genuine(head, public)
    assert not chain.is_genuine(changed, public)


def test_a_head_signed_by_a_key_that_is_not_ours_is_not_genuine(organisation_id: str) -> None:
    with clock.frozen(NOON):
        registered.issue(organisation_id)
    with clock.frozen(NOON + timedelta(days=1)):
        chain.sign_head_of_yesterday("register-head")
    with transaction():
        stranger = keys.add("another-use", "ES256", active_from=NOON).public_jwk

    with reading():
        assert not chain.is_genuine(chain.signed_heads()[0], [stranger])


@pytest.mark.parametrize(
    "statement", ["UPDATE register_signed_head SET hash = 'x'", "DELETE FROM register_signed_head"]
)
def test_the_database_refuses_to_change_a_signed_head(organisation_id: str, statement: str) -> None:
    with clock.frozen(NOON):
        registered.issue(organisation_id)
    with clock.frozen(NOON + timedelta(days=1)):
        chain.sign_head_of_yesterday("register-head")

    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(text(statement))


def test_the_chain_cannot_fork(organisation_id: str) -> None:
    certificate = registered.issue(organisation_id)
    with reading():
        last = db.session.scalars(select(CertificateEvent).order_by(CertificateEvent.id.desc()).limit(1)).one()

    with pytest.raises(DBAPIError, match=r"(?i)unique"), transaction():
        db.session.add(
            CertificateEvent(
                id=99,
                certificate_id=certificate.id,
                at=last.at,
                kind="revoked",
                actor="x",
                facts={},
                previous_hash=last.previous_hash,
                hash="f" * 64,
            )
        )
