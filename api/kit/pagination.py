"""Keyset pages over a moment and an id (of calls: started_at, call_id): an opaque cursor instead of an offset."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from api.kit.exceptions import InvalidCursorError

CURSOR_LIMIT_CHARS = 400
PAGE_LIMIT = 200
DEFAULT_PAGE = 50
LONGEST_NUMBER_DIGITS = 18
"""Of ids that are numbers: fits 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The last row of a page: the next page begins after it."""

    started_at: datetime
    call_id: str


def encode_cursor(cursor: Cursor) -> str:
    """Gives the cursor as one URL-safe text."""
    text = json.dumps([cursor.started_at.astimezone(UTC).isoformat(), cursor.call_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str) -> Cursor:
    """Gives back what `encode_cursor` was given.

    Raises:
        InvalidCursorError: It never gave this text.
    """
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        moment, call_id = json.loads(plain)
        cursor = Cursor(started_at=datetime.fromisoformat(moment).astimezone(UTC), call_id=str(call_id))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InvalidCursorError("the cursor is not one that this api gave") from error
    if encode_cursor(cursor) != text or "\0" in cursor.call_id:
        raise InvalidCursorError("the cursor is not one that this api gave")
    return cursor


def whole_number_of(cursor: Cursor) -> int:
    """Gives the id of a cursor over rows that are numbered.

    Raises:
        InvalidCursorError: It is one of something else.
    """
    digits = cursor.call_id
    if not (digits.isascii() and digits.isdigit()) or len(digits) > LONGEST_NUMBER_DIGITS:
        raise InvalidCursorError("the cursor is not one of these rows")
    return int(digits)
