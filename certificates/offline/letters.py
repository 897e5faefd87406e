"""Text in few bytes: one for each letter of Kyrgyz, Russian and English, two for each hanzi. Pure.

UTF-8 would take two bytes for each Cyrillic letter, and compression finds nothing to repeat in a name. The table never
changes: it is read from paper for decades. ``certificates/static/offline.js`` has the same one.
"""

SINGLE = (
    "".join(map(chr, range(ord("А"), ord("я") + 1)))
    + "ЁёҢңӨөҮүІіӘәҒғҚқҰұҺһЎўҲҳҶҷӢӣӮӯҖҗ"
    + "«»—–№’“”·…"
    + "ÄäÇçŽžŇňÖöÜüÝýŞş"
)
"""The letters of the bytes from 128 upwards; below stands ASCII."""
_FIRST, _RUN = 0x80, 0xFE
"""After ``_RUN`` come a number and as many units of UTF-16."""
_LONGEST_RUN = 255
_BYTES = {letter: _FIRST + place for place, letter in enumerate(SINGLE)}
_LETTERS = {byte: letter for letter, byte in _BYTES.items()}


def packed(text: str) -> bytes:
    """The text in bytes."""
    out, run = bytearray(), bytearray()
    for character in text:
        byte = ord(character) if ord(character) < _FIRST else _BYTES.get(character)
        if byte is None:
            run += character.encode("utf-16-be")
        else:
            _end_run(out, run)
            out.append(byte)
    _end_run(out, run)
    return bytes(out)


def unpacked(data: bytes) -> str:
    """:raises ValueError: for bytes that :func:`packed` does not write."""
    text, at = "", 0
    while at < len(data):
        byte = data[at]
        at += 1
        if byte < _FIRST:
            text += chr(byte)
        elif byte != _RUN:
            if byte not in _LETTERS:
                raise ValueError("no letter has this byte")
            text += _LETTERS[byte]
        else:
            end = at + 1 + 2 * (data[at] if at < len(data) else 0)
            if not at + 1 < end <= len(data):
                raise ValueError("a run of letters is cut off")
            text += data[at + 1 : end].decode("utf-16-be")
            at = end
    return text


def _end_run(out: bytearray, run: bytearray) -> None:
    while run:
        part = run[: 2 * _LONGEST_RUN]
        if (
            len(part) > 2 and 0xD8 <= part[-2] <= 0xDB and len(run) > len(part)
        ):  # never between two halves of a character
            part = part[:-2]
        out += bytes([_RUN, len(part) // 2]) + part
        del run[: len(part)]
