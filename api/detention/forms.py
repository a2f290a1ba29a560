"""Checks what is written into a report against the plan's form, and tells what is missing and what changed. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import assert_never

from api.detention.errors import FieldsInvalidError
from api.evidence.records import EARLIEST, LATEST
from routing.forms import DetentionForm, FieldKind, FormField

FieldValue = str | bool | None
"""A text, a day or moment as ISO 8601 text, the id of a choice, or yes/no; None: not known."""
Values = Mapping[str, FieldValue]

LINE_LIMIT_CHARS = 300
TEXT_LIMIT_CHARS = 4_000
_EARLIEST_DAY = date(1900, 1, 1)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_APOSTROPHES = re.compile("['\u2019\u02bc`\u00b4]")
_WORD = re.compile(r"\w+")


class _FieldError(ValueError):
    """A value does not fit its field; the text says what to write, and never quotes the value."""


def checked_values(form: DetentionForm, given: Values) -> dict[str, FieldValue]:
    """Gives the values as they are kept: texts trimmed, moments in UTC, empty ones None.

    Raises:
        FieldsInvalidError: The form has no such field, or a value does not fit; all are told at once.
    """
    fields: dict[str, FormField] = {field.id: field for field in form.fields}
    checked: dict[str, FieldValue] = {}
    wrong: dict[str, str] = {}
    for name, value in given.items():
        field = fields.get(name)
        try:
            checked[name] = _no_field() if field is None else _checked(field, value)
        except _FieldError as error:
            wrong[name] = str(error)
    if wrong:
        told = "; ".join(f"{name}: {why}" for name, why in wrong.items())
        raise FieldsInvalidError(told[:1_000], {"fields": {**wrong}})
    return checked


def _no_field() -> FieldValue:
    raise _FieldError("the form in force has no such field")


def _checked(field: FormField, value: FieldValue) -> FieldValue:
    if value is None or value == "":
        return None
    if isinstance(value, bool) != (field.kind is FieldKind.YES_NO):
        raise _FieldError("true, false or null" if field.kind is FieldKind.YES_NO else "a text or null")
    return value if isinstance(value, bool) else _checked_text(field, value)


def _checked_text(field: FormField, value: str) -> str | None:
    match field.kind:
        case FieldKind.LINE:
            return _written(" ".join(value.split()), LINE_LIMIT_CHARS)
        case FieldKind.TEXT:
            return _written(value.replace("\r\n", "\n").strip(), TEXT_LIMIT_CHARS)
        case FieldKind.DAY:
            return _day(value)
        case FieldKind.MOMENT:
            return _moment(value)
        case FieldKind.CHOICE:
            known = [choice.id for choice in field.choices]
            if value not in known:
                raise _FieldError(f"one of {', '.join(known)}")
            return value
        case FieldKind.YES_NO:
            raise _FieldError("true, false or null")
        case _:
            assert_never(field.kind)


def _written(text: str, limit_chars: int) -> str | None:
    if len(text) > limit_chars:
        raise _FieldError(f"at most {limit_chars} characters")
    if _CONTROL.search(text):
        raise _FieldError("no control characters")
    return text or None


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise _FieldError("year-month-day: 1990-05-17") from error
    if not _EARLIEST_DAY <= day < LATEST.date():
        raise _FieldError("a day in 1900-2100")
    return day.isoformat()


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _FieldError("a moment with its offset: 2026-11-24T14:05:00+02:00") from error
    if moment.tzinfo is None:
        raise _FieldError("a moment needs its offset: 2026-11-24T14:05:00+02:00")
    if not EARLIEST.replace(tzinfo=None) <= moment.replace(tzinfo=None) < LATEST.replace(tzinfo=None):
        raise _FieldError("a moment in 2000-2100")
    return moment.astimezone(UTC).isoformat()


def missing_fields(form: DetentionForm, values: Values) -> list[str]:
    """Gives the needed fields that nobody could tell yet, in the form's order."""
    return [field.id for field in form.fields if field.is_needed and values.get(field.id) is None]


def changed_values(before: Values, now: Values) -> dict[str, tuple[FieldValue, FieldValue]]:
    """Gives old and new value of each field that `now` changes."""
    return {name: (before.get(name), value) for name, value in now.items() if before.get(name) != value}


def combined_values(values: Values, *joined: Values) -> dict[str, FieldValue]:
    """Gives a report's own values, and what it lacks from those joined to it, the first that knows it."""
    found = dict(values)
    for other in joined:
        found |= {name: value for name, value in other.items() if found.get(name) is None}
    return found


def match_text(value: FieldValue) -> str | None:
    """Gives what is the same for every way of writing a name or address: its words, sorted; None: nothing is written.

    Why sorted: «Петренко Іван» and «Іван Петренко» are one person. Apostrophes have five forms and are left out.
    """
    if not isinstance(value, str):
        return None
    plain = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", value)).casefold()
    return " ".join(sorted(_WORD.findall(plain))) or None


def moment_of(value: FieldValue) -> datetime | None:
    """Gives the moment of a checked value."""
    return datetime.fromisoformat(value) if isinstance(value, str) else None
