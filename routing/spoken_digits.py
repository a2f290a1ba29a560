"""Numbers and addresses in words, one sign after the other, as callers write them down. Pure."""

from routing.languages import Language
from routing.numbers import UKRAINE

_DIGITS = {
    Language.UK: ("нуль", "один", "два", "три", "чотири", "п'ять", "шість", "сім", "вісім", "дев'ять"),
    Language.EN: ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
_PLUS = {Language.UK: "плюс", Language.EN: "plus"}
_SIGNS = {
    Language.UK: {"@": "собака", ".": "крапка", "-": "дефіс", "_": "нижня риска"},
    Language.EN: {"@": "at", ".": "dot", "-": "hyphen", "_": "underscore"},
}
_LETTERS_UK = {
    "a": "а", "b": "бе", "c": "це", "d": "де", "e": "е", "f": "еф", "g": "же", "h": "аш", "i": "і", "j": "йот",
    "k": "ка", "l": "ел", "m": "ем", "n": "ен", "o": "о", "p": "пе", "q": "ку", "r": "ер", "s": "ес", "t": "те",
    "u": "у", "v": "ве", "w": "дубль ве", "x": "ікс", "y": "ігрек", "z": "зет",
}  # fmt: skip
"""Names of the Latin letters, as they are spelt out in Ukrainian."""


def digit_word(digit: str, language: Language) -> str:
    """Gives one digit in words."""
    return _DIGITS[language][int(digit)]


def spelt_number(number: str, language: Language) -> str:
    """Gives a telephone number digit by digit: `плюс, три, вісім, нуль`; any other sign is left out."""
    words = [_PLUS[language]] if number.startswith("+") else []
    return ", ".join([*words, *(digit_word(each, language) for each in number if each.isdecimal())])


def spelt_email(email: str, language: Language) -> str:
    """Gives an e-mail address sign by sign; signs that nobody can be told are left out."""
    return ", ".join(word for sign in email.lower() if (word := _sign(sign, language)))


def international(number: str) -> str:
    """Gives a number as it is dialled from abroad: a Ukrainian national number with +380, any other as it is."""
    return UKRAINE + number.removeprefix("0") if number.startswith("0") else number


def _sign(sign: str, language: Language) -> str:
    if sign.isascii() and sign.isdecimal():
        return digit_word(sign, language)
    if sign in _LETTERS_UK:
        return _LETTERS_UK[sign] if language is Language.UK else sign.upper()
    return _SIGNS[language].get(sign, "")
