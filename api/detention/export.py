"""Reports as CSV for spreadsheets, and the buckets of their statistics. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

from api.detention.repository import ReportRow
from api.detention.schemas import ReportSummary, Statistics
from api.detention.timing import count_buckets, seconds_between
from routing.forms import DetentionForm

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet takes a cell that begins so for a formula. Source: OWASP, CSV Injection."""
_BOM = "\ufeff"
"""Without it spreadsheets take UTF-8 for another encoding."""

_FIXED = (
    "report_id", "number", "origin", "state", "call_id", "operator", "received_at", "taken_by", "joined_to",
    "lawyer", "named_at", "named_after_s", "arrived_at", "arrived_after_s",
)  # fmt: skip


def safe_cell(value: object) -> str:
    """Gives a cell that no spreadsheet takes for a formula; None is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) and not isinstance(value, int) else text


def csv_text(form: DetentionForm | None, reports: Iterable[ReportSummary]) -> str:
    """Gives a table: what is the same for every report, then the fields of the form in force."""
    names = [] if form is None else [field.id for field in form.fields]
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow((*_FIXED, *names))
    for report in reports:
        values = [report.values.get(name) for name in names]
        writer.writerow([safe_cell(each) for each in (*_fixed_cells(report), *values)])
    return _BOM + written.getvalue()


def _fixed_cells(report: ReportSummary) -> list[object]:
    plain = [getattr(report, name) for name in _FIXED[:9]]
    plain[6] = report.received_at.isoformat()
    lawyer = report.lawyer
    if lawyer is None:
        return [*plain, *[None] * 5]
    arrived_at = None if lawyer.arrived_at is None else lawyer.arrived_at.isoformat()
    return [
        *plain, lawyer.name, lawyer.named_at.isoformat(), lawyer.named_after_s, arrived_at, lawyer.arrived_after_s,
    ]  # fmt: skip


def statistics(rows: Sequence[ReportRow]) -> Statistics:
    """Counts how long lawyers took to be named, and how late detentions were reported."""
    counted = [row for row in rows if row.joined_to is None]
    return Statistics(
        reports=len(counted),
        joined=len(rows) - len(counted),
        lawyer_named=count_buckets(seconds_between(row.received_at, row.lawyer_named_at) for row in counted),
        reported=count_buckets(seconds_between(row.detained_at, row.received_at) for row in counted),
    )
