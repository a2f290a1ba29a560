"""The one database: its engine, and the transactions whose end is the endpoint's boundary.

Endpoints say `async with database.transaction() as connection:` around everything that they write, and build their
answer after it. Why not a FastAPI dependency: what stands after its `yield` may run when the answer has been sent, so
that a failed commit would still answer 200.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from api.settings import ApiSettings

_MILLISECONDS = 1_000


@dataclass(frozen=True, slots=True)
class Database:
    """Opens connections in transactions."""

    engine: AsyncEngine

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Gives a connection; commits at the end of the block, rolls back when it raises."""
        async with self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """Gives a connection that only reads, and sees one state of the database throughout."""
        async with self.engine.connect() as connection:
            reading = await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            async with reading.begin():
                yield reading

    async def close(self) -> None:
        """Closes all connections."""
        await self.engine.dispose()


def open_database(settings: ApiSettings) -> Database:
    """Gives the database of the settings; connects at first use."""
    timings = {
        "statement_timeout": str(int(settings.database_deadline_s * _MILLISECONDS)),
        "lock_timeout": str(int(settings.lock_deadline_s * _MILLISECONDS)),
        "application_name": "legalaid-hotline-api",
    }
    engine = create_async_engine(
        settings.database_url.get_secret_value(),
        pool_size=settings.pool_size,
        max_overflow=settings.pool_size,
        pool_timeout=settings.database_deadline_s,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"timeout": settings.database_deadline_s, "server_settings": timings},
    )
    return Database(engine)


def _database(request: Request) -> Database:
    database = request.app.state.database
    assert isinstance(database, Database)  # noqa: S101  create_app puts it there
    return database


DatabaseOf = Annotated[Database, Depends(_database)]
