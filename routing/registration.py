"""Registration numbers of detention reports: `00-261124-0001-7`. Pure; standard library only, as scripts need it too.

Source of the number (two digits; 00 is the api, others are nodes), local date, count of that day from 1, check digit.
All of them are digits, so that the number can be read out and keyed. The check digit is Damm's: it finds every wrong
digit and every pair of neighbours that were swapped.
"""

import re
from datetime import date

API_SOURCE = 0
"""Reports that are made by hand get their number from the api."""
LARGEST_SOURCE = 99
LARGEST_COUNT = 9_999

_NUMBER = re.compile(r"([0-9]{2})-([0-9]{6})-([0-9]{4})-([0-9])")
_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
"""Source: H. M. Damm, Total anti-symmetrische Quasigruppen, Marburg 2004: a quasigroup of order 10."""


def registration_number(source: int, day: date, count: int) -> str:
    """Gives the number with its check digit.

    Raises:
        ValueError: `source` or `count` does not fit into its digits.
    """
    if not 0 <= source <= LARGEST_SOURCE or not 1 <= count <= LARGEST_COUNT:
        raise ValueError(f"source {source} and count {count} do not fit into a registration number")
    digits = f"{source:02}{day:%y%m%d}{count:04}"
    return f"{digits[:2]}-{digits[2:8]}-{digits[8:]}-{check_digit(digits)}"


def check_digit(digits: str) -> str:
    """Gives the digit that makes `digits` a checked number."""
    state = 0
    for digit in digits:
        state = int(_DAMM[state][int(digit)])
    return str(state)


def source_of(number: str) -> int:
    """Gives who gave a number.

    Raises:
        ValueError: `number` is no registration number.
    """
    found = _NUMBER.fullmatch(number)
    if found is None:
        raise ValueError("not a registration number")
    return int(found[1])


def is_registration_number(text: str) -> bool:
    """Tells whether `text` is a number whose check digit fits."""
    found = _NUMBER.fullmatch(text)
    return found is not None and check_digit("".join(found.groups()[:3])) == found[4]
