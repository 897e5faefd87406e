"""The receipt as PDF: a table over as many pages as it needs, with the signed receipt attached, sealed as certificates are.

It names what was asked and what was answered, and no holder: a receipt is filed where many see it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, StrictUndefined, Template

from certificates import glyphs, papers
from certificates import wording as verdict_words
from certificates.batches import answers, wording
from certificates.batches.answers import Answered
from certificates.batches.models import VerificationBatch, VerificationBatchRow
from certificates.finishing import Attachment
from certificates.layout import Layout
from certificates.verification import RECEIPT_NAME
from lms.core import settings
from lms.core.db import reading
from lms.core.errors import Sentence
from lms.core.i18n import _, civil_date, format_moment, pick, use_language

_FOLDER = Path(__file__).parents[1] / "templates" / "receipt"
_TAGS = {"zh": "zh-Hans"}


class Line(NamedTuple):
    """One row as it is printed."""

    number: int
    asked: str
    sha256: str | None
    title: Sentence
    reasons: list[Sentence]
    accepted: bool
    status: Sentence
    certificate: str


def make(batch: VerificationBatch, rows: Sequence[VerificationBatchRow]) -> bytes:
    """The sealed PDF, which our own verifier has looked at. Reads in transactions of its own.

    :raises Unavailable: the seal cannot be used now.
    """
    with reading():
        found = answers.answered(rows)
    with use_language(batch.language):
        text = page(batch, found)
    attached = Attachment(
        RECEIPT_NAME, str(batch.statement).encode(), "application/jose", "The same receipt, signed (JWS)", "Source"
    )
    return papers.sealed(
        text,
        _layout(),
        attached=attached,
        identifier=batch.id.replace("-", ""),
        day=civil_date(batch.finished_at or batch.created_at),
    )


def page(batch: VerificationBatch, found: Sequence[Answered]) -> str:
    """The page as XML, in the language that is spoken now."""
    lines = [_line(one) for one in found]
    text = _template().render(
        batch=batch,
        lines=lines,
        lang=_TAGS.get(batch.language, batch.language),
        title=_("Receipt of verification"),
        lead=_("Each answer is what the register said at the moment of asking. It may have changed since."),
        issuer=settings.current().public_url,
        made_on=civil_date(batch.finished_at or batch.created_at).isoformat(),
        facts=_facts(batch, found),
        heads=[
            ("row", _("Row")),
            ("asked", _("What was asked")),
            ("answer", _("Answer")),
            ("status", _("In the register")),
            ("number", _("Register number")),
        ],
        notes=_notes(),
    )
    return _drawable(text)


def _facts(batch: VerificationBatch, found: Sequence[Answered]) -> list[tuple[str, str, bool]]:
    accepted = sum(one.is_accepted for one in found)
    heads = [(one.row.head_event, one.row.head_hash) for one in found if one.row.head_hash]
    event, end = max(heads, default=(0, ""))
    finished = batch.finished_at or batch.created_at
    return [
        (_("Number of this receipt"), batch.id, True),
        (_("Asked by"), pick(batch.asked_by), False),
        (_("Asked at"), format_moment(batch.created_at, "medium"), False),
        (_("Answered at"), f"{format_moment(finished, 'medium')} ({settings.current().time_zone})", False),
        (_("To be accepted"), _("%(accepted)s of %(all)s", accepted=accepted, all=len(found)), False),
        (_("SHA-256 of what was sent"), batch.input_sha256, True),
        (_("Last event of the register"), str(event or ""), False),
        (_("Its hash"), end or "", True),
    ]


def _notes() -> list[str]:
    here = settings.current().public_url
    return [
        _(
            "This receipt names no holder. Compare name, module and dates with the answers of the list, or at %(address)s.",
            address=f"{here}/verify",
        ),
        _(
            "This file is sealed. The same receipt, signed for programs, is attached to it as %(name)s.",
            name=RECEIPT_NAME,
        ),
        _("Keys: %(address)s", address=f"{here}/verify/receipts/jwks.json"),
    ]


def _line(one: Answered) -> Line:
    status = verdict_words.of_register(one.verdict.register_status) if one.verdict else ""
    return Line(
        number=one.row.number,
        asked=one.row.asked,
        sha256=one.row.file_sha256,
        title=wording.of_row(one),
        reasons=wording.why(one),
        accepted=one.is_accepted,
        status=status,
        certificate=one.row.certificate_number or "",
    )


def _drawable(text: str) -> str:
    """What no font of ours can draw stands as its code point: what was asked is anybody's text."""
    lacking = {sign for sign in glyphs.missing(text) if not sign.isspace()}
    return text.translate({ord(sign): f"[U+{ord(sign):04X}]" for sign in lacking})


@cache
def _layout() -> Layout:
    return Layout(page="", style=(_FOLDER / "receipt.css").read_text("utf-8"), frame="", pictures=_NO_PICTURES)


_NO_PICTURES: Mapping[str, bytes] = {}


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string((_FOLDER / "receipt.html.jinja").read_text("utf-8"))
