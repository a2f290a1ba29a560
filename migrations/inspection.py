"""Tells what schema a database has and what this code would do to it; changes nothing."""

import asyncio
from dataclasses import dataclass

import asyncpg
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from migrations.run import CONNECT_DEADLINE_S, MigrationError, alembic_config


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One migration that is ahead of a database."""

    revision: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaState:
    """A database as this code sees it."""

    revision: str | None
    """None: nothing was ever migrated there."""
    is_empty: bool
    """No table at all."""
    newest: str
    """What this code brings a database to."""
    ahead: tuple[Step, ...]
    """What `upgrade` would do, in order."""
    is_known: bool
    """False: the database is newer than this code, or another program's."""


async def inspect_async(database_url: str) -> SchemaState:
    """Looks at a database.

    Raises:
        MigrationError: It does not answer.
    """
    engine = create_async_engine(database_url, connect_args={"timeout": CONNECT_DEADLINE_S})
    try:
        async with asyncio.timeout(CONNECT_DEADLINE_S), engine.connect() as connection:
            return await connection.run_sync(_inspect)
    except (OSError, TimeoutError, SQLAlchemyError, asyncpg.PostgresError) as error:
        raise MigrationError(f"the database does not answer: {error or type(error).__name__}") from error
    finally:
        await engine.dispose()


def _inspect(connection: Connection) -> SchemaState:
    script = ScriptDirectory.from_config(alembic_config())
    revision = MigrationContext.configure(connection).get_current_revision()
    tables = connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar_one()
    known = [each.revision for each in script.walk_revisions()]
    newest_first = list(script.walk_revisions())
    is_known = revision is None or revision in known
    ahead = newest_first[: known.index(revision)] if revision in known else newest_first
    return SchemaState(
        revision=revision,
        is_empty=tables == 0,
        newest=str(script.get_current_head()),
        ahead=tuple(Step(revision=each.revision, title=each.doc) for each in reversed(ahead)) if is_known else (),
        is_known=is_known,
    )
