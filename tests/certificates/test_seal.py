from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm

from certificates import authority
from certificates.seal import Seal
from lms.core import clock
from lms.core.errors import Unavailable


def test_the_seal_certifies_and_allows_no_change(sealed: bytes, seal: Seal) -> None:
    signature, *others = PdfFileReader(BytesIO(sealed)).embedded_signatures

    assert others == []
    assert signature.field_name == "IssuerSeal"
    assert signature.docmdp_level is MDPPerm.NO_CHANGES
    assert signature.signer_cert.sha256.hex() == seal.fingerprint


def test_the_seal_is_a_pades_signature_with_its_whole_chain(sealed: bytes) -> None:
    signature = PdfFileReader(BytesIO(sealed)).embedded_signatures[0]

    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert len(signature.signed_data["certificates"]) == 3


def test_the_unsealed_file_is_the_beginning_of_the_sealed_one(sealed: bytes, unsealed: bytes) -> None:
    assert sealed.startswith(unsealed)


def test_the_moment_is_of_the_one_clock_and_in_utc(seal: Seal, unsealed: bytes) -> None:
    with clock.frozen(datetime(2027, 3, 2, 23, 30, tzinfo=UTC)):
        sealed = seal.seal(unsealed)

    with pikepdf.open(BytesIO(sealed)) as pdf:
        assert str(pdf.Root.AcroForm.Fields[0].V.M) == "D:20270302233000Z"


def test_nothing_is_drawn_because_a_stamp_would_break_pdf_a(sealed: bytes) -> None:
    with pikepdf.open(BytesIO(sealed)) as pdf:
        field = pdf.Root.AcroForm.Fields[0]
        assert [float(edge) for edge in field.Rect] == [0, 0, 0, 0]
        assert field.F & 4


def test_the_sealed_file_still_says_that_it_is_pdf_a_and_tagged(sealed: bytes) -> None:
    with pikepdf.open(BytesIO(sealed)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        metadata = pdf.Root.Metadata.read_bytes()
    assert b"pdfaid:part" in metadata
    assert b"pdfuaid:part" in metadata


def test_two_seals_on_one_file_differ_and_are_both_sound(seal: Seal, unsealed: bytes) -> None:
    assert seal.seal(unsealed) != seal.seal(unsealed)


def test_without_a_file_there_is_no_seal(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refusal:
        Seal.load(tmp_path / "seal.p12", "correct horse")

    assert refusal.value.code == "seal-missing"


def test_a_wrong_passphrase_opens_nothing(tmp_path: Path) -> None:
    authority.make_authority(tmp_path / "seal.p12", "correct horse", organisation="Academy", country="KG")

    with pytest.raises(Unavailable) as refusal:
        Seal.load(tmp_path / "seal.p12", "wrong")

    assert refusal.value.code == "seal-locked"


def test_the_root_is_the_self_signed_end_of_the_chain(seal: Seal) -> None:
    assert seal.root.subject == seal.root.issuer
    assert seal.root in seal.chain
