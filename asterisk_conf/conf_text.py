r"""The one place that makes text safe for Asterisk's .conf files; the templates' filters.

A newline, `;` or NUL inside a value changes a .conf file; `$`, `,` and parentheses change a dialplan line. Values
that hold one are refused, never mended in silence. Whatever a template prints goes through `finalize`, so that a
forgotten filter is an error too. `;` is possible in one form only, `\;`, which `payload` makes.
Source: main/config.c (process_text_line, comments), main/pbx_variables.c, main/app.c (arguments of applications).
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import PurePath

from jinja2 import Environment, PackageLoader, StrictUndefined, Undefined

from asterisk_conf.payload import encode_value

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_BARE_SEMICOLON = re.compile(r"(?<!\\);")
_SECTION = re.compile(r"[A-Za-z0-9/][A-Za-z0-9/._-]*")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_WORD = re.compile(r"[A-Za-z0-9/+_.:*#-]+")


class ConfTextError(ValueError):
    """A value cannot stand in a .conf file."""


def conf_value(value: object) -> str:
    """Gives a value for the right side of `key = value`.

    Raises:
        ConfTextError: It holds a control character or `;`, or begins or ends with a space.
    """
    text = _text(value)
    if ";" in text or text != text.strip():
        raise ConfTextError(f"not possible in a .conf file: {text[:60]!r}")
    return text


def section_name(value: object) -> str:
    """Gives a name that stands between `[` and `]`: letters, digits, `/`, `.`, `_` and `-`.

    Raises:
        ConfTextError: It holds anything else.
    """
    return _matching(_SECTION, value, "a section of a .conf file")


def dialplan_word(value: object) -> str:
    """Gives a literal for the dialplan: one extension, or one argument of an application.

    Raises:
        ConfTextError: It holds more than letters, digits and `/+_.:*#-`.
    """
    return _matching(_WORD, value, "a word of the dialplan")


def payload_value(value: object) -> str:
    """Gives a literal as a value of a payload: percent-encoded, safe in the dialplan too.

    Raises:
        ConfTextError: It holds a control character.
    """
    return encode_value(_text(value))


def payload(fields: Mapping[str, str]) -> str:
    r"""Gives `key=value\;key=value` for the dialplan; values are literals or expressions such as `${NAME}`.

    The expressions' own values are the business of whoever sets them: they hold percent-encoded text.

    Raises:
        ConfTextError: A part holds `;`, a comma or a control character.
    """
    for part in (*fields, *fields.values()):
        if "," in part or ";" in part:
            raise ConfTextError(f"not possible in a payload: {part[:60]!r}")
    return r"\;".join(f"{key}={_text(value)}" for key, value in fields.items())


def value_of(variable: object) -> str:
    """Gives the expression that stands for a channel variable's value: `${NAME}`.

    Raises:
        ConfTextError: It is no name of a variable.
    """
    return f"${{{_matching(_VARIABLE, variable, 'a channel variable')}}}"


def finalize(value: object) -> str:
    r"""Guards whatever a template prints.

    Raises:
        ConfTextError: It is no text or number, or holds a control character, or a `;` that is not written `\;`.
        jinja2.UndefinedError: The template names something that is not there.
    """
    text = _text(value)
    if _BARE_SEMICOLON.search(text):
        raise ConfTextError(f"a bare `;` would end the line: {text[:60]!r}")
    return text


def environment() -> Environment:
    """Gives the templates' environment, with the functions of this module as filters."""
    made = Environment(  # noqa: S701  .conf text is no HTML; `finalize` is the guard
        loader=PackageLoader("asterisk_conf"),
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(
        conf_value=conf_value,
        section_name=section_name,
        dialplan_word=dialplan_word,
        payload_value=payload_value,
        payload=payload,
        of=value_of,
    )
    return made


def _text(value: object) -> str:
    match value:
        case bool() | None:
            raise ConfTextError(f"neither text nor a number: {value!r}")
        case StrEnum():
            text = value.value
        case str() | int() | PurePath() | Undefined():
            text = str(value)  # of Undefined: jinja2's own error, which names what is missing
        case _:
            raise ConfTextError(f"neither text nor a number: {type(value).__name__}")
    if _CONTROL.search(text):
        raise ConfTextError(f"a control character in {text[:60]!r}")
    return text


def _matching(pattern: re.Pattern[str], value: object, what: str) -> str:
    text = _text(value)
    if not pattern.fullmatch(text):
        raise ConfTextError(f"not {what}: {text[:60]!r}")
    return text
