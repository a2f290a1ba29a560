"""Brings a database to the schema of this code; works from a checkout and from an installed wheel."""

import asyncio

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

CONNECT_DEADLINE_S = 10
UPGRADE_LOCK = 4_711_213_103
"""Advisory lock: two upgrades at once run one after the other."""


class MigrationError(RuntimeError):
    """The database cannot be brought to this schema; the text says what to mend and holds no password."""


def upgrade(database_url: str) -> str:
    """Upgrades the database and gives the revision that it has then; blocks, starts an event loop of its own.

    Raises:
        MigrationError: The URL is wrong, the database does not answer, or it is newer than this code.
    """
    return asyncio.run(upgrade_async(database_url))


async def upgrade_async(database_url: str) -> str:
    """Does what `upgrade` does, inside a running event loop.

    Raises:
        MigrationError: As `upgrade`.
    """
    shown = _shown(database_url)
    try:
        async with asyncio.timeout(CONNECT_DEADLINE_S):
            engine = create_async_engine(database_url, connect_args={"timeout": CONNECT_DEADLINE_S})
            connection = await engine.connect()
    except (OSError, TimeoutError, SQLAlchemyError, asyncpg.PostgresError, ImportError) as error:
        raise MigrationError(f"database {shown} does not answer: {_first_line(error)}; check DATABASE_URL") from error
    try:
        return await connection.run_sync(_upgrade_on)
    except (DBAPIError, asyncpg.PostgresError) as error:
        raise MigrationError(f"database {shown} was not upgraded: {_first_line(error)}") from error
    finally:
        await connection.close()
        await engine.dispose()


def alembic_config() -> Config:
    """Gives Alembic's settings; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", "migrations:")
    config.set_main_option("path_separator", "os")
    return config


def _upgrade_on(connection: Connection) -> str:
    config = alembic_config()
    script = ScriptDirectory.from_config(config)
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": UPGRADE_LOCK})
    connection.commit()
    _refuse_newer(connection, script)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": UPGRADE_LOCK})
    connection.commit()
    return str(script.get_current_head())


def _refuse_newer(connection: Connection, script: ScriptDirectory) -> None:
    known = {revision.revision for revision in script.walk_revisions()}
    strange = set(MigrationContext.configure(connection).get_current_heads()) - known
    connection.commit()
    if strange:
        raise MigrationError(
            f"the database has revision {', '.join(sorted(strange))}, which this version of legalaid-hotline does not "
            f"know (its newest is {script.get_current_head()}): install the version that made it, or a newer one"
        )


def _shown(database_url: str) -> str:
    try:
        url = make_url(database_url)
        if url.drivername != "postgresql+asyncpg":
            raise MigrationError(f"database URL begins with {url.drivername}://, it must be postgresql+asyncpg://")
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise MigrationError(
            "the database URL cannot be read; it looks like postgresql+asyncpg://user:password@host/hotline"
        ) from error
    return url.render_as_string(hide_password=True)


def _first_line(error: BaseException) -> str:
    inner = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return (str(inner).splitlines() or [type(inner).__name__])[0]
