"""What an uploaded file may be, and what is said of it. The attacks are real: each once fooled some validator."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper, SimpleSigner

from certificates import authority, inspection, rendering
from certificates.seal import Seal
from certificates.verdicts import TrustedSeal, Verdict, VerdictCode
from lms.core import clock
from tests.certificates import pki
from tests.certificates.conftest import make_snapshot

Asked = Callable[[bytes], Verdict]


def trusted(seal: Seal) -> TrustedSeal:
    return TrustedSeal(seal.fingerprint, seal.root.public_bytes(Encoding.DER))


@pytest.fixture(scope="module")
def ask(seal: Seal) -> Asked:
    """Inspect with our seal known and nothing registered."""
    return lambda data: inspection.inspect(data, seals=[trusted(seal)], is_registered=lambda _sha256: False)


def appended(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The file with one more revision, as an editor would save it."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    saved = BytesIO()
    writer.write(saved)
    return saved.getvalue()


def strangers_signer(folder: Path, *, organisation: str = "Demonstration Academy") -> SimpleSigner:
    path = folder / "stranger.p12"
    authority.make_authority(path, "stranger", organisation=organisation, country="KG")
    return SimpleSigner.load_pkcs12(str(path), passphrase=b"stranger")


class ForcedSigner(PdfSigner):
    """A signer that does not care whether the file allows another signature."""

    def _enforce_certification_constraints(self, reader: object) -> None:
        pass


def test_the_very_file_of_the_register_is_authentic(sealed: bytes, seal: Seal) -> None:
    asked_for = []

    def is_registered(sha256: str) -> bool:
        asked_for.append(sha256)
        return True

    verdict = inspection.inspect(sealed, seals=[trusted(seal)], is_registered=is_registered)

    assert verdict.code is VerdictCode.AUTHENTIC_EXACT
    assert verdict.is_authentic
    assert asked_for == [verdict.sha256]
    assert len(verdict.sha256) == 64


def test_a_sealed_file_that_is_not_registered_is_authentic_by_its_seal(ask: Asked, sealed: bytes, seal: Seal) -> None:
    verdict = ask(sealed)

    assert verdict.code is VerdictCode.AUTHENTIC_BY_SIGNATURE
    assert verdict.is_authentic
    assert verdict.signer_fingerprint == seal.fingerprint


def test_a_certificate_outlives_its_seal(seal: Seal, ask: Asked, sealed: bytes) -> None:
    with clock.frozen(datetime(2046, 1, 1, tzinfo=UTC)):
        verdict = ask(sealed)

    assert verdict.code is VerdictCode.AUTHENTIC_BY_SIGNATURE


def test_a_file_sealed_after_the_seal_had_ended_is_refused(seal: Seal, ask: Asked, unsealed: bytes) -> None:
    with clock.frozen(datetime(2040, 1, 1, tzinfo=UTC)):
        too_late = seal.seal(unsealed)

    verdict = ask(too_late)

    assert verdict.code is VerdictCode.TAMPERED
    assert verdict.reasons == ("outside-validity-of-seal",)


def test_something_appended_is_not_accepted(ask: Asked, sealed: bytes) -> None:
    verdict = ask(sealed + b"\n% nothing to see here\n")

    assert verdict.code is VerdictCode.MODIFIED_CONTAINER
    assert verdict.reasons == ("appended-after-seal",)
    assert not verdict.is_authentic


def test_one_changed_bit_is_seen(ask: Asked, sealed: bytes) -> None:
    place = sealed.index(b"stream\n") + 40
    flipped = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]

    verdict = ask(flipped)

    assert verdict.code is VerdictCode.TAMPERED
    assert "content-changed" in verdict.reasons


def test_other_content_drawn_over_the_page_is_seen(ask: Asked, sealed: bytes) -> None:
    def overlay(writer: IncrementalPdfFileWriter) -> None:
        drawn = writer.add_object(generic.StreamObject(stream_data=b"1 1 1 rg 0 0 400 400 re f"))
        page = writer.root["/Pages"]["/Kids"][0].get_object()
        page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), drawn])
        writer.update_container(page)

    verdict = ask(appended(sealed, overlay))

    assert verdict.code is VerdictCode.TAMPERED
    assert "changed-after-sealing" in verdict.reasons


def test_a_replaced_page_is_seen(ask: Asked, sealed: bytes) -> None:
    def replace(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0].get_object()
        page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"0 g"))
        writer.update_container(page)

    assert ask(appended(sealed, replace)).code is VerdictCode.TAMPERED


def test_a_note_stuck_on_the_page_is_seen(ask: Asked, sealed: bytes) -> None:
    def annotate(writer: IncrementalPdfFileWriter) -> None:
        note = generic.DictionaryObject(
            {
                generic.NameObject("/Type"): generic.NameObject("/Annot"),
                generic.NameObject("/Subtype"): generic.NameObject("/FreeText"),
                generic.NameObject("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (9, 9, 99, 99)]),
                generic.NameObject("/Contents"): generic.TextStringObject("100 %"),
            }
        )
        page = writer.root["/Pages"]["/Kids"][0].get_object()
        page["/Annots"] = generic.ArrayObject([*page["/Annots"], writer.add_object(note)])
        writer.update_container(page)

    assert ask(appended(sealed, annotate)).code is VerdictCode.TAMPERED


def test_a_second_signature_forced_on_a_sealed_file_is_seen(ask: Asked, sealed: bytes, tmp_path: Path) -> None:
    metadata = PdfSignatureMetadata(field_name="Second", subfilter=SigSeedSubFilter.PADES)
    signed = BytesIO()
    ForcedSigner(metadata, signer=strangers_signer(tmp_path)).sign_pdf(
        IncrementalPdfFileWriter(BytesIO(sealed)), output=signed
    )

    verdict = ask(signed.getvalue())

    assert verdict.code is VerdictCode.TAMPERED
    assert verdict.reasons == ("signature-added",)


def test_an_approval_in_our_field_is_not_our_seal(ask: Asked, unsealed: bytes, tmp_path: Path) -> None:
    metadata = PdfSignatureMetadata(field_name="IssuerSeal", subfilter=SigSeedSubFilter.PADES)
    signed = BytesIO()
    PdfSigner(metadata, signer=strangers_signer(tmp_path)).sign_pdf(
        IncrementalPdfFileWriter(BytesIO(unsealed)), output=signed
    )

    assert ask(signed.getvalue()).code is VerdictCode.NOT_OURS_OR_EXTENDED


def test_a_certification_that_leaves_room_for_changes_is_not_our_seal(
    ask: Asked, unsealed: bytes, tmp_path: Path
) -> None:
    metadata = PdfSignatureMetadata(field_name="IssuerSeal", subfilter=SigSeedSubFilter.PADES, certify=True)
    signed = BytesIO()
    PdfSigner(metadata, signer=strangers_signer(tmp_path)).sign_pdf(
        IncrementalPdfFileWriter(BytesIO(unsealed)), output=signed
    )

    assert ask(signed.getvalue()).code is VerdictCode.NOT_OURS_OR_EXTENDED


def test_the_same_names_under_another_key_are_a_stranger(ask: Asked, unsealed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "look-alike.p12"
    authority.make_authority(path, "stranger", organisation="Demonstration Academy", country="KG")
    look_alike = Seal.load(path, "stranger")

    verdict = ask(look_alike.seal(unsealed))

    assert verdict.code is VerdictCode.UNKNOWN_SIGNER
    assert verdict.signer_fingerprint == look_alike.fingerprint


def test_another_certificate_of_our_own_root_is_a_stranger_too(sealed: bytes, seal: Seal) -> None:
    other_of_ours = TrustedSeal("0" * 64, seal.root.public_bytes(Encoding.DER))

    verdict = inspection.inspect(sealed, seals=[other_of_ours], is_registered=lambda _sha256: False)

    assert verdict.code is VerdictCode.UNKNOWN_SIGNER


def test_the_page_without_a_seal_is_a_copy(ask: Asked, unsealed: bytes) -> None:
    verdict = ask(unsealed)

    assert verdict.code is VerdictCode.UNSIGNED_COPY
    assert verdict.reasons == ("no-signature",)


def test_a_file_written_anew_by_another_program_is_not_authentic(ask: Asked, sealed: bytes) -> None:
    rewritten = BytesIO()
    with pikepdf.open(BytesIO(sealed)) as pdf:
        pdf.save(rewritten)

    assert not ask(rewritten.getvalue()).is_authentic


def test_a_signed_range_set_to_nothing_is_seen(ask: Asked, sealed: bytes) -> None:
    start = sealed.index(b"/ByteRange [") + len(b"/ByteRange [")
    end = sealed.index(b"]", start)
    blanked = sealed[:start] + b"0 0 0 0".ljust(end - start) + sealed[end:]

    assert ask(blanked).code is VerdictCode.TAMPERED


def test_a_signature_of_zeros_cannot_be_read(ask: Asked, sealed: bytes) -> None:
    start = sealed.rindex(b"/Contents <") + len(b"/Contents <")
    end = sealed.index(b">", start)

    assert ask(sealed[:start] + b"0" * (end - start) + sealed[end:]).code is VerdictCode.UNREADABLE


@pytest.mark.parametrize("kept", [10, 500, 20_000])
def test_half_a_file_cannot_be_read(ask: Asked, sealed: bytes, kept: int) -> None:
    assert ask(sealed[:kept]).code is VerdictCode.UNREADABLE


def test_what_is_no_pdf_is_said_to_be_none(ask: Asked) -> None:
    assert ask(b"").reasons == ("not-a-pdf",)
    assert ask(b"PK\x03\x04 a spreadsheet").reasons == ("not-a-pdf",)


def test_more_than_ten_megabytes_are_not_looked_at(ask: Asked, sealed: bytes) -> None:
    verdict = ask(sealed + b" " * (10 * 1024 * 1024))

    assert verdict.code is VerdictCode.UNREADABLE
    assert verdict.reasons == ("too-large",)


# Attacks on certified documents, by the names of their discoverers where they have one (pdf-insecurity.org).


def gap_of(sealed: bytes) -> tuple[int, int]:
    """Where the seal itself stands, between its angle brackets."""
    start = sealed.rindex(b"/Contents <") + len(b"/Contents <")
    return start, sealed.index(b">", start)


def test_shadow_attack_replace_a_drawn_object_is_exchanged_in_a_later_revision(ask: Asked, sealed: bytes) -> None:
    def exchange(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0].get_object()
        content = page.raw_get("/Contents")
        writer.mark_update(content.reference)
        writer.objects[content.generation, content.idnum] = generic.StreamObject(stream_data=b"0 g")

    assert ask(appended(sealed, exchange)).code is VerdictCode.TAMPERED


def test_shadow_attack_hide_the_page_tree_is_exchanged(ask: Asked, sealed: bytes) -> None:
    def exchange(writer: IncrementalPdfFileWriter) -> None:
        pages = writer.root["/Pages"]
        copy = generic.DictionaryObject(pages["/Kids"][0].get_object())
        copy["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"0 g"))
        pages["/Kids"] = generic.ArrayObject([writer.add_object(copy)])
        writer.update_container(pages)

    assert ask(appended(sealed, exchange)).code is VerdictCode.TAMPERED


def test_incremental_saving_attack_an_empty_revision_is_not_accepted(ask: Asked, sealed: bytes) -> None:
    start = sealed.rindex(b"startxref")
    xref = int(sealed[start:].split()[1])
    table = f"\nxref\n0 0\ntrailer\n<</Prev {xref}/Root 1 0 R/Size 1>>\nstartxref\n{len(sealed) + 1}\n%%EOF\n"

    assert not ask(sealed + table.encode()).is_authentic


def test_signature_wrapping_a_second_body_in_the_gap_is_seen(ask: Asked, sealed: bytes) -> None:
    """The signed halves stay as they are; what is shown stands between them."""
    _start, end = gap_of(sealed)
    wrapped = sealed[:end] + b"0" * 400 + b">\n9 0 obj\n<< >>\nendobj\n<" + b"0" * 20 + sealed[end:]

    assert not ask(wrapped).is_authentic


def test_universal_forgery_a_seal_without_contents_is_none(ask: Asked, sealed: bytes) -> None:
    start, end = gap_of(sealed)

    assert not ask(sealed[: start - 1] + b"null".ljust(end - start + 2) + sealed[end + 1 :]).is_authentic


def test_a_seal_copied_to_another_certificate_is_seen(ask: Asked, sealed: bytes, seal: Seal) -> None:
    other = seal.seal(rendering.render(make_snapshot(holder={"Cyrl": "Асанов Бакыт"}, certificate_id="0" * 8 + "-0000-4000-8000-" + "0" * 12)))  # fmt: skip
    (from_start, from_end), (start, end) = gap_of(sealed), gap_of(other)
    transplanted = other[:start] + sealed[from_start:from_end].ljust(end - start, b"0")[: end - start] + other[end:]

    verdict = ask(transplanted)

    assert (verdict.code, verdict.reasons) == (VerdictCode.TAMPERED, ("content-changed",))


def test_a_seal_cut_off_leaves_a_copy(ask: Asked, sealed: bytes, unsealed: bytes) -> None:
    assert ask(sealed[: len(unsealed)]).code is VerdictCode.UNSIGNED_COPY


def test_a_seal_whose_field_was_taken_out_of_the_form_is_no_seal(ask: Asked, sealed: bytes) -> None:
    saved = BytesIO()
    with pikepdf.open(BytesIO(sealed)) as pdf:
        del pdf.Root.AcroForm, pdf.pages[0].Annots
        pdf.save(saved)

    assert ask(saved.getvalue()).code is VerdictCode.UNSIGNED_COPY


def test_an_attachment_added_later_is_seen(ask: Asked, sealed: bytes) -> None:
    def attach(writer: IncrementalPdfFileWriter) -> None:
        data = writer.add_object(generic.StreamObject(stream_data=b"100 %"))
        names = generic.ArrayObject([generic.TextStringObject("credential.json"), data])
        tree = generic.DictionaryObject({generic.NameObject("/Names"): names})
        writer.root["/Names"] = generic.DictionaryObject({generic.NameObject("/EmbeddedFiles"): tree})
        writer.update_root()

    assert ask(appended(sealed, attach)).code is VerdictCode.TAMPERED


def test_a_script_that_runs_when_the_file_opens_is_seen(ask: Asked, sealed: bytes) -> None:
    def script(writer: IncrementalPdfFileWriter) -> None:
        writer.root["/OpenAction"] = generic.DictionaryObject(
            {
                generic.NameObject("/S"): generic.NameObject("/JavaScript"),
                generic.NameObject("/JS"): generic.TextStringObject("app.alert('valid')"),
            }
        )
        writer.update_root()

    assert ask(appended(sealed, script)).code is VerdictCode.TAMPERED


def test_a_sealed_file_behind_something_else_is_not_authentic(ask: Asked, sealed: bytes) -> None:
    assert not ask(b"GIF89a" + sealed).is_authentic


def test_a_time_stamp_of_a_stranger_does_not_make_a_new_version(ask: Asked, sealed: bytes) -> None:
    with pki.serving() as authorities:
        stamped = BytesIO()
        PdfTimeStamper(pki.Direct(authorities)).timestamp_pdf(
            IncrementalPdfFileWriter(BytesIO(sealed)), "sha256", output=stamped
        )

    verdict = ask(stamped.getvalue())

    assert (verdict.code, verdict.reasons) == (VerdictCode.MODIFIED_CONTAINER, ("time-stamp-not-trusted",))


def test_the_padding_behind_the_seal_hides_nothing(ask: Asked, sealed: bytes) -> None:
    _start, end = gap_of(sealed)
    hidden = sealed[: end - 8] + b"DEADBEEF" + sealed[end:]

    verdict = ask(hidden)

    assert sealed[end - 8 : end] == b"0" * 8
    assert (verdict.code, verdict.reasons) == (VerdictCode.MODIFIED_CONTAINER, ("unsealed-bytes-changed",))


def test_the_chain_beside_the_seal_may_not_be_another(ask: Asked, sealed: bytes) -> None:
    start, end = gap_of(sealed)
    name = b"Root (demonstration)".hex().upper().encode()
    places = [place.start() for place in re.finditer(name, sealed[start:end])]
    changed = [
        sealed[: start + place] + b"Root (demonstratioM)".hex().upper().encode() + sealed[start + place + len(name) :]
        for place in places
    ]

    assert len(places) == 3
    assert not any(ask(pdf).is_authentic for pdf in changed)


def test_another_spelling_of_the_same_seal_is_not_ours(ask: Asked, sealed: bytes) -> None:
    start, end = gap_of(sealed)

    verdict = ask(sealed[:start] + sealed[start:end].lower() + sealed[end:])

    assert verdict.code is VerdictCode.MODIFIED_CONTAINER
