"""What we print besides certificates, receipts and reports: PDF/A with its data attached, sealed as certificates are."""

from datetime import date
from typing import Any

from certificates import finishing, seal_keys, sealing, self_check, typesetting
from certificates.finishing import Attachment
from certificates.layout import Layout
from lms.core.db import reading


def sealed(text: str, layout: Layout, *, attached: Attachment, identifier: str, day: date) -> bytes:
    """The sealed PDF of a page as XML, which our own verifier has looked at.

    :param identifier: 32 hexadecimal digits, for ever the same for the same paper: the file's ``/ID``.
    :param day: that stands as the attachment's date.
    :raises Unavailable: the seal cannot be used now.
    """
    with reading():
        seal = seal_keys.current()
    document = sealing.seal(_written(text, layout, attached, identifier, day), seal).pdf
    self_check.refuse_what_our_verifier_refuses(document)
    return document


def _written(text: str, layout: Layout, attached: Attachment, identifier: str, day: date) -> bytes:
    with typesetting.one_at_a_time:
        document = typesetting.Page(text, layout, {}).laid_out()

        def finish(_document: Any, pdf: Any) -> None:
            finishing.finish(document, pdf, frame="", addresses={}, attachments=(attached,))
            finishing.encode(pdf)

        written: bytes = document.write_pdf(
            finisher=finish,
            pdf_variant="pdf/a-3a",
            pdf_identifier=identifier.encode(),
            attachments=[attached.written_on(day)],
        )
    return written
