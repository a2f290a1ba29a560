"""Sends all calls of a selection as one file: checks their number first, then streams from one state of the log."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.calls import files, repository
from api.calls.errors import ExportTooLargeError
from api.calls.filters import CallExport, ExportFormat
from api.kit.database import Database

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
PART_BYTES = 64 << 10


async def export_calls(database: Database, wanted: CallExport, *, limit_rows: int) -> StreamingResponse:
    """Gives the file's answer.

    Raises:
        ExportTooLargeError: More than `limit_rows` calls are selected.
    """
    async with database.snapshot() as connection:
        if await repository.has_more_than(connection, wanted, limit_rows):
            raise ExportTooLargeError(
                f"more than {limit_rows} calls are selected; narrow the time or the filters",
                {"limit_rows": limit_rows},
            )
    is_csv = wanted.format is ExportFormat.CSV
    parts = _csv(database, wanted) if is_csv else _xlsx(database, wanted)
    headers = {"Content-Disposition": f'attachment; filename="calls.{wanted.format}"', "Cache-Control": "no-store"}
    return StreamingResponse(parts, media_type=CSV_TYPE if is_csv else XLSX_TYPE, headers=headers)


async def _csv(database: Database, wanted: CallExport) -> AsyncIterator[bytes]:
    async with database.snapshot() as connection:
        async for part in files.csv_parts(repository.stream_calls(connection, wanted)):
            yield part


async def _xlsx(database: Database, wanted: CallExport) -> AsyncIterator[bytes]:
    """Writes the file aside first, because the directory of a ZIP stands at its end."""
    with tempfile.TemporaryDirectory(prefix="hotline-export-") as folder:
        path = Path(folder, "calls.xlsx")
        async with database.snapshot() as connection:
            await _write_xlsx(connection, wanted, path)
        descriptor = await asyncio.to_thread(os.open, path, os.O_RDONLY)
        try:
            while part := await asyncio.to_thread(os.read, descriptor, PART_BYTES):
                yield part
        finally:
            os.close(descriptor)


async def _write_xlsx(connection: AsyncConnection, wanted: CallExport, path: Path) -> None:
    book = await asyncio.to_thread(files.XlsxFile, path)
    async for part in repository.stream_calls(connection, wanted):
        await asyncio.to_thread(book.write, [files.cells(row) for row in part])
    await asyncio.to_thread(book.close)
