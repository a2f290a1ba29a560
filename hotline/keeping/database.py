"""The database of a backup: dumped and loaded by PostgreSQL's own programs, which come with the embedded server."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from asterisk_conf.instance import InstancePaths
from hotline import postgres
from hotline.errors import HotlineError
from hotline.lock import hold_lock

DUMP_LIMIT_S = 6 * 3_600
"""Ten years of calls take minutes; a database that hangs must not hold a nightly backup for ever."""
SHOWN_CHARS = 500
_FORGET_TRANSACTIONS = "UPDATE report_stale_days SET marked_by = 0"
"""Why: marks of stale days name transactions, whose numbers begin anew in another cluster."""


class DatabaseProgramError(HotlineError):
    """PostgreSQL's program refused; the text is what it said."""


@asynccontextmanager
async def running_database(paths: InstancePaths, external_url: str | None) -> AsyncIterator[str]:
    """Gives SQLAlchemy's URL of an instance's database; an embedded one that does not run does so in this block.

    Raises:
        PostgresError: There is none, or it does not start.
        AlreadyRunningError: The line is being started at this moment.
    """
    if external_url is not None or await postgres.is_answering(paths.database):
        yield external_url or postgres.database_url(paths.database)
        return
    if not (paths.database / "PG_VERSION").exists():
        raise postgres.PostgresError(f"{paths.database}: no database there; set DATABASE_URL if it is elsewhere")
    with hold_lock(paths, {}):
        process = await postgres.start(paths.database)
        try:
            yield postgres.database_url(paths.database)
        finally:
            await postgres.stop(process)


async def dump(url: str, target: Path) -> None:
    """Writes the whole database into a new file, as of one moment, while others go on writing.

    Raises:
        DatabaseProgramError: It did not work.
    """
    options = ("--format=custom", "--no-owner", "--no-acl", f"--file={target}")
    await asyncio.to_thread(_run, "pg_dump", options, url)


async def load(url: str, source: Path) -> None:
    """Fills an empty database: everything or nothing.

    Raises:
        DatabaseProgramError: It did not work; the database is as empty as before.
    """
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-acl")
    database = make_url(url).database or postgres.DATABASE
    await asyncio.to_thread(_run, "pg_restore", (*options, f"--dbname={database}", str(source)), url)
    connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        await connection.execute(_FORGET_TRANSACTIONS)
    finally:
        await connection.close()


def client_environment(url: str) -> Mapping[str, str]:
    """Gives what libpq reads; a password stands in no list of processes.

    Source: https://www.postgresql.org/docs/18/libpq-envars.html
    """
    parts = make_url(url)
    host = parts.host or parts.query.get("host")
    mode = parts.query.get("sslmode") or parts.query.get("ssl")
    told = {
        "PGHOST": host,
        "PGPORT": parts.port,
        "PGUSER": parts.username,
        "PGPASSWORD": parts.password,
        "PGDATABASE": parts.database,
        "PGSSLMODE": mode,
    }
    return {name: str(value) for name, value in told.items() if value is not None}


def _run(name: str, options: Sequence[str], url: str) -> None:
    command = [str(postgres.client_program(name)), "--no-password", *options]
    try:
        done = subprocess.run(  # noqa: S603  PostgreSQL's own program, no shell
            command,
            env={**os.environ, **client_environment(url)},
            capture_output=True,
            text=True,
            check=False,
            timeout=DUMP_LIMIT_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DatabaseProgramError(f"{name} did not run: {error}") from error
    if done.returncode != 0:
        raise DatabaseProgramError(f"{name}: {done.stderr.strip()[-SHOWN_CHARS:]}")
