"""Two ways through a module: the whole of it, and the short way of the 36-hour programme for the reserve. Pure.

A track is a module with some of its units. Everything that asks an outline - rules, the path, hours, results - asks that
of the track, and needs to know no more about tracks (docs/adr/0033).
"""

from dataclasses import replace

from courses.outline import ModuleOutline, Texts

WHOLE, RESERVE = "whole", "reserve"
TRACKS = (WHOLE, RESERVE)

_SHORT: Texts = {
    "ky": "Кадрлар резерви үчүн кыскача курс",
    "ru": "Краткий курс для кадрового резерва",
    "zh": "后备干部短期课程",
    "en": "Short course for the personnel reserve",
}
_JOINED: Texts = {
    "ky": "{module}. {track}",
    "ru": "{module}. {track}",
    "zh": "{module}：{track}",
    "en": "{module}. {track}",
}


def is_offered(outline: ModuleOutline, track: str) -> bool:
    """Whether the module can be taken so now. A short way that leaves nothing out is none."""
    if track == WHOLE:
        return True
    short = [unit for unit in outline.units if unit.is_reserve_track]
    return track == RESERVE and any(unit.is_published for unit in short) and len(short) < len(outline.units)


def outline_of(outline: ModuleOutline, track: str) -> ModuleOutline:
    """The module as this track has it: its units and their hours. The written task belongs to either."""
    if track == WHOLE:
        return outline
    units = tuple(unit for unit in outline.units if unit.is_reserve_track)
    whole = outline.pass_rule
    asked = replace(whole, attendance_hours=whole.reserve_attendance_hours, diary_percent=whole.reserve_diary_percent)
    return replace(outline, units=units, hours=sum(unit.hours for unit in units), pass_rule=asked)


def titles_of(outline: ModuleOutline, track: str) -> Texts:
    """What is completed, as a certificate names it."""
    if track == WHOLE:
        return outline.titles
    return {
        language: _JOINED[language].format(module=title, track=_SHORT[language])
        for language, title in outline.titles.items()
    }


def title_of(track: str) -> Texts:
    """What the track is called; empty for the whole module, which is simply the module."""
    return _SHORT if track == RESERVE else dict.fromkeys(_SHORT, "")


def address(slug: str, track: str) -> str:
    """How a module taken so is named in addresses. No slug has a dot."""
    return slug if track == WHOLE else f"{slug}.{track}"
