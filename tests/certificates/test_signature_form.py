"""A filled-in form is the container that pyHanko would have built."""

import asyncio
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, Signer
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certificates.seal import Seal, as_asn1
from certificates.signature_form import SignatureForm

DIGESTS = [sha256(bytes([number])).digest() for number in range(3)]


class Fixed(Signer):
    """pyHanko's signer with a signature that is known beforehand; it keeps what it was asked to sign."""

    def __init__(self, seal: Seal, signature: bytes) -> None:
        links = SimpleCertificateStore.from_certs([as_asn1(link) for link in seal.chain])  # type: ignore[no-untyped-call]
        super().__init__(signing_cert=as_asn1(seal.certificate), cert_registry=links)
        self.signature, self.signed = signature, b""

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        self.signed = data
        return self.signature

    def container(self, digest: bytes, **options: Any) -> cms.ContentInfo:
        return asyncio.run(self.async_sign(digest, "sha256", **({"use_pades": True} | options)))


@pytest.mark.parametrize("length", [8, 70, 71, 72, 127, 128, 300])
def test_the_form_gives_the_bytes_that_pyhanko_gives(seal: Seal, length: int) -> None:
    form = SignatureForm.of(Fixed(seal, b"s" * 70).container(DIGESTS[0]), DIGESTS[0])
    other = Fixed(seal, b"t" * length)
    expected = other.container(DIGESTS[1]).dump()

    assert form is not None
    assert form.to_sign(DIGESTS[1]) == other.signed
    assert form.filled_in(DIGESTS[1], b"t" * length) == expected


def test_a_container_that_holds_a_time_has_no_form(seal: Seal) -> None:
    timed = PdfCMSSignedAttributes(signing_time=datetime(2026, 11, 22, tzinfo=UTC))
    container = Fixed(seal, b"s" * 70).container(DIGESTS[0], use_pades=False, signed_attr_settings=timed)

    assert SignatureForm.of(container, DIGESTS[0]) is None


def test_a_container_over_another_digest_has_no_form(seal: Seal) -> None:
    assert SignatureForm.of(Fixed(seal, b"s" * 70).container(DIGESTS[0]), DIGESTS[1]) is None


def test_the_second_seal_is_as_valid_as_the_first(seal: Seal, unsealed: bytes) -> None:
    for _turn in range(3):
        signature = PdfFileReader(BytesIO(seal.seal(unsealed))).embedded_signatures[0]
        status = validate_pdf_signature(signature, ValidationContext(trust_roots=[as_asn1(seal.root)]))
        assert status.intact
        assert status.valid
        assert status.trusted
        assert status.docmdp_ok
