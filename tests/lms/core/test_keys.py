from datetime import UTC, datetime

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from lms.core import clock, keys
from lms.core.db import db, reading, transaction

pytestmark = pytest.mark.usefixtures("app")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def ensure(use: str = "lti", algorithm: str = "RS256") -> str:
    with transaction():
        return keys.ensure(use, algorithm).kid


def active(use: str = "lti") -> str | None:
    with reading():
        return keys.active(use).kid


def published(use: str = "lti") -> list[str]:
    with reading():
        return [key["kid"] for key in keys.published(use)]


def test_a_key_is_made_once() -> None:
    assert ensure() == ensure()
    assert published() == [active()]


def test_each_use_has_keys_of_its_own() -> None:
    assert ensure("lti") != ensure("oauth")
    assert len(published("lti")) == len(published("oauth")) == 1


def test_a_use_without_a_key_says_so() -> None:
    with pytest.raises(LookupError, match="oauth"):
        active("oauth")


@pytest.mark.parametrize(("algorithm", "kind"), [("RS256", "RSA"), ("ES256", "EC")])
def test_what_is_signed_is_checked_with_what_is_published(algorithm: str, kind: str) -> None:
    ensure("lti", algorithm)

    with reading():
        key = keys.active("lti")
        token = jwt.encode({"alg": algorithm, "kid": key.kid}, {"sub": "x"}, key, algorithms=[algorithm])
        public = keys.published("lti")

    assert public[0]["kty"] == kind
    assert (public[0]["alg"], public[0]["use"]) == (algorithm, "sig")
    assert "d" not in public[0]
    assert jwt.decode(token, KeySet.import_key_set({"keys": public}), algorithms=[algorithm]).claims == {"sub": "x"}


def test_a_new_key_is_published_a_day_before_it_signs() -> None:
    with clock.frozen(NOON):
        first = ensure()
        with transaction():
            second = keys.rotate("lti").kid

        assert set(published()) == {first, second}
        clock.advance(24 * 3600 - 1)
        assert active() == first
        clock.advance(1)
        assert active() == second
        assert set(published()) == {first, second}


def test_a_retired_key_signs_no_more_but_stays_published() -> None:
    with clock.frozen(NOON):
        first = ensure()
        with transaction():
            second = keys.add("lti", "RS256", active_from=clock.now()).kid
            row = db.session.get_one(keys.SigningKey, second)
            row.retired_at = clock.now()

        assert active() == first
        assert set(published()) == {first, second}


def test_the_private_part_is_not_readable_in_the_database() -> None:
    kid = ensure()

    with reading():
        row = db.session.get_one(keys.SigningKey, kid)
    assert b"PRIVATE KEY" not in row.private_encrypted
    assert "d" not in row.public_jwk
