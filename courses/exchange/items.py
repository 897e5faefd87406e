"""What a reader finds in a file: one entry for each item, with a draft of a question or the reason why there is none."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import sha256

from courses.exchange.wording import REMARKS, Refused
from courses.outline import QuestionType

MOST_ITEMS = 2000


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer that can be chosen."""

    text: str
    is_correct: bool
    feedback: str = ""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A question in one language. Which of the last fields are filled depends on its type."""

    type: QuestionType
    text: str
    explanation: str = ""
    options: tuple[Choice, ...] = ()
    answer: Decimal | None = None
    tolerance: Decimal = Decimal(0)
    unit: str | None = None
    items: tuple[str, ...] = ()
    """In the right order."""
    pairs: tuple[tuple[str, str], ...] = ()
    accepted: tuple[str, ...] = ()
    is_truth: bool = False
    """Whether something is true: its options are named by us, in every language."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One item of a file: taken, taken with remarks, or refused."""

    place: str
    """Where it stands, as an author finds it: ``line 12``, ``question 3``, ``row 5``, the name of a file."""
    name: str
    key: str
    """Names the item in its system, also after a new export of it."""
    draft: Draft | None = None
    remarks: tuple[str, ...] = ()
    """Codes of :data:`courses.exchange.wording.REMARKS`."""
    refusal: Refused | None = None

    @property
    def said(self) -> list[str]:
        """The sentences of a report."""
        return [self.refusal.sentence] if self.refusal else [REMARKS[code] for code in self.remarks]


@dataclass
class Remarks:
    """What is noted while one item is read, each thing once."""

    codes: list[str] = field(default_factory=list)

    def add(self, code: str) -> None:
        """Note something that an author has to look at."""
        if code not in self.codes:
            self.codes.append(code)


def found(place: str, name: str, own_key: str, read: Callable[[Remarks], Draft]) -> Found:
    """Read one item; a broken one does not stop the others.

    :param own_key: the identifier that its system gave it; empty if there is none.
    """
    remarks = Remarks()
    shown = "".join(sign if sign.isprintable() else "�" for sign in " ".join(name.split()))[:80]
    try:
        draft = read(remarks)
    except Refused as refusal:
        return Found(place=place, name=shown, key=own_key, refusal=refusal)
    return Found(
        place=place, name=shown or draft.text[:80], key=own_key or shown, draft=draft, remarks=tuple(remarks.codes)
    )


def refused(place: str, name: str, code: str, **facts: object) -> Found:
    """An entry for what could not even be begun."""
    return Found(place=place, name=name[:80], key="", refusal=Refused(code, **facts))


def distinct(entries: Iterable[Found]) -> list[Found]:
    """The same entries, each with a key of its own; what stands there twice is refused the second time."""
    listed = list(_limited(entries))
    shared = Counter(entry.key for entry in listed if entry.draft)
    seen: set[Draft] = set()
    return [_keyed(entry, seen, is_shared=shared[entry.key] > 1 or not entry.key) for entry in listed]


def _limited(entries: Iterable[Found]) -> Iterator[Found]:
    for number, entry in enumerate(entries):
        if number == MOST_ITEMS:
            yield refused(entry.place, entry.name, "too-many", most=MOST_ITEMS)
            return
        yield entry


def _keyed(entry: Found, seen: set[Draft], *, is_shared: bool) -> Found:
    if entry.draft is None:
        return entry
    if entry.draft in seen:
        return replace(entry, draft=None, remarks=(), refusal=Refused("twice"))
    seen.add(entry.draft)
    if not is_shared:
        return entry
    told = (*entry.remarks, "same-key") if entry.key else entry.remarks
    return replace(entry, key=f"{entry.key}\n{_digest(entry.draft)}", remarks=told)


def _digest(draft: Draft) -> str:
    return sha256(repr(draft).encode("utf-8", "replace")).hexdigest()
