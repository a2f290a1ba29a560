"""COPY into a table, inside the transaction of a connection: the fastest way for rows into PostgreSQL."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection


async def copy_rows(
    connection: AsyncConnection, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
) -> None:
    """Copies rows into a table; JSON columns take text. The connection must have said something before.

    Raises:
        asyncpg.PostgresError: A row does not fit. It comes past SQLAlchemy: see `api.kit.answers.DATABASE_ERRORS`.
    """
    if not rows:
        return
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None  # noqa: S101  the connection is open: it has begun a transaction
    await driver.copy_records_to_table(table, records=rows, columns=columns)
