"""Reads ``visits/<slug>.yaml``: the programme of a study visit or a seminar, as files of authors.

A programme says days and times of the place, and no dates: an instructor holds it from a first day on
(:mod:`courses.events`). Hosts and speakers are roles; nobody is named in a file.
"""

import re
from collections.abc import Mapping as AnyMapping
from dataclasses import asdict, dataclass
from datetime import time
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from courses.assignment_reading import read_diary_task
from courses.authoring import SLUG, VISITS, ContentFaults
from courses.documents import task_from
from courses.file_reading import Faults
from courses.unit_reading import REVIEWS
from courses.written_task import Assignment, Texts
from courses.yaml_reading import NAME, Mapping, read_mapping
from lms.core.i18n import LANGUAGES

KINDS = ("visit", "seminar")
SESSION_KINDS = ("lecture", "field", "discussion", "practice", "ceremony", "travel")
HOUR_MINUTES = 45
"""An academic hour; a session cannot be given more of them than fit."""
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")

Kind = Literal["lecture", "field", "discussion", "practice", "ceremony", "travel"]


@dataclass(frozen=True, kw_only=True)
class PlannedSession:
    """One session of a day; times as ``09:30``, of the place."""

    begins: str
    ends: str
    kind: str
    hours: int
    title: Texts
    place: Texts
    host: Texts
    leader: Texts
    """A role; nobody by name."""


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day, and what to look for in it."""

    title: Texts
    look_for: Texts
    sessions: tuple[PlannedSession, ...]


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """One question of the diary, asked for each day."""

    id: str
    text: Texts


@dataclass(frozen=True, kw_only=True)
class DiaryMark:
    """How the whole diary is marked."""

    task: Assignment
    pass_percent: int
    days_after: int
    """Calendar days after the last day of the visit. Then what was submitted is handed in by itself."""


@dataclass(frozen=True, kw_only=True)
class Programme:
    """A study visit or a seminar of several days."""

    slug: str
    kind: str
    titles: Texts
    summary: Texts
    time_zone: str
    place: Texts
    days: tuple[Day, ...]
    diary: tuple[Prompt, ...]
    sources: tuple[Texts, ...]
    to_verify: tuple[Texts, ...]
    review: AnyMapping[str, str]
    diary_mark: DiaryMark | None = None
    """None where the diary is only read."""

    @property
    def hours(self) -> int:
        """Academic hours of all sessions."""
        return sum(session.hours for day in self.days for session in day.sessions)


def to_document(programme: Programme) -> dict[str, Any]:
    """The programme as plain JSON values."""
    return asdict(programme)


def from_document(document: AnyMapping[str, Any]) -> Programme:
    """The programme of a stored document."""
    values = dict(document)
    values["days"] = tuple(
        Day(**{**day, "sessions": tuple(PlannedSession(**one) for one in day["sessions"])}) for day in values["days"]
    )
    values["diary"] = tuple(Prompt(**prompt) for prompt in values["diary"])
    marked = values.get("diary_mark")
    values["diary_mark"] = DiaryMark(**{**marked, "task": task_from(marked["task"])}) if marked else None
    values["sources"], values["to_verify"] = tuple(values["sources"]), tuple(values["to_verify"])
    return Programme(**values)


def read_all(content: Path) -> dict[str, Programme]:
    """The programmes in the folder ``visits`` of the content, by slug.

    :raises ContentFaults: with every mistake in all of them.
    """
    faults = Faults(content)
    programmes = [_programme(path, faults) for path in sorted((content / VISITS).glob("*.yaml"))]
    if faults.found:
        raise ContentFaults(sorted(set(faults.found)))
    return {programme.slug: programme for programme in programmes}


def _programme(path: Path, faults: Faults) -> Programme:
    read = read_mapping(path, faults)
    named = {name: _named(read.mapping(name)) for name in ("places", "hosts", "leaders")}
    programme = Programme(
        slug=_slug(read, path),
        kind=read.choice("kind", KINDS),
        titles=read.texts("titles"),
        summary=read.texts("summary"),
        time_zone=_time_zone(read),
        place=read.texts("place"),
        days=tuple(_day(day, named) for day in read.mappings("days")),
        diary=tuple(_prompt(prompt) for prompt in read.mappings("diary")),
        sources=tuple(source.all_languages() for source in read.mappings("sources")),
        to_verify=tuple(open_one.all_languages() for open_one in read.mappings("to_verify")),
        review=_review(read.mapping("review")),
        diary_mark=_diary_mark(read.mapping("diary_mark")) if read.has("diary_mark") else None,
    )
    if programme.diary_mark and not programme.diary:
        read.complain("diary_mark", "there is no diary to mark")
    if not programme.days:
        read.complain("days", "there must be at least one day")
    read.refuse_repeated("diary", [prompt.id for prompt in programme.diary])
    read.close()
    return programme


def _slug(read: Mapping, path: Path) -> str:
    slug = read.text("slug")
    if slug and not SLUG.fullmatch(slug):
        read.complain("slug", "must be small Latin letters, digits and hyphens")
    elif slug and slug != path.stem:
        read.complain("slug", f"must be the name of the file, {path.stem}")
    return slug


def _time_zone(read: Mapping) -> str:
    name = read.text("time_zone")
    try:
        ZoneInfo(name or "UTC")
    except (ValueError, OSError, KeyError):
        read.complain("time_zone", "must be the name of a time zone, such as Asia/Shanghai")
        return "UTC"
    return name or "UTC"


def _review(read: Mapping) -> dict[str, str]:
    states = {language: read.choice(language, REVIEWS) for language in LANGUAGES}
    read.close()
    return states


def _named(read: Mapping) -> dict[str, Texts]:
    """Texts that several sessions share, by the name that sessions use."""
    return {name: read.texts(name) for name in read.keys()}  # noqa: SIM118  not a dictionary


def _prompt(read: Mapping) -> Prompt:
    prompt = Prompt(id=read.text("id"), text=read.texts("text"))
    if prompt.id and not NAME.fullmatch(prompt.id):
        read.complain("id", "must be Latin letters, digits and hyphens")
    read.close()
    return prompt


def _diary_mark(read: Mapping) -> DiaryMark:
    mark = DiaryMark(
        task=read_diary_task(read),
        pass_percent=read.whole("pass_percent", lowest=1, highest=100),
        days_after=read.whole("days_after", lowest=1, highest=365),
    )
    read.close()
    return mark


def _day(read: Mapping, named: AnyMapping[str, dict[str, Texts]]) -> Day:
    sessions = tuple(_session(session, named) for session in read.mappings("sessions"))
    day = Day(title=read.texts("title"), look_for=read.texts("look_for"), sessions=sessions)
    if not sessions:
        read.complain("sessions", "there must be at least one session")
    for before, after in pairwise(sessions):
        if read.is_clean and after.begins < before.ends:
            read.complain("sessions", f"the session at {after.begins} begins before the one at {before.begins} ends")
    read.close()
    return day


def _session(read: Mapping, named: AnyMapping[str, dict[str, Texts]]) -> PlannedSession:
    session = PlannedSession(
        begins=_clock(read, "from"),
        ends=_clock(read, "to"),
        kind=read.choice("kind", SESSION_KINDS),
        hours=read.whole("hours", lowest=0, highest=12),
        title=read.texts("title"),
        place=_reference(read, "place", named["places"]),
        host=_reference(read, "host", named["hosts"]),
        leader=_reference(read, "leader", named["leaders"]),
    )
    if read.is_clean and minutes_of(session) < max(1, session.hours * HOUR_MINUTES):
        read.complain("hours", f"{session.hours} academic hours do not fit between {session.begins} and {session.ends}")
    read.close()
    return session


def minutes_of(session: PlannedSession) -> int:
    """How long a session lasts; below one if it ends before it begins."""
    begins, ends = time.fromisoformat(session.begins), time.fromisoformat(session.ends)
    return (ends.hour - begins.hour) * 60 + ends.minute - begins.minute


def _clock(read: Mapping, key: str) -> str:
    written = read.text(key)
    if written and not CLOCK.fullmatch(written):
        read.complain(key, 'must be a time such as "09:30", in quotes')
    return written if CLOCK.fullmatch(written) else "00:00"


def _reference(read: Mapping, key: str, known: AnyMapping[str, Texts]) -> Texts:
    name = read.text(key)
    if name and name not in known:
        read.complain(key, f"{name} is not among the {key}s above")
    return known.get(name, {})
