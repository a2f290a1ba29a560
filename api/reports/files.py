"""Reports as files for spreadsheets: rows as CSV; as XLSX with a second sheet that tells what the figures mean.

A text that a spreadsheet would take for a formula is never one (`api.calls.files`).
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import xlsxwriter
from fastapi import Response

from api.calls.export import CSV_TYPE, XLSX_TYPE
from api.calls.files import is_formula
from api.kit.answers import Responses
from api.reports.schemas import (
    Abandoned,
    Distributions,
    HeatMap,
    Menus,
    Operators,
    RepeatCallers,
    Report,
    ServiceLevels,
    Summary,
)
from api.reports.words import ReportFormat

ReportT = TypeVar("ReportT", bound=Report)
Cell = str | int | float | None
Line = Mapping[str, Cell]
_BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the machine's old code page."""
_FILE = {"type": "string", "format": "binary"}
FILE_ANSWERS: Responses = {
    200: {"content": {CSV_TYPE.partition(";")[0]: {"schema": _FILE}, XLSX_TYPE: {"schema": _FILE}}},
}
"""What a report may answer beside JSON."""


def answer(report: ReportT, name: str, wanted: ReportFormat) -> ReportT | Response:
    """Gives a report as it was asked for; files have only its rows, and XLSX its formulas."""
    match wanted:
        case ReportFormat.JSON:
            return report
        case ReportFormat.CSV:
            return _file(csv_text(lines_of(report)).encode(), name, wanted, CSV_TYPE)
        case ReportFormat.XLSX:
            return _file(xlsx_bytes(report), name, wanted, XLSX_TYPE)


def _file(content: bytes, name: str, wanted: ReportFormat, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{wanted}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


def lines_of(report: Report) -> list[Line]:
    """Gives the rows of a report, flat; the total of a summary is its last, without a group."""
    match report:
        case Summary():
            return [_flat(row.model_dump(mode="json")) for row in (*report.rows, report.total)]
        case HeatMap():
            return [_flat(row.model_dump(mode="json")) for row in report.cells]
        case RepeatCallers():
            own = set(RepeatCallers.model_fields) - set(Report.model_fields)
            return [_flat(report.model_dump(mode="json", include=own))]
        case ServiceLevels() | Distributions() | Abandoned() | Menus() | Operators():
            return [_flat(row.model_dump(mode="json")) for row in report.rows]
        case _:
            raise TypeError(type(report).__name__)


def _flat(row: Mapping[str, object]) -> Line:
    """Gives a row whose values are cells; groups are columns, other tables are text."""
    flat: dict[str, Cell] = {}
    for name, value in row.items():
        if name == "group" and isinstance(value, Mapping):
            flat |= {str(key): _cell(each) for key, each in value.items()}
        else:
            flat[name] = _cell(value)
    return flat


def _cell(value: object) -> Cell:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {each}" for key, each in value.items())
    return value if value is None or isinstance(value, int | float) else str(value)


def _table(lines: Sequence[Line]) -> tuple[list[str], list[list[Cell]]]:
    heading = list(dict.fromkeys(name for line in lines for name in line))
    return heading, [[line.get(name) for name in heading] for line in lines]


def csv_text(lines: Sequence[Line]) -> str:
    """Gives CSV with a heading; an apostrophe stands before what could be a formula."""
    heading, rows = _table(lines)
    text = io.StringIO()
    csv.writer(text).writerows([heading, *([_harmless(cell) for cell in row] for row in rows)])
    return _BYTE_ORDER_MARK + text.getvalue()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and is_formula(cell) else cell


def xlsx_bytes(report: Report) -> bytes:
    """Gives a workbook: the rows, and what was asked for with every figure's formula."""
    heading, rows = _table(lines_of(report))
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        _write(book, "report", [heading, *rows])
        _write(book, "formulas", _meaning(report))
    return content.getvalue()


def _meaning(report: Report) -> Iterable[Sequence[Cell]]:
    yield ("from", str(report.first))
    yield ("to (not included)", str(report.before))
    yield from report.choices.items()
    yield ("demo data is in it", "yes" if report.demo_data else "no")
    yield ("figure", "unit", "formula", "choices")
    for name, each in report.formulas.items():
        yield (name, each.unit, each.formula, "; ".join(each.choices))


def _write(book: xlsxwriter.Workbook, name: str, lines: Iterable[Sequence[Cell]]) -> None:
    sheet = book.add_worksheet(name)
    quoted = book.add_format({"quote_prefix": True})
    for place, line in enumerate(lines):
        for column, cell in enumerate(line):
            if isinstance(cell, str):
                sheet.write_string(place, column, cell, quoted if is_formula(cell) else None)
            elif cell is not None:
                sheet.write_number(place, column, cell)
