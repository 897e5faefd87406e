"""What staff can open: each room enters its pages when it is assembled, and everybody sees what their roles open."""

from dataclasses import dataclass
from typing import Literal

from lms.core.errors import Sentence
from lms.core.i18n import _l
from lms.signin.rights import Staff
from lms.signin.roles import Role

Section = Literal["administration", "bureau"]

SECTIONS: dict[Section, Sentence] = {"administration": _l("Administration"), "bureau": _l("Bureau")}


@dataclass(frozen=True)
class Entry:
    """One page in the menu."""

    endpoint: str
    label: Sentence
    roles: tuple[Role, ...]
    section: Section


_entries: dict[str, Entry] = {}


def entry(endpoint: str, label: Sentence, *, roles: tuple[Role, ...], section: Section = "administration") -> None:
    """Enter a page; without roles it is for every member of staff. Entering it again changes nothing."""
    _entries[endpoint] = Entry(endpoint, label, roles, section)


def shown_to(staff: Staff) -> list[tuple[Sentence, list[Entry]]]:
    """The sections that this person may open anything of, with their entries, in the order of entering."""
    opened = [each for each in _entries.values() if not each.roles or staff.holds(*each.roles)]
    parts = [(title, [each for each in opened if each.section == section]) for section, title in SECTIONS.items()]
    return [(title, entries) for title, entries in parts if entries]
