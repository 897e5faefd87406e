"""A seal whose key lies in a token: SoftHSM stands for the smart card or HSM."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from certificates import authority, examining, issuing, seal_token, verification
from certificates.seal import Seal
from certificates.verdicts import TrustedSeal
from lms.core import clock, files
from lms.core.errors import Unavailable
from lms.core.settings import Settings
from tests.certificates import academy
from tests.conftest import application, make_settings

PIN, LABEL = "tests-only", "seal"
MADE_AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
MODULES = [
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    *Path("/usr/lib").glob("*/softhsm/libsofthsm2.so"),
]


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A token with a P-256 key, which SoftHSM reads once for each process."""
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        with clock.frozen(MADE_AT):
            authority.make_authority(folder / "seal.p12", PIN, organisation="Academy", country="KG")
        _fill(folder)
        yield f"pkcs11:token=bilim;object={LABEL}?module-path={_module()}"


def _module() -> str:
    return str(next(path for path in MODULES if path.exists()))


def _fill(folder: Path) -> None:
    key, certificate, chain = pkcs12.load_key_and_certificates((folder / "seal.p12").read_bytes(), PIN.encode())
    assert key is not None
    assert certificate is not None
    pem = folder / "key.pem"
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    tool = ["softhsm2-util", "--module", _module()]
    subprocess.run([*tool, "--init-token", "--free", "--label", "bilim", "--pin", PIN, "--so-pin", "12345678"], check=True)  # fmt: skip
    subprocess.run([*tool, "--import", str(pem), "--token", "bilim", "--label", LABEL, "--id", "01", "--pin", PIN], check=True)  # fmt: skip
    pem.unlink()
    (folder / "seal.pem").write_bytes(b"".join(link.public_bytes(Encoding.PEM) for link in (certificate, *chain)))


@pytest.fixture
def settings(tmp_path: Path, uri: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    (tmp_path / "keys").mkdir()
    made = next(tmp_path_factory.getbasetemp().glob("token*/seal.pem"))
    (tmp_path / "keys" / "seal.pem").write_bytes(made.read_bytes())
    return replace(
        make_settings(tmp_path, f"sqlite:///{tmp_path / 'unused.sqlite3'}"), seal_pkcs11=uri, seal_passphrase=PIN
    )


# First, because a process that is logged in to a token is not asked for its PIN again.
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"seal_passphrase": "wrong-pin"}, "seal-locked"),
        ({"seal_pkcs11": "pkcs11:token=other;object=seal?module-path={module}"}, "seal-token-missing"),
        ({"seal_pkcs11": "pkcs11:token=bilim;object=other?module-path={module}"}, "seal-token-missing"),
        ({"seal_pkcs11": "pkcs11:token=bilim;object=seal?module-path=/nowhere.so"}, "seal-token-missing"),
    ],
)
def test_a_token_that_cannot_be_used_says_why(settings: Settings, changes: dict[str, str], code: str) -> None:
    told = {name: value.format(module=_module()) for name, value in changes.items()}

    with pytest.raises(Unavailable) as refusal:
        seal_token.open_token(replace(settings, **told))  # type: ignore[arg-type]

    assert refusal.value.code == code


def test_a_key_in_a_token_seals_as_one_in_a_file_does(settings: Settings, unsealed: bytes) -> None:
    seal = seal_token.open_token(settings)
    with clock.frozen(MADE_AT):
        sealed = seal.seal(unsealed)

    verdict = examining.examine(sealed, seals=[TrustedSeal(seal.fingerprint, seal.root.public_bytes(Encoding.DER))])

    assert verdict.code == "AUTHENTIC_BY_SIGNATURE"


def test_the_key_cannot_be_read_out_of_the_token(settings: Settings) -> None:
    seal = seal_token.open_token(settings)  # keeps the token open
    with pkcs11.lib(_module()).get_token(token_label="bilim").open() as session:
        key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=LABEL)
        with pytest.raises(pkcs11.exceptions.AttributeSensitive):
            _ = key[pkcs11.Attribute.VALUE]
    assert seal.fingerprint


def test_without_the_chain_beside_it_there_is_no_seal(settings: Settings) -> None:
    (settings.instance / "keys" / "seal.pem").unlink()

    with pytest.raises(Unavailable) as refusal:
        seal_token.open_token(settings)

    assert refusal.value.code == "seal-missing"


def test_a_certificate_of_another_key_is_noticed_before_anything_is_sealed(settings: Settings, tmp_path: Path) -> None:
    authority.make_authority(tmp_path / "other.p12", PIN, organisation="Academy", country="KG")
    other = Seal.load(tmp_path / "other.p12", PIN)
    chain: list[x509.Certificate] = [other.certificate, *other.chain]
    (settings.instance / "keys" / "seal.pem").write_bytes(b"".join(link.public_bytes(Encoding.PEM) for link in chain))

    with pytest.raises(Unavailable) as refusal:
        seal_token.open_token(settings)

    assert refusal.value.code == "seal-locked"


def test_a_whole_certificate_is_issued_with_the_token(settings: Settings, database_url: str) -> None:
    with application(settings, database_url=database_url) as app, clock.frozen(MADE_AT):
        academy.open_academy(app)
        added = app.test_cli_runner().invoke(args=["certificates", "seals", "add"])
        issued = issuing.issue(academy.graduate().record_id)

        assert added.exit_code == 0, added.output
        assert added.output.startswith(str(issued.seal_fingerprint))
        assert verification.verify_pdf(files.read(str(issued.file_name))).is_accepted
