import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from api.all_tables import metadata
from migrations.run import MigrationError, upgrade
from tests.postgres import PostgresServer

PROJECT = Path(__file__).parents[3]


def _is_no_partition(name: str | None, kind: str, _parents: object) -> bool:
    """The months of evidence are made by the api as they are needed."""
    return not (kind == "table" and name is not None and name.startswith("evidence_"))


def _differences(connection: Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True, "include_name": _is_no_partition}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, metadata))


async def _on(database_url: str, statement: str | None = None) -> list[object]:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        if statement is not None:
            await connection.execute(text(statement))
        found = await connection.run_sync(_differences)
    await engine.dispose()
    return found


def test_the_migrated_database_is_what_the_code_expects(database_url: str) -> None:
    assert asyncio.run(_on(database_url)) == []


def test_a_column_that_is_missing_would_be_noticed(postgres_server: PostgresServer) -> None:
    database_url = postgres_server.make_database()
    assert asyncio.run(_on(database_url, "ALTER TABLE calls DROP COLUMN wait_s")) != []


def test_an_upgrade_of_an_empty_database_may_be_repeated(postgres_server: PostgresServer) -> None:
    database_url = postgres_server.make_database("template0")
    assert upgrade(database_url) == upgrade(database_url) == "0010"


def test_a_database_newer_than_the_code_is_refused(postgres_server: PostgresServer) -> None:
    database_url = postgres_server.make_database()
    asyncio.run(_on(database_url, "UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(MigrationError, match=r"revision 9999.*newest is 0010"):
        upgrade(database_url)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("not a url", "cannot be read"),
        ("sqlite:///x", "must be postgresql"),
        ("postgresql+asyncpg://user:hush@127.0.0.1:1/x", "does not answer"),
        ("postgresql+asyncpg://user:hush@/x?host=/nowhere", "does not answer"),
        ("postgresql+asyncpg://user:hush@127.0.0.1:port/x", "cannot be read"),
    ],
)
def test_a_wrong_url_gives_one_message_without_the_password(url: str, message: str) -> None:
    with pytest.raises(MigrationError, match=message) as caught:
        upgrade(url)
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_database_that_does_not_exist_is_named(postgres_server: PostgresServer) -> None:
    url = postgres_server.make_database().replace("test_", "none_")
    with pytest.raises(MigrationError, match="none_"):
        upgrade(url)


def _run(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"HOTLINE_API_DATABASE_URL": url}
    command = [sys.executable, "-m", "migrations", *arguments]
    return subprocess.run(command, env=environment, cwd=PROJECT, capture_output=True, text=True, check=False)


def test_the_command_upgrades_and_says_so(postgres_server: PostgresServer) -> None:
    done = _run(postgres_server.make_database("template0"), "upgrade")
    assert (done.returncode, done.stdout) == (0, "database is at revision 0010\n"), done.stderr


def test_the_command_with_a_wrong_url_ends_with_2_and_one_line() -> None:
    done = _run("postgresql+asyncpg://user@127.0.0.1:1/x", "upgrade")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_the_command_without_its_word_explains_itself() -> None:
    done = _run("postgresql+asyncpg://user@127.0.0.1:1/x")
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")
