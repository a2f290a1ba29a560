"""Everything that a line has written where no caller's number may stand: logs of all processes, tables of the log."""

from collections.abc import AsyncIterator, Sequence

import asyncpg

from hotline import postgres
from tests.live.line import Line


async def places_of(line: Line, texts: Sequence[str]) -> list[str]:
    """Gives where any of the texts stands: names of log files and of tables."""
    return [place async for place, content in _everything(line) if any(text in content for text in texts)]


async def _everything(line: Line) -> AsyncIterator[tuple[str, str]]:
    logs = [*line.paths.logs.glob("*.jsonl"), line.paths.asterisk_log / "messages.log"]
    assert len(logs) >= 4, "the logs of api, ivr, postgres and asterisk are expected here"
    for log in logs:
        yield log.name, log.read_text("utf-8", "replace")
    connection = await asyncpg.connect(
        host=str(line.paths.database), user=postgres.SUPERUSER, database=postgres.DATABASE
    )
    try:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for name in sorted(row["tablename"] for row in names):
            rows = await connection.fetch(f'SELECT t::text AS text FROM "{name}" AS t')
            yield name, "\n".join(row["text"] for row in rows)
    finally:
        await connection.close()
