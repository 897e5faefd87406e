"""A certificate printed with the template and the signatures that its snapshot names."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from certificates import rendering, template
from certificates.rendering import Attachment
from certificates.snapshot import CoIssuer, Issuer, Signer, Snapshot, TranscriptLine
from certificates.studio import signatures, versions
from courses.records import Part
from lms.core.db import reading
from lms.organisations import issuers
from lms.organisations import models as organisations


def printed(snapshot: Snapshot, attachments: Sequence[Attachment] = ()) -> bytes:
    """The unsigned PDF. Certificates that are alike are laid out once in a process (``certificates.press``).

    :raises Invalid: as ``rendering.render``.
    :raises Unavailable: ``template-missing``.
    """
    with reading():
        layout = versions.layout_of(snapshot)
    row = rendering.render_many(
        [snapshot], layout=layout, signatures=signatures.of(snapshot), attachments=lambda _snapshot: attachments
    )
    return next(row)


def dressed(draft: Snapshot, *, series: str, organisation_id: str, parts: Sequence[Part] = ()) -> Snapshot:
    """The draft with who issues jointly on its day, and with the template that is in use. Reads in the caller's
    transaction.

    :param parts: for the transcript, where the series has one; without them the draft keeps its own.
    """
    others = _co_issuers(series, organisation_id, draft.issued_on)
    draft = replace(draft, co_issuers=others)
    if parts and issuers.prints_transcript(series, organisation_id):
        lines = (TranscriptLine(part.titles, part.hours, part.score_percent) for part in parts)
        draft = replace(draft, transcript=tuple(lines))
    return versions.dressed(draft, organisation_id)


def refuse_what_cannot_be_filled_in(draft: Snapshot) -> None:
    """Known before a number is given. Reads in the caller's transaction.

    :raises Invalid: ``placeholder-unknown`` with its name, ``signature-missing``, ``glyph-missing``.
    """
    rendering.refuse_what_cannot_be_printed(draft, signatures.of(draft))
    template.page(draft, layout=versions.layout_of(draft))


def signer_of(official: organisations.Signer) -> Signer:
    """An official as printed."""
    return Signer(official.name, official.post, official.signature_sha256)


def _co_issuers(series: str, organisation_id: str, day: date) -> tuple[CoIssuer, ...]:
    """An organisation without a signer on that day does not issue: it is left out."""
    found = [(body, issuers.signer_on(body.id, day)) for body in issuers.joint_issuers(series, organisation_id)]
    return tuple(
        CoIssuer(Issuer(body.names, body.country), signer_of(official)) for body, official in found if official
    )
