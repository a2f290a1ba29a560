"""Text that survives channel variables, dialplan arguments, CEL's JSON and queue_log unharmed.

A payload is `key=value;key=value` with values percent-encoded to `[A-Za-z0-9._:%+-]`. Why: Asterisk escapes neither
newlines nor backslashes in CEL's JSON, and a quote, comma or `;` would end an argument. Standard library only.
"""

import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

from routing.reasons import Reason

SAFE_CHARACTERS = "._:+-"
VARIABLE_LIMIT_CHARS = 3_000
"""Asterisk expands a variable through a buffer of 4,096 bytes (VAR_BUF_SIZE in main/pbx_variables.c)."""


class PayloadError(ValueError):
    """Text is not a payload."""


def encode_value(value: str) -> str:
    """Gives `value` percent-encoded to the safe characters."""
    return quote(value, safe=SAFE_CHARACTERS)


def encode_payload(fields: Mapping[str, str | int | None]) -> str:
    """Gives `key=value;…` of all fields that are not None."""
    return ";".join(f"{key}={encode_value(str(value))}" for key, value in fields.items() if value is not None)


def decode_payload(text: str) -> dict[str, str]:
    """Gives the fields of a payload; an empty value stays an empty text.

    Raises:
        PayloadError: A part has no `=`, or a key stands twice.
    """
    fields: dict[str, str] = {}
    for part in filter(None, text.split(";")):
        key, equals, value = part.partition("=")
        if not equals or key in fields:
            raise PayloadError(f"not a payload part: {part[:80]!r}")
        fields[key] = unquote(value, errors="replace")
    return fields


def encode_reasons(reasons: Iterable[Reason]) -> str:
    """Gives the trail of reasons as one value, at most `VARIABLE_LIMIT_CHARS` long (the last are cut off)."""
    rows = [[reason.code, dict(reason.details)] for reason in reasons]
    while True:
        text = encode_value(json.dumps(rows, ensure_ascii=False, separators=(",", ":")))
        if len(text) <= VARIABLE_LIMIT_CHARS:
            return text
        rows.pop()


def decode_reasons(value: str) -> tuple[Reason, ...]:
    """Gives back what `encode_reasons` was given; `value` may still be percent-encoded or already decoded.

    Raises:
        PayloadError: The text is not a list of reasons.
    """
    if not value:
        return ()
    try:
        rows = json.loads(unquote(value) if value.startswith("%") else value)
        return tuple(
            Reason(code=code, details=tuple((k, str(v)) for k, v in details.items())) for code, details in rows
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise PayloadError(f"not a trail of reasons: {value[:80]!r}") from error
