from collections.abc import Iterator
from pathlib import Path

import pytest

from lms.core import vault
from lms.core.errors import Unavailable
from lms.core.web import Bilim
from tests.conftest import application, make_settings


@pytest.fixture(autouse=True)
def app(tmp_path: Path) -> Iterator[Bilim]:
    with application(make_settings(tmp_path, f"sqlite:///{tmp_path / 'unused.sqlite3'}")) as made:
        yield made


def test_what_is_encrypted_is_unreadable_and_comes_back() -> None:
    hidden = vault.encrypt(b"12345678901234", "personal-number")

    assert b"12345678901234" not in hidden
    assert vault.decrypt(hidden, "personal-number") == b"12345678901234"


def test_the_same_value_is_encrypted_differently_each_time() -> None:
    assert vault.encrypt(b"same", "x") != vault.encrypt(b"same", "x")


def test_what_is_encrypted_for_one_purpose_is_not_read_for_another() -> None:
    with pytest.raises(Unavailable) as refused:
        vault.decrypt(vault.encrypt(b"key", "signing-key:lti"), "signing-key:oauth")

    assert refused.value.code == "secret-key-changed"


def test_one_flipped_bit_is_noticed() -> None:
    hidden = bytearray(vault.encrypt(b"key", "x"))
    hidden[20] ^= 1

    with pytest.raises(Unavailable):
        vault.decrypt(bytes(hidden), "x")


def test_another_secret_key_reads_nothing_and_says_why(tmp_path: Path) -> None:
    hidden = vault.encrypt(b"key", "x")
    settings = make_settings(tmp_path, f"sqlite:///{tmp_path / 'unused.sqlite3'}")

    with application(settings, secret_key="another-secret-key-of-forty-characters!!"):
        with pytest.raises(Unavailable) as refused:
            vault.decrypt(hidden, "x")
        other_hash = vault.keyed_hash("12345678901234", "personal-number")

    assert refused.value.code == "secret-key-changed"
    assert other_hash != vault.keyed_hash("12345678901234", "personal-number")


def test_a_keyed_hash_finds_equal_values_within_one_purpose() -> None:
    first = vault.keyed_hash("12345678901234", "personal-number")

    assert first == vault.keyed_hash("12345678901234", "personal-number")
    assert first != vault.keyed_hash("12345678901234", "passport")
    assert first != vault.hashed("12345678901234")
    assert len(first) == 64


def test_a_plain_hash_is_sha_256() -> None:
    assert vault.hashed("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_new_secrets_say_what_they_are_and_never_repeat() -> None:
    secrets = {vault.new_secret("bilim_secret_") for _ in range(100)}

    assert len(secrets) == 100
    assert all(secret.startswith("bilim_secret_") and len(secret) == 56 for secret in secrets)
