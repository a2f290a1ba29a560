"""Reads lines of the service's own `witness.jsonl`: how many calls Asterisk said it had processed. Pure and strict.

A line is `{"at":"1795510800.123456","asked_at":"1795510800.120000","boot":"2026-11-24T08:00:00","processed":17,
"current":2,"why":"minute"}`: asked and answered at these moments; `boot` tells one run of Asterisk from the next.
"""

import json
import re

from api.evidence.records import LineError, Numbers, ParsedLine, check_text, parse_epoch

WITNESS_TYPE = "PROCESSED_CALLS"
_BOOT = re.compile(r"[0-9T:.-]{1,40}")
_WHY = frozenset({"minute", "start", "stop"})
_LARGEST_COUNT = 2**31 - 1


def parse_witness_line(line: str) -> ParsedLine:
    """Gives the sample of one line.

    Raises:
        LineError: The line is no sample.
    """
    check_text(line)
    try:
        row = json.loads(line, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise LineError("it is not JSON") from error
    if not isinstance(row, dict) or not isinstance(row.get("at"), str) or not isinstance(row.get("asked_at"), str):
        raise LineError("its times are not texts")
    boot, why = row.get("boot"), row.get("why")
    if not isinstance(boot, str) or not _BOOT.fullmatch(boot) or why not in _WHY:
        raise LineError("its boot or why does not fit")
    counts = {name: _count(row.get(name)) for name in ("processed", "current")}
    asked_at = parse_epoch(row["asked_at"])
    return ParsedLine(
        type=WITNESS_TYPE,
        occurred_at=parse_epoch(row["at"]),
        linkedid=None,
        uniqueid=None,
        payload={"asked_at": asked_at.isoformat(), "boot": boot, "why": why} | counts,
        numbers=Numbers(),
    )


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST_COUNT:
        raise LineError("its counts do not fit")
    return value
