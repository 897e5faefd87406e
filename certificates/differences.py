"""Where does what is printed in a file differ from the file that was issued? Told by field, for people to see.

Pure. Both files were read by the same eyes (``certificates.page_text``), so what was only moved is no difference, and
no template has to be known. A picture over the page shows nothing here; the seal has told of it already.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, get_close_matches
from enum import StrEnum
from typing import Any

from certificates import numbering
from certificates.snapshot import Snapshot
from certificates.verdicts import Contents

MOST = 20
MOST_LINES = 500
"""Of a file; our own have some fifty."""


class Field(StrEnum):
    """What a reader compares."""

    NUMBER = "number"
    CODE = "code"
    HOLDER = "holder"
    ISSUER = "issuer"
    TITLES = "titles"
    SIGNER = "signer"
    RESULT = "result"
    COMPLETED_ON = "completed_on"
    ISSUED_ON = "issued_on"
    HOURS = "hours"
    ATTACHMENT = "attachment"
    OTHER = "other"


@dataclass(frozen=True)
class Difference:
    """One place where the file says something else."""

    field: Field
    printed: str | None
    """What the file says there; None if it says nothing like it."""
    registered: str | None
    """What was issued. None where the reader may not know, and for text that was added."""


def between(issued: Contents, found: Contents, snapshot: Snapshot, *, may_see: bool) -> tuple[Difference, ...]:
    """What was changed, left out or added.

    :param may_see: whether the reader may know what is printed on the certificate. The result is told to nobody here.
    """
    found = replace(found, lines=found.lines[:MOST_LINES])
    ours, theirs = _counted(issued.lines), _counted(found.lines)
    missing, added = ours - theirs, theirs - ours
    told = []
    for line, instead in _paired(issued.lines, found.lines, missing, added):
        field = _field_of(line, snapshot)
        told.append(Difference(field, instead, line if may_see and field is not Field.RESULT else None))
    told += [Difference(Field.OTHER, line, None) for line in added.elements()]
    told += [Difference(Field.ATTACHMENT, None, name) for name in _other_attachments(issued, found)]
    return tuple(sorted(told, key=lambda one: list(Field).index(one.field))[:MOST])


def contradicts(differences: Iterable[Difference]) -> bool:
    """Whether a fact of the register is among them, and not only the way it is put."""
    return any(one.field is not Field.OTHER for one in differences)


def mentioned_code(found: Contents) -> str | None:
    """A verification code that is printed in the file, if its check symbol is right."""
    for line in found.lines:
        for word in (line, line.rpartition("/")[2], *line.split()):
            code = numbering.normalise(word)
            if numbering.check(code):
                return code
    return None


def _counted(lines: Iterable[str]) -> Counter[str]:
    return Counter(lines)


def _paired(
    issued: Sequence[str], found: Sequence[str], missing: Counter[str], added: Counter[str]
) -> list[tuple[str, str | None]]:
    """Each missing text with the one that stands in its place, or is most like it; those are taken out of the added."""
    neighbours = _in_place_of(issued, found)
    pairs: list[tuple[str, str | None]] = []
    for line in missing.elements():
        near = [other for other in neighbours.get(line, ()) if added[other] > 0]
        likely = near or get_close_matches(line, list(added.elements()), n=1, cutoff=0.5)
        instead = likely[0] if likely else None
        if instead is not None:
            added[instead] -= 1
        pairs.append((line, instead))
    return pairs


def _in_place_of(issued: Sequence[str], found: Sequence[str]) -> dict[str, list[str]]:
    """What stands between the same neighbours."""
    places: dict[str, list[str]] = {}
    for kind, i, until_i, j, until_j in SequenceMatcher(None, issued, found, autojunk=False).get_opcodes():
        if kind == "replace" and until_i - i == until_j - j:
            for ours, theirs in zip(issued[i:until_i], found[j:until_j], strict=True):
                places.setdefault(ours, []).append(theirs)
    return places


def _field_of(line: str, snapshot: Snapshot) -> Field:
    for field, values in _values(snapshot):
        if any(value and (value in line or (len(line) > 3 and line in value)) for value in values):
            return field
    return Field.OTHER


def _values(snapshot: Snapshot) -> list[tuple[Field, list[str]]]:
    """What identifies each field, the surest first. Short numbers count only where they stand alone or with their sign."""
    signers: list[str] = [
        text for signer in snapshot.signers for text in (*signer.name.values(), *signer.post.values())
    ]
    issuers = [snapshot.issuer, *(other.issuer for other in snapshot.co_issuers)]
    result = (
        [] if snapshot.score_percent is None else [f"{snapshot.score_percent}{gap}%" for gap in ("", " ", "\u00a0")]
    )
    return [
        (Field.NUMBER, [snapshot.number]),
        (Field.CODE, [snapshot.code, numbering.shown(snapshot.code)]),
        (Field.HOLDER, list(snapshot.holder.values())),
        (Field.ISSUER, [name for issuer in issuers for name in issuer.names.values()]),
        (Field.TITLES, list(snapshot.titles.values())),
        (Field.SIGNER, signers),
        (Field.RESULT, result),
        (Field.COMPLETED_ON, _days(snapshot.completed_on)),
        (Field.ISSUED_ON, _days(snapshot.issued_on)),
        (Field.HOURS, [str(snapshot.hours)]),
    ]


def _days(day: Any) -> list[str]:
    return [
        f"{day:%d.%m.%Y}",
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}-жылдын {day.day}-",
    ]


def _other_attachments(issued: Contents, found: Contents) -> list[str]:
    ours, theirs = (
        {(attachment.name, attachment.data) for attachment in contents.attachments} for contents in (issued, found)
    )
    return sorted({name for name, _data in ours ^ theirs})
