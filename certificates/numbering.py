"""The two names of a certificate: the register number, which anyone may know, and the code, which opens its record.

The code is 12 random symbols of Crockford's Base32 (60 bits) and a check symbol by ISO/IEC 7064 MOD 37,36, which
catches every mistyped symbol and nearly every swapped pair.
"""

import secrets

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALPHABET_37_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_RANDOM_SYMBOLS = 12

# People type codes with a Cyrillic keyboard layout switched on, or copy them from a document by eye.
_LOOK_ALIKES = str.maketrans("АВЕКМНОРСТХУІ" + "OIL", "ABEKMH0PCTXY1" + "011")


def new_code() -> str:
    """A code that nobody can guess, e.g. ``7Q4MX2DN9TVCH``. It says nothing about whom it belongs to."""
    while True:
        symbols = "".join(secrets.choice(CROCKFORD) for _ in range(_RANDOM_SYMBOLS))
        check_symbol = _check_symbol(symbols)
        # The check symbol comes from 36 letters and digits; I, L, O and U are not ours to print.
        if check_symbol in CROCKFORD:
            return symbols + check_symbol


def check(code: str) -> bool:
    """Whether this is a well-formed code: 13 symbols of ours, the last agreeing with the others."""
    if len(code) != _RANDOM_SYMBOLS + 1 or not set(code) <= set(CROCKFORD):
        return False
    return _check_symbol(code[:-1]) == code[-1]


def normalise(typed: str) -> str:
    """The code as it was meant: without hyphens and spaces, in Latin capitals, I and L read as 1, O as 0."""
    joined = "".join(symbol for symbol in typed.upper() if symbol.isalnum())
    return joined.translate(_LOOK_ALIKES)


def shown(code: str) -> str:
    """The code in groups of four, as it is printed: ``7Q4M-X2DN-9TVC-H``."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def register_number(year: int, country: str, series: str, n: int) -> str:
    """The number in the register, e.g. ``2026-KG-PM000123``; ``n`` counts from 1 within year, country and series."""
    return f"{year}-{country}-{series}{n:06d}"


def series_of(number: str) -> str:
    """The series of a register number: ``PM`` of ``2026-KG-PM000123``."""
    return number.rpartition("-")[2].rstrip("0123456789")


def place_of(number: str) -> tuple[str, int, str, int]:
    """Country, year, series and place of a register number, as its counter knows them."""
    year, country, last = number.split("-")
    series = series_of(number)
    return country, int(year), series, int(last.removeprefix(series))


def _check_symbol(symbols: str) -> str:
    """ISO/IEC 7064:2003, hybrid system MOD 37,36."""
    product = 36
    for symbol in symbols:
        product = (product + _ALPHABET_37_36.index(symbol)) % 36 or 36
        product = product * 2 % 37
    return _ALPHABET_37_36[(1 - product) % 36]
