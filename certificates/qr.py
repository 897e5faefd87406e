"""QR codes with a fixed mask, ten times as fast as the library that we check them against (segno).

A certificate carries two, and a cohort thousands: drawing module by module in Python would take longer than all the rest
of a page. Here a code is one long number: the mask is laid over it at once, remainders are looked up by byte, and modules
go to their places by one table for each size. Sizes, blocks and the patterns around come from segno. Numbers of clauses are those of ISO/IEC 18004:2015.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

import segno.consts
import segno.encoder

consts: Any = segno.consts
encoder: Any = segno.encoder
"""Their names have no useful types."""
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_MODES = {"numeric": consts.MODE_NUMERIC, "alphanumeric": consts.MODE_ALPHANUMERIC, "byte": consts.MODE_BYTE}
_LEVELS = {"m": consts.ERROR_LEVEL_M, "q": consts.ERROR_LEVEL_Q}
MASK = 3
"""Choosing the best of eight takes four times as long, and readers do not care."""


@dataclass(frozen=True)
class Segment:
    """A part of what a code says, in the mode that takes the least room."""

    mode: str
    text: str

    @classmethod
    def of(cls, text: str) -> "Segment":
        """In the narrowest mode that has all its characters."""
        if text.isascii() and text.isdigit():
            return cls("numeric", text)
        return cls("alphanumeric" if set(text) <= set(_ALPHANUMERIC) else "byte", text)


@dataclass(frozen=True)
class Code:
    """Modules row by row, ``0`` for light and ``1`` for dark."""

    version: int
    rows: tuple[str, ...]


def code(segments: Sequence[Segment], *, level: str) -> Code:
    """The smallest code that holds the segments.

    :param level: how much may be lost: ``m`` for 15 %, ``q`` for 25 %.
    :raises ValueError: for more than the largest code holds.
    """
    written = [(_MODES[part.mode], *_WRITERS[part.mode](part.text)) for part in segments]
    for first, last in ((1, 9), (10, 26), (27, 40)):
        bits = "".join(f"{mode:04b}{count:0{_count_width(mode, first)}b}{content}" for mode, count, content in written)
        for version in range(first, last + 1):
            if len(bits) <= consts.SYMBOL_CAPACITY[version][_LEVELS[level]]:
                return Code(version, _form(version, _LEVELS[level]).filled(bits))
    raise ValueError("too much for a QR code")


def _count_width(mode: int, version: int) -> int:
    """Digits of the number of characters (table 3)."""
    width: int = consts.CHAR_COUNT_INDICATOR_LENGTH[mode][encoder.version_range(version)]
    return width


def _numeric(text: str) -> tuple[int, str]:
    """7.4.3: ten bits for three digits."""
    groups = (text[at : at + 3] for at in range(0, len(text), 3))
    return len(text), "".join(f"{int(group):0{3 * len(group) + 1}b}" for group in groups)


def _alphanumeric(text: str) -> tuple[int, str]:
    """7.4.4: eleven bits for two characters."""
    places = [_ALPHANUMERIC.index(character) for character in text]
    pairs = (places[at : at + 2] for at in range(0, len(places), 2))
    return len(text), "".join(f"{45 * pair[0] + pair[1]:011b}" if pair[1:] else f"{pair[0]:06b}" for pair in pairs)


def _bytes(text: str) -> tuple[int, str]:
    data = text.encode()
    return len(data), "".join(f"{byte:08b}" for byte in data)


_WRITERS: dict[str, Callable[[str], tuple[int, str]]] = {
    "numeric": _numeric,
    "alphanumeric": _alphanumeric,
    "byte": _bytes,
}


class _Form:
    """Everything of a size and level that does not depend on what the code says."""

    def __init__(self, version: int, level: int) -> None:
        self._capacity = consts.SYMBOL_CAPACITY[version][level]
        self._blocks = consts.ECC[version][level]
        self._side = encoder.calc_matrix_size(version)
        matrix, free = _patterns(self._side)
        masked = encoder.get_data_mask_functions(False)[MASK]
        cells = list(_in_order(self._side, free))
        self._mask = int("".join("1" if masked(*cell) else "0" for cell in cells), 2)
        self._bits = len(cells)
        encoder.add_format_info(matrix, version, level, MASK)
        encoder.add_version_info(matrix, version)
        place = {cell: at for at, cell in enumerate(cells)}
        around = self._bits  # behind the message stand one light and one dark module
        self._pick = itemgetter(
            *(
                place[i, j] if (i, j) in place else around + matrix[i][j]
                for i in range(self._side)
                for j in range(self._side)
            )
        )

    def filled(self, bits: str) -> tuple[str, ...]:
        """The rows with this message."""
        message = self._protected(self._padded(bits))
        masked = (int.from_bytes(message, "big") << (self._bits - 8 * len(message))) ^ self._mask
        modules = "".join(self._pick(f"{masked:0{self._bits}b}01"))
        return tuple(modules[at : at + self._side] for at in range(0, len(modules), self._side))

    def _padded(self, bits: str) -> bytes:
        """7.4.9 and 7.4.10: an end of four zeros, whole bytes, then two bytes by turns.

        Where the bytes are whole already, segno adds one of zeros. No reader cares, and what was printed can be printed again.
        """
        bits += "0" * min(4, self._capacity - len(bits))
        bits = (bits + "0" * (8 - len(bits) % 8))[: self._capacity]
        data = int(bits, 2).to_bytes(len(bits) // 8, "big")
        length: int = self._capacity // 8
        return data + (b"\xec\x11" * length)[: length - len(data)]

    def _protected(self, data: bytes) -> bytes:
        """7.6: blocks with their remainders, byte by byte in turn; shorter blocks have their turn fewer times."""
        blocks, remainders, start = [], [], 0
        for group in self._blocks:
            for _block in range(group.num_blocks):
                block = data[start : start + group.num_data]
                start += group.num_data
                blocks.append(block)
                remainders.append(_remainder(block, group.num_total - group.num_data))
        longest = max(map(len, blocks))
        told = bytes(block[at] for at in range(longest) for block in blocks if at < len(block))
        return told + bytes(byte for turn in zip(*remainders, strict=True) for byte in turn)


@cache
def _form(version: int, level: int) -> _Form:
    return _Form(version, level)


def _patterns(side: int) -> tuple[Any, set[tuple[int, int]]]:
    """The matrix with all that is the same in every code of this size, and the cells that are left for the message."""
    matrix = encoder.make_matrix(side, side)
    encoder.add_finder_patterns(matrix, side, side)
    encoder.add_alignment_patterns(matrix, side, side)
    empty = 2
    return matrix, {(i, j) for i in range(side) for j in range(side) if matrix[i][j] == empty}


def _in_order(side: int, free: set[tuple[int, int]]) -> Any:
    """7.7.3: two columns at a time from the right, upwards and downwards by turns; the sixth column is left out."""
    upwards = True
    for right in (*range(side - 1, 6, -2), 5, 3, 1):
        for down in range(side):
            i = side - 1 - down if upwards else down
            yield from ((i, j) for j in (right, right - 1) if (i, j) in free)
        upwards = not upwards


def _remainder(block: bytes, length: int) -> bytes:
    """7.5.2: of the division by the generator, in the field of 256 elements."""
    products, register, top = _products(length), 0, 8 * (length - 1)
    rest = (1 << top) - 1
    for byte in block:
        register = ((register & rest) << 8) ^ products[byte ^ (register >> top)]
    return register.to_bytes(length, "big")


@cache
def _products(length: int) -> tuple[int, ...]:
    """The generator of this many remainders, multiplied by each byte."""
    generator = [consts.GALIOS_EXP[power] for power in consts.GEN_POLY[length]]
    return tuple(int.from_bytes(bytes(_times(byte, factor) for factor in generator), "big") for byte in range(256))


def _times(one: int, other: int) -> int:
    if not one or not other:
        return 0
    product: int = consts.GALIOS_EXP[consts.GALIOS_LOG[one] + consts.GALIOS_LOG[other]]
    return product
