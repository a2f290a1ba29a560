"""Evidence of many calls, made from one that was recorded: an answered call, again every few seconds."""

import json
from collections.abc import Iterator
from dataclasses import replace

from asterisk_conf.names import Source
from tests.contract.api.scenarios.recorded_day import recorded
from tests.contract.api.scenarios.tables import Line

FIRST = "node1-1795531937."
_CHANNELS = (f"{FIRST}1", f"{FIRST}2")


def many_calls(count: int, *, every_s: int = 7) -> Iterator[list[Line]]:
    """Gives the lines of `count` calls, one list a call: CEL first, then queue_log; each source is one file."""
    cel = [line for line in recorded(Source.CEL) if json.loads(line.text)["linkedid"] == _CHANNELS[0]]
    queue_log = [line for line in recorded(Source.QUEUE_LOG) if line.text.split("|")[1] == _CHANNELS[0]]
    offsets = dict.fromkeys((Source.CEL, Source.QUEUE_LOG), 0)
    for number in range(count):
        made = []
        for line in (*cel, *queue_log):
            text = _moved(line, number, number * every_s)
            made.append(replace(line, text=text, offset=offsets[line.source]))
            offsets[line.source] += len(text) + 1
        yield made


def _moved(line: Line, number: int, later_s: int) -> str:
    if line.source is Source.QUEUE_LOG:
        epoch, rest = line.text.split("|", 1)
        return f"{int(epoch) + later_s}|{_renamed(rest, number)}"
    row = json.loads(line.text)
    seconds, _, fraction = row["eventtime"].partition(".")
    row["eventtime"] = f"{int(seconds) + later_s}.{fraction}"
    return _renamed(json.dumps(row, separators=(",", ":")), number)


def _renamed(text: str, number: int) -> str:
    return text.replace(FIRST, f"node1-{number}.")
