"""A real PostgreSQL for tests: one server a pytest process (a worker of xdist is one), one database a test module.

Every server is embedded, listens on a socket in its own temporary folder, and is gone with the session. Use it by
importing the fixtures: `from tests.postgres import database_url, postgres_server`.
"""

import asyncio
import contextlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from hotline import postgres
from migrations.run import upgrade

TEMPLATE = "hotline_template"
DEADLOCK_TRIES = 3
READY_DEADLINE_S = 60.0
FAST_AND_FORGETFUL = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")


@dataclass(slots=True)
class PostgresServer:
    """A running server; `data` is its folder."""

    data: Path
    numbers: Iterator[int] = field(default_factory=count)

    def make_database(self, template: str = TEMPLATE) -> str:
        """Makes a fresh database, migrated unless `template` says otherwise, and gives its URL."""
        name = f"test_{next(self.numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return postgres.database_url(self.data, name)

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Runs one statement outside a transaction.

        An api that has just started makes the months of `evidence` at the same time; whoever PostgreSQL ends to undo a
        deadlock says the statement again.
        """
        for _ in range(DEADLOCK_TRIES):
            with contextlib.suppress(asyncpg.DeadlockDetectedError):
                return asyncio.run(self._execute(statement, database))
        return asyncio.run(self._execute(statement, database))

    async def _execute(self, statement: str, database: str) -> None:
        connection = await asyncpg.connect(host=str(self.data), user=postgres.SUPERUSER, database=database)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


async def _wait_ready(data: Path) -> None:
    async with asyncio.timeout(READY_DEADLINE_S):
        await postgres.wait_ready(data)
        await postgres.create_database(data, TEMPLATE)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Runs one server for the whole pytest process; its template database is migrated."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
    data = folder / "db"
    postgres.prepare(data)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*postgres.argv(data), *FAST_AND_FORGETFUL], stdout=log, stderr=log)
    try:
        asyncio.run(_wait_ready(data))
        upgrade(postgres.database_url(data, TEMPLATE))
        yield PostgresServer(data)
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=30)
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def database_url(postgres_server: PostgresServer) -> str:
    """Gives the URL of a fresh, migrated database of this test module."""
    return postgres_server.make_database()
