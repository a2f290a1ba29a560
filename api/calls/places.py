"""Where a page of calls ends, in any order: the opaque cursor. Pure."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime

from api.calls.filters import CallOrder
from api.kit.exceptions import InvalidCursorError
from api.kit.pagination import Cursor, decode_cursor, encode_cursor
from api.projection.events import LARGEST_INTEGER

UNKNOWN_S = -1
"""How calls without a wait or a talk stand in the order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The last row of a page: a moment or seconds, by the order, and the call."""

    value: datetime | int
    call_id: str


def encode_place(place: Place, order: CallOrder) -> str:
    """Gives the cursor as one URL-safe text; one of seconds tells its order."""
    if isinstance(place.value, datetime):
        return encode_cursor(Cursor(started_at=place.value, call_id=place.call_id))
    text = json.dumps([order, place.value, place.call_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_place(text: str, order: CallOrder) -> Place:
    """Gives back what `encode_place` was given.

    Raises:
        InvalidCursorError: It never gave this text for this order.
    """
    if order.column == CallOrder.STARTED_AT:
        cursor = decode_cursor(text)
        return Place(value=cursor.started_at, call_id=cursor.call_id)
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        told_order, seconds, call_id = json.loads(plain)
        place = Place(value=int(seconds), call_id=str(call_id))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InvalidCursorError("the cursor is not one that this api gave") from error
    if told_order != order or encode_place(place, order) != text or not _is_possible(place):
        raise InvalidCursorError("the cursor is not one that this api gave for this order")
    return place


def _is_possible(place: Place) -> bool:
    is_in_range = isinstance(place.value, int) and UNKNOWN_S <= place.value <= LARGEST_INTEGER
    return is_in_range and "\0" not in place.call_id
