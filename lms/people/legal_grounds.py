"""Grounds in law on which a request of a person may be refused: data with the article and whether a lawyer has confirmed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).parent / "legal_grounds.yaml"


@dataclass(frozen=True, kw_only=True)
class Ground:
    """One ground."""

    code: str
    kinds: frozenset[str]
    """Of requests that may be refused on it."""
    articles: Mapping[str, str]
    """Law and article, by language."""
    is_verified: bool
    """Whether a lawyer has read the article for this use."""
    texts: Mapping[str, str]
    """By language, for the person."""


@cache
def known() -> Mapping[str, Ground]:
    """All grounds by code, in the order of the file."""
    written = yaml.safe_load(FILE.read_text("utf-8"))
    return {
        each["code"]: Ground(
            code=each["code"],
            kinds=frozenset(each["kinds"]),
            articles=written["laws"][each["law"]],
            is_verified=each["verified"],
            texts=each["texts"],
        )
        for each in written["grounds"]
    }


def of_kind(kind: str) -> list[Ground]:
    """Grounds on which a request of this kind may be refused."""
    return [ground for ground in known().values() if kind in ground.kinds]


def allows(code: str | None, kind: str) -> bool:
    """Whether a request of this kind may be refused on this ground."""
    ground = known().get(code or "")
    return ground is not None and kind in ground.kinds
