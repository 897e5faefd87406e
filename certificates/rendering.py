"""The page of a certificate as PDF/A-3a with PDF/UA-1 identification: one page, a second for a transcript, no seal yet.

WeasyPrint does the layout. The same snapshot and layout give the same bytes, whatever the machine's fonts, time zone and
language, and whatever this process printed before.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from weasyprint import Document

from certificates import finishing, glyphs, template, typesetting
from certificates.finishing import Attachment
from certificates.layout import Layout, built_in
from certificates.press import CannotReprint, Changes, Plate, Sheet
from certificates.snapshot import Snapshot
from lms.core.errors import Invalid
from lms.core.i18n import _l

__all__ = ["Attachment", "render", "render_many"]

KEPT_PLATES = 24
"""So many kinds of certificates are kept laid out: modules, days of completion and sizes of names, mixed."""


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
    order = _Order(layout or built_in(), signatures or {}, tuple(attachments))
    refuse_what_cannot_be_printed(snapshot, order.signatures)
    with typesetting.one_at_a_time, _complaints() as complaints:
        pdf = _lay_out(snapshot, order).pdf
    _refuse_complaints(complaints)
    return pdf


def render_many(
    snapshots: Iterable[Snapshot],
    *,
    layout: Layout | None = None,
    signatures: Mapping[str, bytes] | None = None,
    attachments: Callable[[Snapshot], Sequence[Attachment]] = lambda _snapshot: (),
) -> Iterator[bytes]:
    """The same bytes that :func:`render` gives for each, some ten times as fast where they are alike.

    Call it with one snapshot after another, or with all: what was laid out is kept in the process for those that follow.

    :raises Invalid: as :func:`render`, when the faulty one is reached.
    """
    for snapshot in snapshots:
        order = _Order(layout or built_in(), signatures or {}, tuple(attachments(snapshot)))
        refuse_what_cannot_be_printed(snapshot, order.signatures)
        with typesetting.one_at_a_time, _complaints() as complaints:
            pdf = _reprint(snapshot, order)
        _refuse_complaints(complaints)
        yield pdf


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


@dataclass(frozen=True)
class _Order:
    """What a certificate is printed with, beside its snapshot."""

    layout: Layout
    signatures: Mapping[str, bytes]
    attachments: tuple[Attachment, ...]

    def page(self, snapshot: Snapshot, step: int) -> str:
        return template.page(snapshot, fit=step, layout=self.layout)

    def facts(self, snapshot: Snapshot) -> dict[str, Any]:
        """What a file holds that is not on its page."""
        return {
            "addresses": template.addresses(snapshot),
            "identifier": identifier(snapshot),
            "attachments": self.attachments,
        }


@dataclass(frozen=True)
class _LaidOut:
    """A finished file, and the plate for those that are alike, if they can be printed from one."""

    pdf: bytes
    too_large: tuple[Sheet, ...]
    """The steps before, which did not fit."""
    plate: Plate | None


_plates: OrderedDict[str, _LaidOut] = OrderedDict()


def _reprint(snapshot: Snapshot, order: _Order) -> bytes:
    """From a plate where that is certain to give the same; else laid out, which makes a new plate."""
    key = _alike(snapshot, order)
    if key in _plates:
        _plates.move_to_end(key)
        with suppress(CannotReprint):
            return _from_plate(_plates[key], snapshot, order)
    laid_out = _lay_out(snapshot, order, keep=True)
    _plates[key] = laid_out
    while len(_plates) > KEPT_PLATES:
        _plates.popitem(last=False)
    return laid_out.pdf


def _from_plate(laid_out: _LaidOut, snapshot: Snapshot, order: _Order) -> bytes:
    """:raises CannotReprint: if another step could fit, or the layout could differ."""
    if laid_out.plate is None:
        raise CannotReprint
    for step, sheet in enumerate(laid_out.too_large):
        sheet.retyped(Changes.between(sheet.root, typesetting.parsed(order.page(snapshot, step))))
    root = typesetting.parsed(order.page(snapshot, len(laid_out.too_large)))
    return laid_out.plate.print(root, **order.facts(snapshot))


def _alike(snapshot: Snapshot, order: _Order) -> str:
    """Equal for certificates that are likely to differ in words on lines of their own only."""
    scores = [line.score_percent is None for line in snapshot.transcript]
    common = replace(
        snapshot,
        certificate_id="",
        number="",
        code="",
        verify_url="",
        offline_url=snapshot.offline_url and "-",
        holder=dict.fromkeys(snapshot.holder, ""),
        score_percent=None if snapshot.score_percent is None else 0,
        transcript=tuple(replace(line, score_percent=None) for line in snapshot.transcript),
    )
    names = [(file.name, file.description, file.media_type, file.relationship) for file in order.attachments]
    size = template.placeholders(snapshot)["name_size"]
    return repr((order.layout.sha256, common.canonical_json(), scores, names, size))


def _lay_out(snapshot: Snapshot, order: _Order, *, keep: bool = False) -> _LaidOut:
    """Long names and titles make the page smaller by steps until it fits."""
    too_large: list[Sheet] = []
    for step in range(template.FIT_STEPS):
        page = typesetting.Page(order.page(snapshot, step), order.layout, order.signatures)
        document = page.laid_out()
        if len(document.pages) == pages_of(snapshot):
            pdf, plate = _written(snapshot, order, page.etree_element, document, keep)
            return _LaidOut(pdf, tuple(too_large), plate)
        if keep:
            too_large.append(Sheet(page.etree_element, document))
    raise too_long()


def _written(
    snapshot: Snapshot, order: _Order, root: Any, document: Document, keep: bool
) -> tuple[bytes, Plate | None]:
    plates: list[Plate] = []

    def finish(_document: Document, pdf: Any) -> None:
        finishing.finish(
            document,
            pdf,
            frame=order.layout.frame,
            addresses=template.addresses(snapshot),
            attachments=order.attachments,
        )
        if keep:
            with suppress(CannotReprint):
                plates.append(Plate(root, document, pdf))
        finishing.encode(pdf)

    file: bytes = document.write_pdf(
        finisher=finish,
        pdf_variant="pdf/a-3a",
        pdf_identifier=identifier(snapshot),
        attachments=[attachment.written_on(snapshot.issued_on) for attachment in order.attachments],
    )
    with suppress(CannotReprint):
        return file, plates[0].proved(file, **order.facts(snapshot)) if plates else None
    return file, None


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
