"""`hotline backup`, `hotline restore`, `hotline upgrade`: what a keeper does with the line's data."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from asterisk_conf.instance import InstancePaths
from hotline.commands.options import InstanceOption, instance_paths
from hotline.commands.up import read_database_url
from hotline.errors import HotlineError
from hotline.keeping.backup import SHORTEST_PASSPHRASE_CHARS, make_backup
from hotline.keeping.database import running_database
from hotline.keeping.restore import restore_backup
from hotline.screen import OUT, say
from migrations.inspection import SchemaState, inspect_async
from migrations.run import upgrade_async

WORK_AHEAD = 1
PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="Its first line is the passphrase. Default: you are asked. Without the passphrase nobody opens the "
        "backup, you neither: keep it apart from the backups.",
    ),
]


def backup(
    target: Annotated[Path, typer.Argument(metavar="DIR|FILE", help="A folder, or the name of a new file.")],
    passphrase_file: PassphraseOption = None,
    instance: InstanceOption = None,
) -> None:
    """Save the whole line into one sealed file, while it runs or not: database, plans, prompts, recordings, keys."""
    passphrase = read_passphrase(passphrase_file, is_new=True)
    url = _external_url()
    file = asyncio.run(make_backup(instance_paths(instance), target, passphrase, url, say))
    OUT.print(str(file), soft_wrap=True)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `hotline backup` wrote.")],
    passphrase_file: PassphraseOption = None,
    instance: InstanceOption = None,
) -> None:
    """Make a line of a backup on a machine that has none; all of it, or nothing."""
    passphrase = read_passphrase(passphrase_file, is_new=False)
    paths, url = instance_paths(instance), _external_url()
    manifest = asyncio.run(restore_backup(file, paths, passphrase, url, say))
    OUT.print(
        f"restored to {paths.root}. Before you start it:\n"
        f"- see that the addresses in {paths.site_file} are this machine's\n"
        f"- registration numbers given after {manifest.made_at:%Y-%m-%d %H:%M} UTC could be given once more: on that "
        "day, choose another registration_source there\n"
        "- operators log in again; the old machine must stay off: it has the same name",
        soft_wrap=True,
    )


def upgrade(
    check: Annotated[bool, typer.Option("--check", help="Only tell what would be done. Exit 1: something would.")] = (
        False
    ),
    instance: InstanceOption = None,
) -> None:
    """Bring the database to the schema of this version. A newer one is refused. Make a backup before."""
    state = asyncio.run(_upgrade(instance_paths(instance), _external_url(), is_check=check))
    if not state.is_known:
        raise HotlineError(
            f"the database has schema {state.revision}, which this version does not know (its newest is "
            f"{state.newest}): install the version that made it, or a newer one"
        )
    for step in state.ahead:
        OUT.print(f"{step.revision}  {step.title}", soft_wrap=True)
    if not state.ahead:
        OUT.print(f"the database has schema {state.newest}, which is this version's")
    elif check:
        raise typer.Exit(WORK_AHEAD)
    else:
        OUT.print(f"done: the database has schema {state.newest}")


async def _upgrade(paths: InstancePaths, external_url: str | None, *, is_check: bool) -> SchemaState:
    """Upgrades unless it is only a check; gives what was found before."""
    async with running_database(paths, external_url) as url:
        state = await inspect_async(url)
        if state.is_known and state.ahead and not is_check:
            await upgrade_async(url)
        return state


def read_passphrase(file: Path | None, *, is_new: bool) -> str:
    """Reads the first line of a file, or asks.

    Raises:
        HotlineError: There is none, or it is too short to protect anything.
    """
    if file is not None:
        passphrase = _first_line(file)
    elif sys.stdin.isatty():
        passphrase = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=is_new, err=True)
    else:
        raise HotlineError("a backup is sealed with a passphrase, and there is nobody to ask: --passphrase-file FILE")
    if len(passphrase) < SHORTEST_PASSPHRASE_CHARS:
        raise HotlineError(f"the passphrase needs at least {SHORTEST_PASSPHRASE_CHARS} characters: five words are good")
    return passphrase


def _first_line(file: Path) -> str:
    try:
        return (file.read_text("utf-8").splitlines() or [""])[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise HotlineError(f"{file}: cannot be read: {error}") from error


def _external_url() -> str | None:
    url: SecretStr | None = read_database_url()
    return None if url is None else url.get_secret_value()
