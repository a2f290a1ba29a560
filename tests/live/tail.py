"""Reads a file of evidence as it grows, each line once: many callers look at one file without reading it whole."""

import json
from pathlib import Path

from asterisk_conf.names import UserEvent
from asterisk_conf.payload import decode_payload


class Tail:
    """The whole lines of a file so far."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._lines: list[str] = []

    def lines(self) -> list[str]:
        """Gives every line, the newest included."""
        if self._path.exists() and self._path.stat().st_size > self._offset:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                content = file.read()
            whole = content[: content.rfind(b"\n") + 1]
            self._offset += len(whole)
            self._lines += whole.decode("utf-8", "replace").splitlines()
        return self._lines


class CelTail:
    """The events of CEL so far."""

    def __init__(self, path: Path) -> None:
        self._tail = Tail(path)
        self._rows: list[dict[str, str]] = []

    def rows(self, event: str) -> list[dict[str, str]]:
        """Gives the events of one name."""
        lines = self._tail.lines()
        self._rows += [json.loads(line) for line in lines[len(self._rows) :]]
        return [row for row in self._rows if row["eventtype"] == event]

    def user_events(self, event: UserEvent) -> list[tuple[str, dict[str, str]]]:
        """Gives uniqueid and payload of our events of one name."""
        return [(row["uniqueid"], decode_payload(json.loads(row["eventextra"])["extra"])) for row in self.rows(event)]
