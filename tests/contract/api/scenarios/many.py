"""Evidence of many calls, made from one that was recorded: an answered call, again every few seconds."""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from asterisk_conf.names import Source
from tests.contract.api.scenarios.recorded_day import recorded
from tests.contract.api.scenarios.tables import Line

FIRST = "node1-1795531937."
_BEGUN_S = 1_795_531_937
_CHANNELS = (f"{FIRST}1", f"{FIRST}2")
_CDR_TIME = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b")


def many_calls(
    count: int,
    *,
    every_s: float = 7,
    begin_s: int = _BEGUN_S,
    first: int = 0,
    sources: Sequence[Source] = (Source.CEL, Source.QUEUE_LOG),
) -> Iterator[list[Line]]:
    """Gives the lines of `count` calls, one list a call, source after source; each source is one file.

    Args:
        count: How many.
        every_s: From the beginning of one call to that of the next.
        begin_s: When the first begins, seconds since 1970.
        first: Number of the first, which its id holds.
        sources: What is told of them; the witness tells of no single call.
    """
    lines = [line for line in recorded(*sources) if _CHANNELS[0] in line.text]
    offsets = dict.fromkeys(sources, 0)
    for order in range(count):
        made = []
        later_s = begin_s - _BEGUN_S + int(order * every_s)
        for line in lines:
            text = _renamed(_moved(line, later_s), first + order)
            made.append(replace(line, text=text, offset=offsets[line.source]))
            offsets[line.source] += len(text) + 1
        yield made


def call_id_of(number: int) -> str:
    """Gives the id of a call of `many_calls`."""
    return f"node1-{number}.{_CHANNELS[0].removeprefix(FIRST)}"


def samples(begun_s: Sequence[int], since_s: int, before_s: int) -> Iterator[str]:
    """Gives what the witness writes once a minute: how many calls Asterisk has processed.

    Args:
        begun_s: When calls began, ascending, seconds since 1970.
        since_s: First time of asking.
        before_s: The asking ends before.
    """
    for at_s in range(since_s, before_s, 60):
        row = {"at": f"{at_s}.000500", "asked_at": f"{at_s}.000100", "boot": "1", "current": 0, "why": "minute"}
        yield json.dumps(row | {"processed": bisect_left(begun_s, at_s)})


def _moved(line: Line, later_s: int) -> str:
    if line.source is Source.CDR:
        return _CDR_TIME.sub(lambda found: _later(found[0], later_s), line.text)
    if line.source is Source.QUEUE_LOG:
        epoch, rest = line.text.split("|", 1)
        return f"{int(epoch) + later_s}|{rest}"
    row = json.loads(line.text)
    seconds, _, fraction = row["eventtime"].partition(".")
    row["eventtime"] = f"{int(seconds) + later_s}.{fraction}"
    return json.dumps(row, separators=(",", ":"))


def _later(text: str, later_s: int) -> str:
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return datetime.fromtimestamp(moment.timestamp() + later_s, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _renamed(text: str, number: int) -> str:
    return text.replace(FIRST, f"node1-{number}.")
