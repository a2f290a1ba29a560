"""Scenarios written as tables: rows of CEL and queue_log, as an incident would be pasted from the files.

CEL rows: `time | event | channel | uniqueid | exten@context | extra`. The extra of our own events is the payload, that
of others JSON. queue_log rows are its lines with the time of day in the first place. Times of day are UTC on
2026-11-24; the linkedid is the uniqueid of the first row unless a row says `uniqueid<linkedid`.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from api.evidence.records import ParsedLine
from api.evidence.sorting import PARSERS
from api.projection.events import Event
from asterisk_conf.names import Source, UserEvent

NODE = "node1"
DAY = "2026-11-24"


@dataclass(frozen=True, slots=True)
class Line:
    source: Source
    offset: int
    text: str
    generation: str
    """Each scenario is a file of its own: the uniqueid of its call."""

    def envelope(self) -> bytes:
        row = {
            "node": NODE,
            "source": self.source,
            "generation": self.generation,
            "offset": self.offset,
            "line": self.text,
        }
        return json.dumps(row).encode()

    def event(self) -> Event:
        parsed: ParsedLine = PARSERS[self.source](self.text)
        return Event(
            node=NODE,
            source=self.source,
            generation=self.generation,
            position_bytes=self.offset,
            occurred_at=parsed.occurred_at,
            linkedid=parsed.linkedid,
            uniqueid=parsed.uniqueid,
            type=parsed.type,
            payload=parsed.payload,
        )


def moment(time_of_day: str) -> datetime:
    return datetime.fromisoformat(f"{DAY}T{time_of_day}").replace(tzinfo=UTC)


def cel(table: str) -> list[Line]:
    rows = [[cell.strip() for cell in row.split("|")] for row in table.strip().splitlines()]
    linkedid = rows[0][3]
    lines = []
    offset = 0
    for row in rows:
        text = _cel_line(row, linkedid)
        lines.append(Line(Source.CEL, offset, text, linkedid))
        offset += len(text.encode()) + 1
    return lines


def _cel_line(row: list[str], first_uniqueid: str) -> str:
    time_of_day, event, channel, ids, place, extra = row
    uniqueid, _, linkedid = ids.partition("<")
    exten, _, context = place.partition("@")
    if event in set(UserEvent):
        extra = json.dumps({"extra": extra})
    at = moment(time_of_day)
    fields = {
        "eventtype": event,
        "eventtime": f"{int(at.timestamp())}.{at.microsecond:06}",
        "exten": exten,
        "context": context,
        "channame": channel,
        "uniqueid": uniqueid,
        "linkedid": linkedid or first_uniqueid,
        "peer": "",
        "eventextra": extra,
    }
    return json.dumps(fields)


def queue_log(table: str) -> list[Line]:
    lines = []
    offset = 0
    rows = [row.strip() for row in table.strip().splitlines()]
    generation = rows[-1].split("|")[1]
    for row in rows:
        time_of_day, rest = row.split("|", 1)
        text = f"{int(moment(time_of_day).timestamp())}|{rest}"
        lines.append(Line(Source.QUEUE_LOG, offset, text, generation))
        offset += len(text) + 1
    return lines


def batch(lines: list[Line]) -> bytes:
    return b"\n".join(line.envelope() for line in lines)
