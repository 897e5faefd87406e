from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from certificates import authority
from lms.core import clock


@pytest.fixture
def made(tmp_path: Path) -> tuple[authority.Authority, Path]:
    path = tmp_path / "keys" / "seal.p12"
    with clock.frozen(datetime(2026, 11, 21, 9, 30, tzinfo=UTC)):
        made = authority.make_authority(path, "correct horse", organisation="Demonstration Academy", country="KG")
    return made, path


def test_the_chain_leads_from_the_seal_to_the_root(made: tuple[authority.Authority, Path]) -> None:
    chain, _ = made

    chain.seal.verify_directly_issued_by(chain.issuing)
    chain.issuing.verify_directly_issued_by(chain.root)
    chain.root.verify_directly_issued_by(chain.root)


def test_the_seal_may_sign_documents_and_nothing_else(made: tuple[authority.Authority, Path]) -> None:
    seal = made[0].seal

    extended = seal.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    usage = seal.extensions.get_extension_for_class(x509.KeyUsage).value
    constraints = seal.extensions.get_extension_for_class(x509.BasicConstraints).value

    assert [use.dotted_string for use in extended] == ["1.3.6.1.5.5.7.3.36"]
    assert usage.digital_signature
    assert usage.content_commitment
    assert not usage.key_cert_sign
    assert not constraints.ca
    assert isinstance(seal.public_key(), ec.EllipticCurvePublicKey)
    assert seal.public_key().curve.name == "secp256r1"  # type: ignore[union-attr]


def test_the_issuing_authority_cannot_make_another_authority(made: tuple[authority.Authority, Path]) -> None:
    constraints = made[0].issuing.extensions.get_extension_for_class(x509.BasicConstraints).value

    assert constraints.ca
    assert constraints.path_length == 0


def test_a_seal_lasts_three_years_and_its_root_thirty(made: tuple[authority.Authority, Path]) -> None:
    assert made[0].seal.not_valid_before_utc == datetime(2026, 11, 21, tzinfo=UTC)
    assert made[0].seal.not_valid_after_utc == datetime(2029, 11, 20, tzinfo=UTC)
    assert made[0].root.not_valid_after_utc.year == 2056


def test_the_file_is_encrypted_and_for_the_owner_only(made: tuple[authority.Authority, Path]) -> None:
    _, path = made

    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_key_and_certificates(path.read_bytes(), b"wrong")


def test_a_seal_is_never_overwritten(made: tuple[authority.Authority, Path]) -> None:
    _, path = made
    before = path.read_bytes()

    with pytest.raises(FileExistsError):
        authority.make_authority(path, "other", organisation="Demonstration Academy", country="KG")

    assert path.read_bytes() == before


def test_the_root_can_be_handed_to_a_ministry(made: tuple[authority.Authority, Path]) -> None:
    assert x509.load_pem_x509_certificate(authority.root_as_pem(made[0])) == made[0].root
