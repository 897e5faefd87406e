"""The page of a certificate as XML: a snapshot and a layout go in, text comes out.

The four languages stand side by side on one page, so the words are in the template and not in the catalogues. The
environment is our own and sandboxed, because organisations bring their templates: plain values only, no calls, and an
unknown placeholder refuses the page.
"""

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

from jinja2 import StrictUndefined, Template, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from certificates import glyphs, grammar, numbering, phrases
from certificates.layout import Layout, built_in
from certificates.snapshot import Signer, Snapshot
from lms.core.errors import Invalid
from lms.core.i18n import _l

FIT_STEPS = 7
"""How often the page may be made smaller until it fits one sheet."""
MAX_PAGE = 300_000
"""Characters of a filled-in page."""

QR = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
"""A grey dot that stands where the QR code goes. The code itself is drawn when the file is written: it is a picture of
black and white squares, and no layout depends on which are which."""
OFFLINE_QR = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNIAAAAYgBhHBADfwAAAABJRU5ErkJggg=="
)
"""A dot of another grey, for the code that can be checked without a network (``certificates.offline``)."""
CODES = (QR, OFFLINE_QR)
SIGNATURES = "signatures/"
"""Where pictures of signatures are, for a template: this and their hash."""

_LANGUAGE_OF_SCRIPT = {"Cyrl": "", "Latn": "en", "Hani": "zh-Hans"}
"""A Cyrillic name stands in the language of the page; nobody knows whether it is Kyrgyz or Russian."""

_NAME_SIZES_EM = (3.3, 2.9, 2.55, 2.25, 2.05)
_LINE_EM = 245 / 25.4 * 72 / 10.5
"""Width of a line in ems of the largest step."""


class NameForm(NamedTuple):
    """One script's form of the holder's name."""

    text: str
    lang: str


class UnknownPlaceholder(UndefinedError):
    """The template asks for something that the snapshot does not say."""

    def __init__(self, name: str, owner: object, message: str | None = None) -> None:
        super().__init__(message)
        self.name = name
        self.owner = owner


class _Placeholder(StrictUndefined):
    """Remembers what was asked for."""

    __slots__ = ()

    def __init__(
        self, hint: str | None = None, obj: Any = missing, name: str | None = None, exc: Any = UndefinedError
    ) -> None:
        super().__init__(hint, obj, name, partial(UnknownPlaceholder, str(name), obj))  # type: ignore[arg-type]


_ENVIRONMENT = ImmutableSandboxedEnvironment(autoescape=True, undefined=_Placeholder, trim_blocks=True)
_ENVIRONMENT.globals.clear()
_ENVIRONMENT.tests.clear()
for _name in set(_ENVIRONMENT.filters) - grammar.FILTERS:
    del _ENVIRONMENT.filters[_name]


def page(snapshot: Snapshot, *, fit: int = 0, layout: Layout | None = None) -> str:
    """The page as XML. ``fit`` from 0 to ``FIT_STEPS - 1`` makes all of it smaller.

    :raises Invalid: ``placeholder-unknown`` with its name, for example ``titles.ru`` where a translation is missing;
        ``template-not-allowed`` for a template that does what templates may not; ``page-too-large``.
    """
    values = placeholders(snapshot) | {"fit": fit}
    try:
        pieces = _compiled((layout or built_in()).page).generate(values)
        return "".join(_limited(pieces))
    except UnknownPlaceholder as unknown:
        name = _path_of(unknown, values)
        raise Invalid(
            "placeholder-unknown",
            _l("The certificate has no value for “%(field)s”, which its template asks for.", field=name),
            field=name,
        ) from unknown


def faults_of(source: str) -> list[grammar.Fault]:
    """What a page's source may not hold."""
    return grammar.faults_of(source, _ENVIRONMENT)


def placeholders(snapshot: Snapshot) -> dict[str, Any]:
    """Everything that a template may print, as plain values. docs/templates.md lists them for administrators."""
    holder = _name_forms(snapshot.holder)
    last_day = snapshot.valid_until
    return {
        "number": snapshot.number,
        "code": numbering.shown(snapshot.code),
        "issuer": snapshot.issuer.names,
        "co_issuers": [other.issuer.names for other in snapshot.co_issuers],
        "titles": snapshot.titles,
        "holder": holder,
        "name_size": _name_size(holder[0].text),
        "hours": snapshot.hours,
        "hours_ru": phrases.academic_hours_ru(snapshot.hours),
        "completed": phrases.on_the_day(snapshot.completed_on),
        "issued": {"iso": snapshot.issued_on.isoformat()} | phrases.on_the_day(snapshot.issued_on),
        "valid_until": {"iso": last_day.isoformat()} | phrases.on_the_day(last_day) if last_day else None,
        "result": phrases.percent(snapshot.score_percent),
        "facts": _facts(snapshot),
        "signers": [_signer(signer) for signer in snapshot.signers],
        "transcript": [
            {"titles": line.titles, "hours": line.hours, "result": phrases.percent(line.score_percent)}
            for line in snapshot.transcript
        ],
        "verify_url": snapshot.verify_url,
        "qr": QR,
        "offline_qr": OFFLINE_QR if snapshot.offline_url else None,
    }


def addresses(snapshot: Snapshot) -> dict[str, str]:
    """What each QR code says, by what stands in its place."""
    said = {QR: snapshot.verify_url}
    return said | {OFFLINE_QR: snapshot.offline_url} if snapshot.offline_url else said


def printed_text(snapshot: Snapshot) -> str:
    """Every text of the snapshot that is drawn, for the check of glyphs."""
    groups = [snapshot.holder, snapshot.titles, snapshot.issuer.names]
    groups += [other.issuer.names for other in snapshot.co_issuers]
    groups += [texts for signer in snapshot.signers for texts in (signer.name, signer.post)]
    groups += [line.titles for line in snapshot.transcript]
    return "".join(text for texts in groups for text in texts.values())


@lru_cache(maxsize=64)
def _compiled(source: str) -> Template:
    if faults := faults_of(source):
        raise Invalid(
            "template-not-allowed",
            _l("This template holds something that templates may not hold."),
            faults=[fault._asdict() for fault in faults],
        )
    return _ENVIRONMENT.from_string(source)


def _limited(pieces: Any) -> Any:
    """A loop over a long text inside a loop over another could still fill the memory."""
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > MAX_PAGE:
            raise Invalid("page-too-large", _l("The filled-in page is too large. Make the template simpler."))
        yield piece


def _path_of(unknown: UnknownPlaceholder, values: Mapping[str, Any]) -> str:
    """``titles.ru`` and not only ``ru``."""
    for name, value in values.items():
        if value is unknown.owner:
            return f"{name}.{unknown.name}"
    return unknown.name


def _signer(signer: Signer) -> dict[str, Any]:
    picture = f"{SIGNATURES}{signer.signature}" if signer.signature else None
    return {"name": signer.name, "post": signer.post, "signature": picture}


def _facts(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Heads and values of the small table. A module without a mark has no column for it."""
    cells = [
        (phrases.HOURS, str(snapshot.hours)),
        (phrases.RESULT, phrases.percent(snapshot.score_percent)),
        (phrases.COMPLETED, f"{snapshot.completed_on:%d.%m.%Y}"),
        (phrases.ISSUED, f"{snapshot.issued_on:%d.%m.%Y}"),
        (phrases.VALID_UNTIL, f"{snapshot.valid_until:%d.%m.%Y}" if snapshot.valid_until else None),
    ]
    return [{"head": head._asdict(), "value": value} for head, value in cells if value is not None]


def _name_forms(holder: Mapping[str, str]) -> list[NameForm]:
    """Cyrillic first; a holder without it stands under the name of the next script."""
    return [
        NameForm(holder[script], _LANGUAGE_OF_SCRIPT[script])
        for script in ("Cyrl", "Hani", "Latn")
        if holder.get(script)
    ]


def _name_size(name: str) -> int:
    """The largest step at which the name stands on one line; the last step may take two lines."""
    ems = glyphs.width(name)
    fitting = (step for step, size in enumerate(_NAME_SIZES_EM) if ems * size <= _LINE_EM)
    return next(fitting, len(_NAME_SIZES_EM))
