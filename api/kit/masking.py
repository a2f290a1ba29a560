"""Callers' numbers as lists show them: country code and the last two digits. Pure."""

import phonenumbers

from routing.numbers import normalise_caller

HIDDEN = "•••"
"""Stands for the digits between, however many they are."""
SHOWN_DIGITS = 2


def masked_number(number: str) -> str:
    """Gives a number without what tells whose it is: `+380 ••• 34`.

    What is no complete number (an extension, a short number) is hidden whole.
    """
    known = normalise_caller(number)
    if known is None:
        return HIDDEN
    return f"{_country(known)}{HIDDEN} {known[-SHOWN_DIGITS:]}"


def _country(number: str) -> str:
    """Gives `+380 ` and the like; nothing for a code that no country has."""
    try:
        return f"+{phonenumbers.parse(number).country_code} "
    except phonenumbers.NumberParseException:
        return ""
