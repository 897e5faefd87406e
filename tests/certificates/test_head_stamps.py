from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from certificates import auditing, chain, head_stamps
from lms.core import clock
from lms.core.db import reading
from lms.core.errors import RemoteFailure
from lms.core.settings import Settings
from lms.core.web import Bilim
from tests.certificates import pki, registered
from tests.certificates.pki import Pki
from tests.conftest import application

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def authorities() -> Iterator[Pki]:
    with pki.serving(since=NOON - timedelta(days=1)) as served:
        yield served


@pytest.fixture
def app(settings: Settings, authorities: Pki, tmp_path: Path) -> Iterator[Bilim]:
    authorities.is_down = False
    roots = tmp_path / "time-roots.pem"
    roots.write_bytes(authorities.time_root.public_bytes(Encoding.PEM))
    stamped = replace(settings, tsa_url=f"{authorities.address}/tsa", tsa_roots=str(roots))
    with application(stamped) as made, clock.frozen(NOON):
        registered.issue(registered.open_register())
        clock.advance(86400)
        yield made


def test_the_head_of_a_day_is_stamped_by_another_authority(app: Bilim) -> None:
    chain.sign_head_of_yesterday("register-head")

    with reading():
        (head,) = chain.signed_heads()
    assert head.timestamp_token is not None
    assert head_stamps.stamped_at(head.statement, head.timestamp_token) == NOON + timedelta(days=1)
    assert auditing.prove().is_sound


def test_a_stamp_over_something_else_or_nothing_at_all_proves_nothing(app: Bilim) -> None:
    token = head_stamps.stamp("one statement")

    assert token is not None
    assert head_stamps.stamped_at("another statement", token) is None
    assert head_stamps.stamped_at("one statement", token[:-9] + bytes(9)) is None
    assert head_stamps.stamped_at("one statement", b"nothing") is None


def test_a_stamp_of_an_authority_that_we_do_not_trust_is_a_finding(
    app: Bilim, tmp_path: Path, authorities: Pki
) -> None:
    chain.sign_head_of_yesterday("register-head")
    (tmp_path / "time-roots.pem").write_bytes(authorities.root.public_bytes(Encoding.PEM))

    assert auditing.prove().findings == [("stamp-not-proved", "day:2026-11-23")]


def test_while_the_authority_is_away_no_head_is_kept_and_the_job_tries_again(app: Bilim, authorities: Pki) -> None:
    authorities.is_down = True
    with pytest.raises(RemoteFailure):
        chain.sign_head_of_yesterday("register-head")
    with reading():
        assert chain.signed_heads() == []

    authorities.is_down = False
    chain.sign_head_of_yesterday("register-head")

    with reading():
        assert len(chain.signed_heads()) == 1
