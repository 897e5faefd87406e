"""Names in the order of an alphabet: Ң stands after Н, Ө after О, Ү after У. By their code points they would stand behind Я.

One order for all languages, so that a list does not change with its reader: the root of CLDR
(https://cldr.unicode.org/index/cldr-spec/collation-guidelines), as far as the scripts of names need it. Letters that differ by a
mark only, as Е and Ё or U and Ü, stand together.
"""

from unicodedata import normalize

_LAST = "\uffff"
_FOLLOWERS = {
    "а": "ә",
    "г": "ғ",
    "и": "і",
    "к": "қ",
    "н": "ң",
    "о": "ө",
    "у": "үұ",
    "х": "ҳһ",
    "ч": "ҷ",
}
"""Letters of their own, which follow another one."""
_MARKED = (chr(code) for code in (*range(0x00E0, 0x0250), *range(0x0430, 0x0530)) if chr(code) != "й")
_PLACES = {ord(letter): normalize("NFD", letter)[0] for letter in _MARKED} | {
    ord(follower): letter + _LAST * number
    for letter, followers in _FOLLOWERS.items()
    for number, follower in enumerate(followers, 1)
}


def place(name: str | None) -> tuple[bool, str, str]:
    """What names are sorted by; nobody's name comes last."""
    return not name, (name or "").casefold().translate(_PLACES), name or ""
