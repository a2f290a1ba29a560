"""The evidence that one live test left, line by line as the journal ships it."""

from pathlib import Path

from asterisk_conf.names import Source
from tests.contract.api.scenarios.tables import Line

FOLDER = Path(__file__).parent / "recorded"
FILES = {
    Source.CEL: "cel.jsonl",
    Source.QUEUE_LOG: "queue_log",
    Source.CDR: "cdr.csv",
    Source.WITNESS: "witness.jsonl",
}
CALL_IDS = [f"node1-{epoch}.{number}" for epoch, number in ((1795531937, 1), (1795531943, 7))] + [
    f"node1-1795531940.{number}" for number in (4, 5, 6)
]
"""Calls of the line; the operator's codes are none."""


def recorded(*sources: Source) -> list[Line]:
    """Gives the lines of these sources, or of all."""
    lines = []
    for source, name in FILES.items():
        offset = 0
        for raw in (FOLDER / name).read_bytes().splitlines(keepends=True):
            if not sources or source in sources:
                lines.append(Line(source, offset, raw.decode().rstrip("\n"), source.value))
            offset += len(raw)
    return lines
