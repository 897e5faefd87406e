"""Names that may be the same, as a hint for a human, never as an answer. Pure.

Кыргызча Жээнбек, Dzheenbek and Jeenbek are one name; a skeleton keeps what spellings have in common. It is no
transliteration and is printed nowhere.
"""

from collections.abc import Mapping
from unicodedata import combining, normalize

_CYRILLIC = {
    **dict(zip("абвгдезийклмнопрстуф", "abvgdeziiklmnoprstuf", strict=True)),
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "sh",
    "ж": "j",
    "ю": "iu",
    "я": "ia",
    "ё": "e",
    "ы": "i",
    "э": "e",
    "ң": "ng",
    "ө": "o",
    "ү": "u",
    "қ": "k",
    "ғ": "g",
    "ҳ": "h",
    "ў": "u",
    "ӣ": "i",
    "ӯ": "u",
    "ҷ": "j",
    "ь": "",
    "ъ": "",
    "ә": "a",
    "ұ": "u",
    "һ": "h",
    "і": "i",
    "х": "h",
}
_LATIN = (("dzh", "j"), ("zh", "j"), ("kh", "h"), ("gh", "g"), ("y", "i"), ("ʼ", ""), ("ʻ", ""), ("'", ""), ("·", ""))
_PARTICLES = frozenset({"uulu", "kizi", "ogli", "ugli"})


def skeleton(word: str) -> str:
    """What all spellings of a word have in common: doubled letters once, one letter for one sound."""
    text = "".join(_CYRILLIC.get(letter, letter) for letter in word.casefold())
    text = "".join(letter for letter in normalize("NFD", text) if not combining(letter))
    for said, kept in _LATIN:
        text = text.replace(said, kept)
    text = text.replace("dj", "j")
    return "".join(letter for place, letter in enumerate(text) if letter != text[place - 1 : place])


def words_of(name: str) -> frozenset[str]:
    """Skeletons of the words of a name, without particles."""
    return frozenset(skeleton(word) for word in name.replace("-", " ").split()) - _PARTICLES - {""}


def likeness(one: frozenset[str], other: frozenset[str]) -> int:
    """Words in common, in percent of the shorter name: a patronymic stands in one document and not in another."""
    return round(100 * len(one & other) / min(len(one), len(other))) if one and other else 0


def alike(name: str, known: Mapping[str, frozenset[str]], *, least: int = 50, most: int = 5) -> list[tuple[str, int]]:
    """Keys of the names that are most alike, with the likeness in percent, best first."""
    words = words_of(name)
    found = [(key, likeness(words, other)) for key, other in known.items() if words & other]
    return sorted((pair for pair in found if pair[1] >= least), key=lambda pair: (-pair[1], pair[0]))[:most]
