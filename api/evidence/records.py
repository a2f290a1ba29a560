"""What one parsed line of evidence is, before and after its numbers are taken out. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_MICROSECONDS = 1_000_000
_SURROGATE = re.compile(r"[\ud800-\udfff]|\\[uU][dD]")
"""Half of a pair, or the escape of one (which `\\ud7ff` and below would be refused for too; nothing writes them)."""


class LineError(ValueError):
    """A raw line is not what it should be; the text names what, without quoting the line (it may hold a number)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Callers' numbers of one line as they came, by the payload key that gets their pseudonym."""

    by_key: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedLine:
    """One line of CEL or queue_log.

    `payload` holds no number: `numbers` has them apart. `linkedid` is None for queue_log, `uniqueid` is None where the
    line belongs to no channel.
    """

    type: str
    occurred_at: datetime
    linkedid: str | None
    uniqueid: str | None
    payload: dict[str, object]
    numbers: Numbers


def parse_epoch(value: str) -> datetime:
    """Gives the moment of `seconds[.fraction]` since 1970, exact to the microsecond.

    Raises:
        LineError: Not a number, or not in [2000, 2100).
    """
    try:
        microseconds = int(Decimal(value) * _MICROSECONDS)
        moment = datetime.fromtimestamp(microseconds // _MICROSECONDS, UTC)
    except (InvalidOperation, ValueError, OverflowError, OSError) as error:
        raise LineError("its time is not seconds since 1970") from error
    if not EARLIEST <= moment < LATEST:
        raise LineError("its time is outside 2000-2100")
    return moment.replace(microsecond=microseconds % _MICROSECONDS)


def check_text(line: str) -> None:
    """Refuses what the database cannot hold.

    Raises:
        LineError: The line holds NUL or half of a surrogate pair.
    """
    if "\0" in line or "\\u0000" in line:
        raise LineError("it holds a NUL character")
    if _SURROGATE.search(line):
        raise LineError("it holds a surrogate character")
