"""Text that survives channel variables, dialplan arguments, CEL's JSON and queue_log unharmed.

A payload is `key=value;key=value` with values percent-encoded to `[A-Za-z0-9._:%+-]`. Why: Asterisk escapes neither
newlines nor backslashes in CEL's JSON, and a quote, comma or `;` would end an argument. Standard library only.
"""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

from routing.reasons import Reason

SAFE_CHARACTERS = "._:+-"
REASONS_LIMIT_CHARS = 3_000
"""A Ukrainian letter takes six. Asterisk works out a line of the dialplan in 4,096 characters (VAR_BUF_SIZE in
include/asterisk/pbx.h), which this leaves room in."""
REASONS_PART_CHARS = 600
"""How much of the trail one event carries: cel_custom cuts a whole line of JSON at 1,023 characters (run on 22.10.1:
a longer one is invalid JSON and lost), of which the line's other fields take up to 320."""
_UNSAFE = re.compile(r"[^A-Za-z0-9.-]")
_WORD = re.compile(r"(?:[A-Za-z0-9.-]|_[0-9A-F]{2})*")


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
    """Gives the trail of reasons as one value, at most `REASONS_LIMIT_CHARS` long (the last are cut off).

    `code:key:value:…+code:…`; in each word all but `[A-Za-z0-9.-]` is `_` and the UTF-8 bytes' hexadecimal digits. So
    the value needs no percent-encoding, a decoded payload holds the same text, and so does each part that is cut out
    of it at any place.
    """
    words = [_encode_reason(reason) for reason in reasons]
    while len(text := "+".join(words)) > REASONS_LIMIT_CHARS:
        words.pop()
    return text


def decode_reasons(value: str) -> tuple[Reason, ...]:
    """Gives back what `encode_reasons` was given.

    Raises:
        PayloadError: The text is not a trail of reasons.
    """
    return tuple(_decode_reason(words) for words in value.split("+")) if value else ()


def _encode_reason(reason: Reason) -> str:
    words = (reason.code, *(word for detail in reason.details for word in detail))
    return ":".join(_UNSAFE.sub(_escape, word) for word in words)


def _escape(found: re.Match[str]) -> str:
    return "".join(f"_{byte:02X}" for byte in found[0].encode(errors="replace"))


def _decode_reason(text: str) -> Reason:
    code, *words = (_unescape(word) for word in text.split(":"))
    if not code or len(words) % 2:
        raise PayloadError(f"not a trail of reasons: {text[:80]!r}")
    return Reason(code=code, details=tuple(zip(words[::2], words[1::2], strict=True)))


def _unescape(word: str) -> str:
    if not _WORD.fullmatch(word):
        raise PayloadError(f"not a word of a reason: {word[:80]!r}")
    return unquote(word.replace("_", "%"), errors="replace")
