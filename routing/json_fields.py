"""Reads the fields of JSON objects strictly, for `routing.snapshot`. Standard library only.

Every function raises KeyError when the field is missing, and TypeError or ValueError when it is of another kind.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TypeVar

from routing.languages import Text

Value = TypeVar("Value")
Json = Mapping[str, object]


def text_of(row: Json, key: str) -> str:
    """Gives a text."""
    value = row[key]
    if not isinstance(value, str):
        raise TypeError(f"{key}: a text is needed")
    return value


def optional_text_of(row: Json, key: str) -> str | None:
    """Gives a text or None."""
    return None if row[key] is None else text_of(row, key)


def integer_of(row: Json, key: str) -> int:
    """Gives a whole number."""
    value = row[key]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{key}: a whole number is needed")
    return value


def flag_of(row: Json, key: str) -> bool:
    """Gives true or false."""
    value = row[key]
    if not isinstance(value, bool):
        raise TypeError(f"{key}: true or false is needed")
    return value


def day_of(row: Json, key: str) -> date:
    """Gives a date."""
    return date.fromisoformat(text_of(row, key))


def optional_day_of(row: Json, key: str) -> date | None:
    """Gives a date or None."""
    return None if row[key] is None else day_of(row, key)


def object_of(row: Json, key: str) -> Json:
    """Gives an object."""
    return as_object(row[key], key)


def as_object(value: object, key: str) -> Json:
    """Gives `value` when it is an object; `key` is told when it is not."""
    if not isinstance(value, dict):
        raise TypeError(f"{key}: an object is needed")
    return value


def list_of(row: Json, key: str) -> list[object]:
    """Gives a list."""
    value = row[key]
    if not isinstance(value, list):
        raise TypeError(f"{key}: a list is needed")
    return value


def rows_of(row: Json, key: str, read: Callable[[Json], Value]) -> Iterable[Value]:
    """Gives what `read` makes of each object of a list."""
    return (read(as_object(each, key)) for each in list_of(row, key))


def texts_of(row: Json, key: str) -> tuple[str, ...]:
    """Gives a list of texts."""
    values = list_of(row, key)
    if not all(isinstance(each, str) for each in values):
        raise TypeError(f"{key}: texts are needed")
    return tuple(str(each) for each in values)


def both_of(row: Json, key: str) -> Text:
    """Gives a text in both languages."""
    text = object_of(row, key)
    return Text(uk=text_of(text, "uk"), en=text_of(text, "en"))
