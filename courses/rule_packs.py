"""What countries ask of hours of study, as data: each rule with its source and the days between which it holds. Pure.

A pack is a file, read with the content and checked by ``flask courses check``. No page computes with a number that is not
in a pack.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from courses.file_reading import Faults
from courses.outline import Texts
from courses.yaml_reading import NAME, read_mapping
from courses.yaml_reading import Mapping as Read

FOLDER = "rule_packs"
Kind = Literal["academic-hour", "hours-a-year", "hours-within", "programme-length"]
KINDS = ("academic-hour", "hours-a-year", "hours-within", "programme-length")
USUAL_MINUTES = 45


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule. Which of the numbers it has depends on its kind."""

    id: str
    kind: Kind
    texts: Texts
    source: str
    url: str | None
    valid_from: date
    valid_until: date | None
    """The last day; None without an end."""
    is_verified: bool
    """Whether somebody has compared it with the text of the act."""
    minutes: int | None = None
    """Of *academic-hour*: its length."""
    hours: int | None = None
    """Of *hours-a-year* and *hours-within*: academic hours that are owed."""
    months: int | None = None
    """Of *hours-within*: the span, back from any day."""
    lowest: int | None = None
    highest: int | None = None
    """Of *programme-length*, in academic hours; None without a limit."""

    def holds_on(self, day: date) -> bool:
        """Whether it is in force."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, kw_only=True)
class Pack:
    """The rules of one country."""

    country: str
    """ISO 3166-1 alpha-2."""
    titles: Texts
    rules: tuple[Rule, ...]

    def on(self, day: date) -> tuple[Rule, ...]:
        """The rules in force on a day."""
        return tuple(rule for rule in self.rules if rule.holds_on(day))

    def minutes_on(self, day: date) -> int:
        """The length of an academic hour on a day."""
        named = (rule.minutes for rule in self.on(day) if rule.kind == "academic-hour")
        return next((minutes for minutes in named if minutes), USUAL_MINUTES)


def read_packs(folder: Path, faults: Faults) -> tuple[Pack, ...]:
    """The packs in a folder of content; none where there is no such folder."""
    files = sorted((folder / FOLDER).glob("*.yaml")) if (folder / FOLDER).is_dir() else []
    return tuple(_pack(path, faults) for path in files)


def from_document(document: Mapping[str, Any]) -> Pack:
    """A pack as it was stored."""
    rules = tuple(
        Rule(**{**rule, "valid_from": _day(rule["valid_from"]), "valid_until": _day(rule["valid_until"])})
        for rule in document["rules"]
    )
    return Pack(country=document["country"], titles=document["titles"], rules=rules)


def _day(written: str | None) -> Any:
    return date.fromisoformat(written) if written else None


def _pack(path: Path, faults: Faults) -> Pack:
    read = read_mapping(path, faults)
    country = read.text("country")
    if country and country.lower() != path.stem:
        read.complain("country", f"must be the name of the file, {path.stem.upper()}")
    pack = Pack(
        country=country, titles=read.texts("titles"), rules=tuple(_rule(each) for each in read.mappings("rules"))
    )
    read.refuse_repeated("rules", [rule.id for rule in pack.rules])
    _refuse_two_hours_at_once(pack, read)
    read.close()
    return pack


def _rule(read: Read) -> Rule:
    kind: Any = read.choice("kind", KINDS)
    source = read.mapping("source")
    rule = Rule(
        id=read.text("id"),
        kind=kind,
        texts=read.texts("texts"),
        source=source.text("title"),
        url=source.text_or_none("url"),
        valid_from=_date(read, "valid_from") or date.min,
        valid_until=_date(read, "valid_until") if read.has("valid_until") else None,
        is_verified=read.flag("is_verified"),
        **_numbers(read, kind),
    )
    if rule.id and not NAME.fullmatch(rule.id):
        read.complain("id", "must be Latin letters, digits and hyphens")
    if rule.url and not rule.url.startswith(("https://", "http://")):
        read.complain("source", "url must begin with https:// or http://")
    if rule.is_verified and not rule.url:
        read.complain("is_verified", "a rule without an address of its source is not verified")
    if rule.valid_until and rule.valid_until < rule.valid_from:
        read.complain("valid_until", "must not be before valid_from")
    source.close()
    read.close()
    return rule


def _numbers(read: Read, kind: str) -> dict[str, int | None]:
    if kind == "academic-hour":
        return {"minutes": read.whole("minutes", lowest=20, highest=90)}
    if kind == "hours-a-year":
        return {"hours": read.whole("hours", lowest=1, highest=2000)}
    if kind == "hours-within":
        return {
            "hours": read.whole("hours", lowest=1, highest=2000),
            "months": read.whole("months", lowest=1, highest=240),
        }
    limits = {
        name: read.whole(name, lowest=1, highest=5000) if read.has(name) else None for name in ("lowest", "highest")
    }
    if None not in limits.values() and (limits["lowest"] or 0) > (limits["highest"] or 0):
        read.complain("highest", "must not be below lowest")
    return limits


def _date(read: Read, key: str) -> date | None:
    written = read.scalar(key)
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        read.complain(key, "must be a date, for example 2025-08-01")
        return None


def _refuse_two_hours_at_once(pack: Pack, read: Read) -> None:
    """On no day may an academic hour have two lengths."""
    hours = sorted((rule for rule in pack.rules if rule.kind == "academic-hour"), key=lambda rule: rule.valid_from)
    for earlier, later in pairwise(hours):
        if earlier.holds_on(later.valid_from):
            read.complain("rules", f"{earlier.id} and {later.id} hold on the same day")
