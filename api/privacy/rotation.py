"""Seals everything anew with the present key: every column whose name ends in `_encrypted`, in small transactions."""

from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from sqlalchemy import Column, Table, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from api.all_tables import metadata
from api.kit.database import Database
from api.kit.numbers import NumberVault

SUFFIX = "_encrypted"
_BATCH_ROWS = 500


def sealed_columns() -> list[Column[bytes]]:
    """Gives every column that holds sealed values."""
    tables = sorted(metadata.tables.values(), key=lambda table: table.name)
    return [column for table in tables for column in table.columns if column.name.endswith(SUFFIX)]


async def reseal_column(database: Database, vault: NumberVault, column: Column[bytes]) -> tuple[int, int]:
    """Seals a column anew; gives how many values were, and how many no key opens."""
    resealed = unreadable = 0
    last: tuple[object, ...] | None = None
    while True:
        async with database.transaction() as connection:
            rows = await _batch(connection, vault, column, last)
            for place, sealed in rows:
                try:
                    again = vault.seal(vault.open(sealed))
                except InvalidTag:
                    unreadable += 1
                    continue
                await _replace(connection, column, place, again)
                resealed += 1
        if len(rows) < _BATCH_ROWS:
            return resealed, unreadable
        last = rows[-1][0]


async def _batch(
    connection: AsyncConnection, vault: NumberVault, column: Column[bytes], last: tuple[object, ...] | None
) -> list[tuple[tuple[object, ...], bytes]]:
    """Gives keys and values that another key has sealed, after `last`."""
    table, header = _table(column), vault.header
    keys = list(table.primary_key)
    statement = select(*keys, column).where(func.substring(column, 1, len(header)) != header)
    if last is not None:
        statement = statement.where(tuple_(*keys) > last)
    rows = await connection.execute(statement.order_by(*keys).limit(_BATCH_ROWS).with_for_update())
    return [(tuple(row)[:-1], row[-1]) for row in rows]


async def _replace(connection: AsyncConnection, column: Column[bytes], place: Sequence[object], sealed: bytes) -> None:
    table = _table(column)
    keys = [key == value for key, value in zip(table.primary_key, place, strict=True)]
    await connection.execute(update(table).where(*keys).values({column.name: sealed}))


def _table(column: Column[bytes]) -> Table:
    table = column.table
    assert isinstance(table, Table)  # noqa: S101  it comes from the metadata
    return table
