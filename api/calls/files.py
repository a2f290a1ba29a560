"""Calls as files for spreadsheets: CSV as it comes, XLSX whole. Times are Europe/Kyiv, as the columns say.

A text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a carriage return) is
never one: in CSV an apostrophe stands before it, in XLSX the cell is text with the quote-prefix property.
Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter

from api.calls.repository import Row

KYIV = ZoneInfo("Europe/Kyiv")
COLUMNS = (
    "call_id", "node", "did", "trunk", "number_masked", "number_pseudonym", "presentation", "started_at", "answered_at",
    "ended_at", "language", "keys", "service", "queue", "office", "operator", "centre", "region", "plan_version",
    "wait_s", "talk_s", "duration_s", "overflows", "outcome", "hung_up_by", "hangup_cause",
)  # fmt: skip
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the machine's old code page."""

Cell = str | int | None


def header() -> list[str]:
    """Gives the names of the columns; a time's zone is part of its name."""
    return [f"{name} (Europe/Kyiv)" if name.endswith("_at") else name for name in COLUMNS]


def cells(row: Row) -> list[Cell]:
    """Gives the values of one call in the order of `COLUMNS`."""
    return [_cell(row[name]) for name in COLUMNS]


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return value.astimezone(KYIV).isoformat(sep=" ", timespec="seconds")
    return str(value)


def is_formula(text: str) -> bool:
    """Tells whether a spreadsheet might take the text for a formula."""
    return text.startswith(_FORMULA_STARTS)


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and is_formula(cell) else cell


async def csv_parts(rows: AsyncIterator[Sequence[Row]]) -> AsyncIterator[bytes]:
    """Gives a CSV file in parts, as rows come."""
    yield (_BYTE_ORDER_MARK + _csv_lines([list(header())])).encode()
    async for part in rows:
        yield _csv_lines([cells(row) for row in part]).encode()


def _csv_lines(lines: Sequence[Sequence[Cell]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([[_harmless(cell) for cell in line] for line in lines])
    return text.getvalue()


class XlsxFile:
    """An XLSX file that is written row by row; memory holds one row at a time."""

    def __init__(self, path: Path) -> None:
        """Begins the file at `path` with its header."""
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._sheet = self._book.add_worksheet("calls")
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._next_row = 0
        self.write([list(header())])

    def write(self, lines: Sequence[Sequence[Cell]]) -> None:
        """Adds rows."""
        for line in lines:
            for column, cell in enumerate(line):
                self._write_cell(column, cell)
            self._next_row += 1

    def _write_cell(self, column: int, cell: Cell) -> None:
        if isinstance(cell, int):
            self._sheet.write_number(self._next_row, column, cell)
        elif cell is not None:
            form = self._quoted if is_formula(cell) else None
            self._sheet.write_string(self._next_row, column, cell, form)

    def close(self) -> None:
        """Ends the file."""
        self._book.close()
