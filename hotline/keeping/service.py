"""What the systemd units run: `HOTLINE_INSTANCE=/folder python -m hotline.keeping.service PART`.

`prepare` makes what the others need, `postgres`, `api` and `ivr` become that process, `reload-logger` has Asterisk open
its logs anew after their rotation. Settings are read from site.yaml at each start; `DATABASE_URL` names a database
elsewhere.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from asterisk_conf.binary import AsteriskBinary, read_binary
from asterisk_conf.instance import InstancePaths
from asterisk_conf.launch import console_argv
from asterisk_conf.site import read_site
from hotline import postgres
from hotline.cli import EXPECTED
from hotline.commands.up import read_database_url
from hotline.first_plan import beginning_plan
from hotline.line import api_environment, ivr_environment, make_instance, prepare_line, write_state
from hotline.screen import say
from migrations.run import upgrade_async

INSTANCE = "HOTLINE_INSTANCE"
DATABASE_S = 60.0
CONSOLE_S = 20
NOT_DONE = 2


def prepare(paths: InstancePaths) -> None:
    """Makes secrets, prompts, Asterisk's configuration and the database cluster; puts a first plan in force.

    Raises:
        AsteriskError, HotlineError, PlanError, PostgresError and others: Something is missing; the text says what.
    """
    site = make_instance(paths, test_clock=False)
    plan = beginning_plan(paths, None, say)
    write_state(prepare_line(paths, site, plan, read_database_url(), say, known_binary=_known_binary(paths)))


def run_postgres(paths: InstancePaths) -> None:
    """Becomes the embedded PostgreSQL."""
    postgres.prepare(paths.database)
    _become(postgres.argv(paths.database), {})


def run_api(paths: InstancePaths) -> None:
    """Becomes the api once the database has this version's schema."""
    external = read_database_url()
    url = postgres.database_url(paths.database) if external is None else external.get_secret_value()
    asyncio.run(_prepare_database(None if external is not None else paths.database, url))
    _become((sys.executable, "-m", "api"), api_environment(paths, read_site(paths.site_file), url))


def run_ivr(paths: InstancePaths) -> None:
    """Becomes the service."""
    _become((sys.executable, "-m", "ivr"), ivr_environment(paths, read_site(paths.site_file)))


def reload_logger(paths: InstancePaths) -> None:
    """Has Asterisk open queue_log and messages.log under their own names again; says nothing if it does not run."""
    argv = console_argv(read_binary(paths.binary_file), paths, "logger reload")
    subprocess.run(argv, capture_output=True, check=False, timeout=CONSOLE_S)  # noqa: S603  argv is ours, no shell


PARTS: Mapping[str, Callable[[InstancePaths], None]] = {
    "prepare": prepare,
    "postgres": run_postgres,
    "api": run_api,
    "ivr": run_ivr,
    "reload-logger": reload_logger,
}


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs one part; gives 0, or 2 when it could not."""
    part = PARTS.get(arguments[0]) if len(arguments) == 1 else None
    folder = environment.get(INSTANCE, "")
    if part is None or not Path(folder).is_absolute():
        print(
            f"usage: {INSTANCE}=/absolute/folder python -m hotline.keeping.service {'|'.join(PARTS)}", file=sys.stderr
        )
        return NOT_DONE
    try:
        part(InstancePaths(Path(folder)))
    except (*EXPECTED, TimeoutError) as error:
        print(str(error) or f"the database did not answer within {DATABASE_S:g} s", file=sys.stderr)
        return NOT_DONE
    return 0


def _known_binary(paths: InstancePaths) -> AsteriskBinary | None:
    """Gives the Asterisk that `hotline install` found as root; None: it is looked for."""
    return read_binary(paths.binary_file) if paths.binary_file.exists() else None


async def _prepare_database(embedded: Path | None, url: str) -> None:
    if embedded is not None:
        async with asyncio.timeout(DATABASE_S):
            await postgres.wait_ready(embedded)
            await postgres.create_database(embedded)
    await upgrade_async(url)


def _become(argv: Sequence[str], environment: Mapping[str, str]) -> None:
    os.execvpe(argv[0], list(argv), {**os.environ, **environment})  # noqa: S606  a unit's process: no shell


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
