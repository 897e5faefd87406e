"""The page of a certificate as PDF/A-3a with PDF/UA-1 identification: one page, a second for a transcript, no seal yet.

WeasyPrint does the layout. The same snapshot and layout give the same bytes, whatever the machine's fonts, time zone and
language, and whatever this process printed before.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

from weasyprint import Document

from certificates import finishing, glyphs, template, typesetting
from certificates.finishing import Attachment
from certificates.layout import Layout, built_in
from certificates.snapshot import Snapshot
from lms.core.errors import Invalid
from lms.core.i18n import _l

__all__ = ["Attachment", "render"]


def render(
    snapshot: Snapshot,
    *,
    layout: Layout | None = None,
    signatures: Mapping[str, bytes] | None = None,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """The certificate as an unsigned PDF.

    :param layout: the template it is printed with; the one that comes with the product if there is none.
    :param signatures: pictures of signatures by their SHA-256.
    :raises Invalid: ``glyph-missing`` if a character is in none of our fonts; ``certificate-too-long`` if the smallest
        step does not fit; ``signature-missing``; ``certificate-not-clean`` if the layout engine complains; and what
        ``template.page`` raises.
    """
    layout, signatures = layout or built_in(), signatures or {}
    refuse_what_cannot_be_printed(snapshot, signatures)
    with typesetting.one_at_a_time, _complaints() as complaints:
        document = _fitted(snapshot, layout, signatures)
        pdf: bytes = document.write_pdf(
            finisher=partial(
                finishing.finish, frame=layout.frame, url=snapshot.verify_url, attachments=tuple(attachments)
            ),
            pdf_variant="pdf/a-3a",
            pdf_identifier=identifier(snapshot),
            attachments=[attachment.written_on(snapshot.issued_on) for attachment in attachments],
        )
    _refuse_complaints(complaints)
    return pdf


def refuse_what_cannot_be_printed(snapshot: Snapshot, signatures: Mapping[str, bytes]) -> None:
    """:raises Invalid: ``glyph-missing`` with the characters, ``signature-missing`` with the hash."""
    if lacking := glyphs.missing(template.printed_text(snapshot)):
        raise _glyph_missing(lacking)
    for signer in snapshot.signers:
        if signer.signature and signer.signature not in signatures:
            raise Invalid("signature-missing", _l("The picture of a signature is missing."), sha256=signer.signature)


def pages_of(snapshot: Snapshot) -> int:
    """How many pages the certificate has: a second one only for a transcript."""
    return 2 if snapshot.transcript else 1


def identifier(snapshot: Snapshot) -> bytes:
    """What the file says it is (``/ID``)."""
    return snapshot.certificate_id.replace("-", "").encode()


def _fitted(snapshot: Snapshot, layout: Layout, signatures: Mapping[str, bytes]) -> Document:
    """Long names and titles make the page smaller by steps until it fits."""
    for step in range(template.FIT_STEPS):
        text = template.page(snapshot, fit=step, layout=layout)
        document = typesetting.Sheet(text, layout, signatures).laid_out()
        if len(document.pages) == pages_of(snapshot):
            return document
    raise too_long()


def too_long() -> Invalid:
    """What is raised when not even the smallest step fits."""
    return Invalid("certificate-too-long", _l("The texts of this certificate do not fit on one page."))


def _refuse_complaints(complaints: list[str]) -> None:
    if any(complaint.startswith(".notdef") for complaint in complaints):
        raise _glyph_missing(set())
    if complaints:
        raise Invalid("certificate-not-clean", _l("The page of the certificate has a fault."), complaints=complaints)


def _glyph_missing(characters: set[str]) -> Invalid:
    points = sorted(f"U+{ord(character):04X}" for character in characters)
    return Invalid("glyph-missing", _l("Our fonts cannot draw every character of this certificate."), characters=points)


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What WeasyPrint logs at WARNING and above while the block runs."""
    heard: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("weasyprint")
    logger.addHandler(handler)
    try:
        yield heard
    finally:
        logger.removeHandler(handler)
