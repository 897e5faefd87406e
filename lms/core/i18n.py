"""Languages: Kyrgyz first, Russian second, then Chinese and English.

English stands in the source; catalogues for all four stand in ``translations/`` and a test refuses a missing one.
Texts that live in data are dictionaries by language, read with :func:`pick`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import click
from babel import negotiate_locale
from flask import Flask, g, has_request_context, request, session, url_for
from flask_babel import Babel, force_locale, format_date, format_datetime, get_locale, gettext, ngettext
from flask_babel.speaklater import LazyString
from markupsafe import escape

from lms.core import settings

LANGUAGES = ("ky", "ru", "zh", "en")
OWN_NAMES = {"ky": "Кыргызча", "ru": "Русский", "zh": "中文", "en": "English"}

_ = gettext
_n = ngettext


class _Text(LazyString):  # type: ignore[misc]
    """A sentence that is put into the reader's language where it is shown. What it names may come from anybody, so it is no markup."""

    def __html__(self) -> str:
        return str(escape(str(self)))


def _l(text: str, **named: object) -> LazyString:
    return _Text(gettext, text, **named)


_n = ngettext

__all__ = [
    "LANGUAGES",
    "OWN_NAMES",
    "_",
    "_l",
    "_n",
    "civil_date",
    "format_date",
    "init_app",
    "locale",
    "pick",
    "use_language",
]

babel = Babel()


def init_app(app: Flask) -> None:
    """Choose the language of each request and give templates what they need to switch it."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(app.config["TRANSLATIONS_FOLDER"]))
    babel.init_app(app, default_locale="ky", locale_selector=_choose, timezone_selector=_zone)
    app.before_request(_remember_choice)
    app.context_processor(_for_templates)
    app.jinja_env.globals.update(pick=pick, civil_date=civil_date)
    app.jinja_env.filters["datetimeformat"] = format_moment


def locale() -> str:
    """The language that is spoken now: one of ``LANGUAGES``."""
    current = get_locale()
    return current.language if current and current.language in LANGUAGES else "ky"


@contextmanager
def use_language(code: str) -> Iterator[None]:
    """Speak one language inside."""
    with force_locale(code):
        yield


def pick(texts: Mapping[str, str]) -> str:
    """The text in the reader's language. A missing translation is visible, never silently another language."""
    wanted = locale()
    if texts.get(wanted):
        return texts[wanted]
    for language in LANGUAGES:
        if texts.get(language):
            return f"[{language}] {texts[language]}"
    return ""


def negotiated(accepted: list[str]) -> str | None:
    """The best of our languages for what a browser or platform prefers (``ky-KG`` is ``ky``)."""
    found = negotiate_locale([tag.replace("-", "_") for tag in accepted], list(LANGUAGES), sep="_")
    return found.split("_")[0] if found else None


def civil_date(moment: datetime) -> date:
    """The date that people at the academy read on their calendar at this moment."""
    return moment.astimezone(ZoneInfo(settings.current().time_zone)).date()


def format_moment(moment: datetime, size: str = "medium") -> str:
    """Date and time as people write them. For Kyrgyz the locale data say 22/11/26, which nobody there does."""
    is_usual = size in ("short", "medium") and locale() == "ky"
    return str(format_datetime(moment, "dd.MM.yyyy, HH:mm" if is_usual else size))


def _choose() -> str:
    if not has_request_context():
        return "en" if click.get_current_context(silent=True) else "ky"  # the command line's help is English too
    chosen = session.get("language") or g.get("preferred_language")
    return chosen or negotiated([tag for tag, _quality in request.accept_languages]) or "ky"


def _remember_choice() -> None:
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        session["language"] = asked


def _zone() -> str:
    return settings.current().time_zone


def _for_templates() -> dict[str, object]:
    return {"lang": locale(), "languages": list(OWN_NAMES.items()), "language_url": _same_page_in}


def _same_page_in(code: str) -> str:
    """The query is written by hand: ``url_for`` would take ``?endpoint=`` or ``?_scheme=`` for words of its own."""
    if not request.endpoint or request.method != "GET":
        return f"?lang={code}"
    query = {**request.args.to_dict(flat=False), "lang": [code]}
    return f"{url_for(request.endpoint, **(request.view_args or {}))}?{urlencode(query, doseq=True)}"
