"""The page of a certificate as HTML: a snapshot goes in, text comes out.

The four languages stand side by side on one page, so the words are in the template and not in the catalogues. The
environment is our own and sandboxed, because organisations will bring their templates: plain values only, and an
undefined placeholder refuses the page.
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import segno
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from certificates import glyphs, numbering
from certificates.snapshot import Snapshot

FIT_STEPS = 7
"""How often the page may be made smaller until it fits one sheet."""

_FOLDER = Path(__file__).parent / "templates" / "certificate"
_ENVIRONMENT = ImmutableSandboxedEnvironment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)

_MONTHS_KY = [
    "январында",
    "февралында",
    "мартында",
    "апрелинде",
    "майында",
    "июнунда",
    "июлунда",
    "августунда",
    "сентябрында",
    "октябрында",
    "ноябрында",
    "декабрында",
]
_MONTHS_RU = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]
_MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]

_LANGUAGE_OF_SCRIPT = {"Cyrl": "", "Latn": "en", "Hani": "zh-Hans"}
"""A Cyrillic name stands in the language of the page; nobody knows whether it is Kyrgyz or Russian."""

_NAME_SIZES_EM = (3.3, 2.9, 2.55, 2.25, 2.05)
_LINE_EM = 245 / 25.4 * 72 / 10.5
"""Width of a line in ems of the largest step."""

_HOURS = ("Көлөмү, академиялык саат", "Объём, академических часов", "学时", "Academic hours")
_RESULT = ("Жыйынтыгы", "Результат", "成绩", "Result")
_COMPLETED = ("Аяктаган күнү", "Дата завершения", "完成日期", "Completed")
_ISSUED = ("Берилген күнү", "Дата выдачи", "颁发日期", "Issued")


class NameForm(NamedTuple):
    """One script's form of the holder's name."""

    text: str
    lang: str


def page(snapshot: Snapshot, *, fit: int = 0) -> str:
    """The page as HTML. ``fit`` from 0 to ``FIT_STEPS - 1`` makes all of it smaller.

    :raises jinja2.UndefinedError: the snapshot lacks a text in one of the four languages.
    """
    holder = _name_forms(snapshot.holder)
    return _ENVIRONMENT.get_template("certificate.html.jinja").render(
        number=snapshot.number,
        code=numbering.shown(snapshot.code),
        issuer=snapshot.issuer.names,
        titles=snapshot.titles,
        holder=holder,
        name_size=_name_size(holder[0].text),
        hours=snapshot.hours,
        hours_ru=_academic_hours_ru(snapshot.hours),
        completed=_on_the_day(snapshot.completed_on),
        issued={"iso": snapshot.issued_on.isoformat()},
        post=snapshot.signer.post,
        signer=snapshot.signer.name,
        verify_url=snapshot.verify_url,
        qr=_qr_code(snapshot.verify_url),
        fit=fit,
        **_facts(snapshot),
    )


@cache
def stylesheet() -> str:
    """The CSS of the page."""
    return (_FOLDER / "certificate.css").read_text()


@cache
def ornament() -> str:
    """The frame as SVG: the same on every certificate."""
    return _ENVIRONMENT.get_template("ornament.svg.jinja").render()


def printed_text(snapshot: Snapshot) -> str:
    """Every text of the snapshot that is drawn, for the check of glyphs."""
    return "".join(
        text
        for texts in (
            snapshot.holder,
            snapshot.titles,
            snapshot.issuer.names,
            snapshot.signer.name,
            snapshot.signer.post,
        )
        for text in texts.values()
    )


def _facts(snapshot: Snapshot) -> dict[str, Any]:
    """Heads and values of the small table. A module without a mark has no column for it."""
    cells = [
        (_HOURS, str(snapshot.hours)),
        (_RESULT, None if snapshot.score_percent is None else f"{snapshot.score_percent}\u00a0%"),
        (_COMPLETED, f"{snapshot.completed_on:%d.%m.%Y}"),
        (_ISSUED, f"{snapshot.issued_on:%d.%m.%Y}"),
    ]
    told = [(head, value) for head, value in cells if value is not None]
    return {"columns": [head for head, _ in told], "values": [value for _, value in told]}


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


def _on_the_day(day: date) -> dict[str, str]:
    return {
        "ky": f"{day.year}-жылдын {day.day}-{_MONTHS_KY[day.month - 1]}",
        "ru": f"{day.day} {_MONTHS_RU[day.month - 1]} {day.year} года",
        "zh": f"{day.year}年{day.month}月{day.day}日",
        "en": f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}",
    }


def _academic_hours_ru(hours: int) -> str:
    return "академического часа" if hours % 10 == 1 and hours % 100 != 11 else "академических часов"


def _qr_code(url: str) -> str:
    """A QR code of the upper-case address as a data URI. Capitals fit the alphanumeric mode: fewer, larger modules.

    The mask is fixed: choosing the best of eight takes four times as long, and readers do not care.
    """
    image = BytesIO()
    segno.make(url.upper(), error="q", micro=False, boost_error=False, mask=3).save(
        image, kind="png", scale=4, border=4
    )
    return f"data:image/png;base64,{b64encode(image.getvalue()).decode()}"
