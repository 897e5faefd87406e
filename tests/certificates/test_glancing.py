import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from certificates import glancing
from certificates.seal import Seal
from certificates.verdicts import TrustedSeal


@pytest.fixture
def ours(seal: Seal) -> list[TrustedSeal]:
    return [TrustedSeal(seal.fingerprint, seal.root.public_bytes(Encoding.DER))]


def test_our_seal_over_other_bytes_is_named(sealed: bytes, seal: Seal, ours: list[TrustedSeal]) -> None:
    assert glancing.seal_over_other_bytes(sealed[:200] + b"x" + sealed[201:], ours) == seal.fingerprint


def test_a_whole_file_is_left_to_the_thorough_reader(sealed: bytes, ours: list[TrustedSeal]) -> None:
    assert glancing.seal_over_other_bytes(sealed, ours) is None


def test_so_are_files_of_others_and_files_with_two_seals_and_files_cut_off(
    sealed: bytes, ours: list[TrustedSeal]
) -> None:
    changed = sealed[:200] + b"x" + sealed[201:]

    assert glancing.seal_over_other_bytes(changed, []) is None
    assert glancing.seal_over_other_bytes(changed + b"/ByteRange [0 1 2 3]", ours) is None
    assert glancing.seal_over_other_bytes(changed[:-10], ours) is None
    assert glancing.seal_over_other_bytes(b"%PDF-1.7 /ByteRange [0 1 5 3] abcdefgh", ours) is None
