"""What an address asks for: words of its query become a scope, and a scope becomes a query again. Pure."""

from collections.abc import Mapping
from dataclasses import fields, replace

from courses.training import Scope

FILTERS = ("year", "region", "agency", "level", "gender", "module", "cohort")
LONGEST = 80


def scope_of(
    query: Mapping[str, str], organisations: frozenset[str] | None, *, academies: frozenset[str] | None = None
) -> Scope:
    """The scope that a query asks for, within these bureaus and academies. What is no filter of ours, or empty, asks for nothing."""
    given = {name: query.get(name, "").strip()[:LONGEST] for name in FILTERS}
    year = given.pop("year")
    wanted = {name: value for name, value in given.items() if value}
    asked_year = int(year) if year.isascii() and year.isdigit() else None
    scope = Scope(organisations=organisations, academies=academies, year=asked_year)
    return replace(scope, **wanted)  # type: ignore[arg-type]


def query_of(scope: Scope, **changed: str) -> dict[str, str]:
    """The filters of a scope for an address, with some changed."""
    names = {each.name for each in fields(scope)} & set(FILTERS)
    kept = {name: str(getattr(scope, name)) for name in FILTERS if name in names and getattr(scope, name) is not None}
    return {**kept, **{name: value for name, value in changed.items() if value}}
