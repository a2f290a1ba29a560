"""What the containers of docker/compose.yaml run that is more than one program: `python -m hotline.container NAME`.

`postgres`: the embedded server in the foreground. `api`: waits for it, brings the database to the schema, becomes the
api. The database's socket lies in the instance folder, which both share: no port, no password.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from asterisk_conf.instance import InstancePaths
from hotline import postgres
from hotline.postgres import PostgresError
from migrations.run import MigrationError, upgrade_async

INSTANCE = "HOTLINE_INSTANCE"
DATABASE_S = 60.0
NOT_DONE = 2


def run_postgres(paths: InstancePaths) -> None:
    """Becomes PostgreSQL.

    Raises:
        PostgresError: It cannot run there.
    """
    postgres.prepare(paths.database)
    _become(postgres.argv(paths.database), {})


def run_api(paths: InstancePaths) -> None:
    """Becomes the api once the database has its schema.

    Raises:
        MigrationError: The database is not what it should be.
    """
    url = postgres.database_url(paths.database)
    asyncio.run(_prepare_database(paths.database, url))
    environment = {"HOTLINE_API_DATABASE_URL": url, "HOTLINE_API_SECRETS_FILE": str(paths.secrets_file)}
    _become((sys.executable, "-m", "api"), environment)


PARTS: Mapping[str, Callable[[InstancePaths], None]] = {"postgres": run_postgres, "api": run_api}


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs one part; gives an exit code only when it could not."""
    part = PARTS.get(arguments[0]) if len(arguments) == 1 else None
    folder = environment.get(INSTANCE, "")
    if part is None or not Path(folder).is_absolute():
        print(f"usage: {INSTANCE}=/absolute/folder python -m hotline.container {'|'.join(PARTS)}", file=sys.stderr)
        return NOT_DONE
    try:
        part(InstancePaths(Path(folder)))
    except (PostgresError, MigrationError, TimeoutError) as error:
        print(str(error) or f"the database did not answer within {DATABASE_S:g} s", file=sys.stderr)
    return NOT_DONE


async def _prepare_database(data: Path, url: str) -> None:
    async with asyncio.timeout(DATABASE_S):
        await postgres.wait_ready(data)
        await postgres.create_database(data)
    await upgrade_async(url)


def _become(argv: Sequence[str], environment: Mapping[str, str]) -> None:
    os.execvpe(argv[0], list(argv), {**os.environ, **environment})  # noqa: S606  a container's process: no shell


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
