"""Forms of a person's name: what a platform sent is a suggestion, what the holder confirmed is printed.

Nothing is ever transliterated: citizens choose their Latin spelling themselves, and one person has several correct ones.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast
from unicodedata import category, name, normalize

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lms.core import audit, clock
from lms.core.db import db, new_id
from lms.core.errors import Invalid, Sentence
from lms.core.i18n import _l
from lms.people.models import PersonName

Script = Literal["Cyrl", "Latn", "Hani"]
Source = Literal["platform", "holder"]

SCRIPTS: tuple[Script, ...] = ("Cyrl", "Latn", "Hani")
REQUIRED: tuple[Script, ...] = ("Cyrl", "Latn")
"""Scripts that must be confirmed before a certificate is issued."""
LONGEST_NAME = 120
BETWEEN_LETTERS = frozenset(" -'ʼʻ·.")
"""Signs that stand inside names: ``Жумабек уулу``, ``Салтыков-Щедрин``, ``Oʻgʻiloy``, ``Д'Артаньян``, ``阿依古丽·吐尔逊``."""

_SCRIPT_OF_LETTER: dict[str, Script] = {"CYRILLIC": "Cyrl", "LATIN": "Latn", "CJK": "Hani"}
_KEYBOARD_FORMS = str.maketrans({"’": "ʼ", "‘": "ʻ", "•": "·", "・": "·", "‐": "-", "\u2011": "-", "\u00a0": " "})
"""Phones and word processors type these for the signs above."""


def from_platform(person_id: str, sent: str | None) -> None:
    """Remember, as a suggestion, the name that a platform sent. A name in mixed scripts, or none, suggests nothing."""
    text = tidy(sent or "")
    script = script_of(text)
    if script and len(text) <= LONGEST_NAME:
        _keep(person_id, {script: text}, source="platform")


def confirm(person_id: str, forms: Mapping[str, str], *, actor: str | None = None) -> None:
    """Keep the forms that the holder confirms; an optional form that is empty is withdrawn.

    :param actor: who says so, where it is not the holder: an administrator who accepted the holder's correction.
    :raises Invalid: ``name-not-valid``, with a sentence for each script that is wrong; nothing is kept then.
    """
    tidied: dict[str, str] = {script: tidy(forms.get(script, "")) for script in SCRIPTS}
    faults: dict[str, object] = {script: fault for script in SCRIPTS if (fault := fault_of(script, tidied[script]))}
    if faults:
        raise Invalid("name-not-valid", _l("Some names cannot be used yet. Correct them."), fields=faults)
    changed = _keep(person_id, tidied, source="holder")
    if changed:
        subject = f"person:{person_id}"
        audit.record("person.name-confirmed", subject=subject, actor=actor or subject, scripts=changed)


def confirmed(person_id: str) -> dict[str, str]:
    """The forms that the holder has confirmed, by script."""
    return _current(person_id, source="holder")


def suggested(person_id: str) -> dict[str, str]:
    """The forms that platforms sent, by script."""
    return _current(person_id, source="platform")


@dataclass(frozen=True)
class Version:
    """One form of a name as it once was, or is."""

    script: str
    text: str
    source: str
    """``platform`` or ``holder``."""
    created_at: datetime
    confirmed_at: datetime | None
    replaced_at: datetime | None
    """None for the present form."""


def versions(person_id: str) -> list[Version]:
    """Every form that was ever sent or confirmed, the newest first."""
    rows = db.session.scalars(
        select(PersonName).filter_by(person_id=person_id).order_by(PersonName.created_at.desc(), PersonName.script)
    )
    return [
        Version(row.script, row.text, row.source, row.created_at, row.confirmed_at, row.replaced_at) for row in rows
    ]


def known_as(person_ids: Iterable[str], *, prefer: Script = "Cyrl") -> dict[str, str]:
    """One form for each person, for lists that only colleagues see: the confirmed one, in the preferred script if known.

    A person without any name is missing from the answer. One query.
    """
    rows = db.session.scalars(
        select(PersonName).where(PersonName.person_id.in_(set(person_ids)), PersonName.replaced_at.is_(None))
    )
    worst_first = sorted(rows, key=lambda row: (row.source == "holder", row.script == prefer, row.created_at))
    return {row.person_id: row.text for row in worst_first}


def spelt_like(text: str, *, limit: int = 50) -> list[str]:
    """Ids of people with a form of the name, an earlier one too, that holds this text; for staff who look for a person.

    Small and capital letters are tried as people write names: SQLite knows only Latin ones apart.
    """
    forms = {text, text.lower(), text.upper(), text.title()}
    is_like = or_(*(PersonName.text.contains(form, autoescape=True) for form in sorted(forms)))
    found = select(PersonName.person_id).where(is_like).distinct().order_by(PersonName.person_id).limit(limit)
    return list(db.session.scalars(found)) if text else []


def tidy(typed: str) -> str:
    """The name as it was meant: composed (NFC), single spaces, the signs of names instead of their look-alikes."""
    return " ".join(normalize("NFC", typed).translate(_KEYBOARD_FORMS).split())


def script_of(text: str) -> Script | None:
    """The one script of all letters of a name, or None if it has no letters or letters of several scripts."""
    scripts = {_script_of_letter(letter) for letter in text if letter not in BETWEEN_LETTERS}
    return scripts.pop() if len(scripts) == 1 else None


def fault_of(script: Script, text: str) -> Sentence | None:
    """What is wrong with a form, as a sentence for its holder; None if nothing is."""
    if not text:
        return _l("Write your name here.") if script in REQUIRED else None
    if len(text) > LONGEST_NAME:
        return cast(Sentence, _l("This is too long. Use at most %(most)s characters.", most=LONGEST_NAME))
    if foreign := _foreign(script, text):
        return cast(Sentence, _l("These characters do not belong here: %(characters)s", characters=" ".join(foreign)))
    if script_of(text) is None:
        return cast(Sentence, _l("A name has at least one letter."))
    return None


def _foreign(script: Script, text: str) -> list[str]:
    """Characters that cannot stand in a name of this script, in their order, each once."""
    return list(
        dict.fromkeys(
            character
            for character in text
            if character not in BETWEEN_LETTERS and _script_of_letter(character) != script
        )
    )


def _script_of_letter(character: str) -> Script | None:
    if not category(character).startswith("L"):
        return None
    return _SCRIPT_OF_LETTER.get(name(character, "").partition(" ")[0])


def _current(person_id: str, *, source: Source) -> dict[str, str]:
    rows = db.session.scalars(
        select(PersonName).filter_by(person_id=person_id, source=source).where(PersonName.replaced_at.is_(None))
    )
    return {row.script: row.text for row in rows}


def _keep(person_id: str, forms: Mapping[str, str], *, source: Source) -> list[str]:
    """Make these forms the present ones of their source; returns the scripts whose form changed."""
    before = _current(person_id, source=source)
    changed = [script for script, text in forms.items() if before.get(script, "") != text]
    for script in changed:
        _replace(person_id, script, forms[script], source=source, at=clock.now())
    return changed


def _replace(person_id: str, script: str, text: str, *, source: Source, at: datetime) -> None:
    present = {"person_id": person_id, "script": script, "source": source}
    db.session.execute(
        update(PersonName)
        .filter_by(**present)
        .where(PersonName.replaced_at.is_(None), PersonName.text != text)
        .values(replaced_at=at)
    )
    if text:
        insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        values = {"id": new_id(), "text": text, "created_at": at, "confirmed_at": at if source == "holder" else None}
        # Two launches at once send the same name: the second finds the first one's row and is content.
        db.session.execute(
            insert(PersonName)
            .values(**present, **values)
            .on_conflict_do_nothing(
                index_elements=["person_id", "script", "source"], index_where=PersonName.replaced_at.is_(None)
            )
        )
