"""Reads lines of Asterisk's `Master.csv`, a witness of the ledger. Pure and strict, as `cel_lines`.

No number is kept of them in any form: CEL tells who called, and whether the number may be known at all; a call record
does not tell the latter.
Source: cdr_csv.c of Asterisk 22, build_csv_record(): its columns with `loguniqueid` and `newcdrcolumns`.
"""

import csv
import re
from datetime import UTC, datetime

from api.evidence.records import EARLIEST, LATEST, LineError, Numbers, ParsedLine, check_text

CDR_TYPE = "CDR"
COLUMNS = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer",
    "end", "duration_s", "billsec_s", "disposition", "amaflags", "uniqueid", "peeraccount", "linkedid", "sequence",
)  # fmt: skip
_STORED = ("dcontext", "channel", "dstchannel", "lastapp", "answer", "end", "duration_s", "billsec_s", "disposition")
_ID = re.compile(r"[A-Za-z0-9._-]{1,150}")
_CHANNEL = re.compile(r"(?:[A-Za-z0-9]+/[A-Za-z0-9_.@;+-]{1,120})?")
_WORD = re.compile(r"[A-Za-z0-9 _-]{0,80}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_PATTERNS = {
    "dcontext": _WORD, "channel": _CHANNEL, "dstchannel": _CHANNEL, "lastapp": _WORD, "answer": re.compile(r"[\d :-]*"),
    "end": _MOMENT, "duration_s": re.compile(r"\d{1,9}"), "billsec_s": re.compile(r"\d{1,9}"), "disposition": _WORD,
    "uniqueid": _ID, "linkedid": _ID, "start": _MOMENT,
}  # fmt: skip


def parse_cdr_line(line: str) -> ParsedLine:
    """Gives the record of one line; it happened when its channel's record began.

    Raises:
        LineError: The line is no call record as this line's Asterisk writes them.
    """
    check_text(line)
    try:
        (cells,) = csv.reader([line], strict=True)
    except (csv.Error, ValueError) as error:
        raise LineError("it is not one line of CSV") from error
    if len(cells) != len(COLUMNS):
        raise LineError(f"it has {len(cells)} columns, not {len(COLUMNS)}")
    fields = dict(zip(COLUMNS, cells, strict=True))
    for name, pattern in _PATTERNS.items():
        if not pattern.fullmatch(fields[name]):
            raise LineError(f"its {name} does not fit")
    return ParsedLine(
        type=CDR_TYPE,
        occurred_at=_moment(fields["start"]),
        linkedid=fields["linkedid"],
        uniqueid=fields["uniqueid"],
        payload={name: fields[name] for name in _STORED if fields[name]},
        numbers=Numbers(),
    )


def _moment(text: str) -> datetime:
    """Reads a time of `usegmtime`: UTC, whole seconds."""
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise LineError("its start is no time") from error
    if not EARLIEST <= moment < LATEST:
        raise LineError("its time is outside 2000-2100")
    return moment
