"""A step of the schema can be taken back, and made again, without losing a call."""

import asyncio
from collections.abc import Callable

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from migrations.run import alembic_config, upgrade
from tests.postgres import PostgresServer

OLDEST = "0006"
STEPS = ("0007", "0008", "0009", "0010")
"""Steps that can be taken back, each to the one before."""
CALL = (
    "INSERT INTO calls (call_id, node, started_at, outcome, hung_up_by) "
    "VALUES ('node1-1.1', 'node1', '2026-11-24T09:00:00Z', 'answered', 'caller')"
)
_SCHEMA = (
    (
        "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || "
        "coalesce(column_default, '') || ' ' || coalesce(col_description(table_name::regclass, ordinal_position), '') "
        "FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'evidence_%'"
    ),
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'evidence_%'",
    (
        "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE 'evidence_%'"
    ),
    "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    (
        "SELECT relname || ' ' || obj_description(oid, 'pg_class') FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND obj_description(oid, 'pg_class') IS NOT NULL"
    ),
)


class Database:
    """A database whose steps are made and taken back one by one."""

    def __init__(self, url: str) -> None:
        self.url = url

    def go(self, revision: str, *, back: bool) -> None:
        def on(connection: Connection) -> None:
            config = alembic_config()
            config.attributes["connection"] = connection
            (command.downgrade if back else command.upgrade)(config, revision)

        asyncio.run(self._run(on))

    def execute(self, statement: str) -> None:
        asyncio.run(self._run(lambda connection: connection.execute(text(statement))))

    def texts(self, statement: str) -> list[str]:
        found: list[str] = []
        asyncio.run(self._run(lambda connection: found.extend(connection.execute(text(statement)).scalars())))
        return found

    def schema(self) -> frozenset[str]:
        return frozenset(line.strip() for question in _SCHEMA for line in self.texts(question))

    async def _run(self, work: Callable[[Connection], object]) -> None:
        engine = create_async_engine(self.url)
        async with engine.connect() as connection:
            await connection.run_sync(work)
            await connection.commit()
        await engine.dispose()


@pytest.fixture
def database(postgres_server: PostgresServer) -> Database:
    return Database(postgres_server.make_database("template0"))


def test_each_step_back_leaves_the_schema_of_before_and_every_call(database: Database) -> None:
    database.go(OLDEST, back=False)
    database.execute(CALL)
    schemas = [database.schema()]
    for revision in STEPS:
        database.go(revision, back=False)
        schemas.append(database.schema())
    assert len(set(schemas)) == len(schemas)
    for revision, before in zip((OLDEST, *STEPS[:-1])[::-1], schemas[-2::-1], strict=True):
        database.go(revision, back=True)
        assert sorted(database.schema() ^ before) == [], f"taken back to {revision}"
    assert upgrade(database.url) == STEPS[-1]
    assert database.schema() == schemas[-1]
    assert database.texts("SELECT call_id FROM calls") == ["node1-1.1"]
    assert database.texts("SELECT day::text FROM report_stale_days") == ["2026-11-24"]
