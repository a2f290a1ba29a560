"""`hotline privacy`, `hotline retention`, `hotline keys`: one person's data, how long data is kept, and its key."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from api.privacy.schemas import Erased, RetentionRun, Rotation
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import change_encryption_key, forget_keys_before, keep_keys_before
from hotline.commands.options import InstanceOption, instance_paths, read_reason
from hotline.errors import HotlineError
from hotline.people_api import open_people
from hotline.screen import OUT, say

NumberArgument = Annotated[str, typer.Argument(metavar="NUMBER", help="The person's number in any form.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; is kept in the audit.")]

persons = typer.Typer(no_args_is_help=True, help="Everything that the log holds about one number: give it, erase it.")
retention = typer.Typer(no_args_is_help=True, help="What ends after its time; runs every night by itself.")
keys = typer.Typer(no_args_is_help=True, help="The key that seals callers' numbers.")


@persons.command("export")
def export(
    number: NumberArgument,
    reason: ReasonOption,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to; must not be there yet.")],
    instance: InstanceOption = None,
) -> None:
    """Write everything about one number into a file that only you can read."""
    why = read_reason("--reason", reason)
    content = asyncio.run(_export(instance_paths(instance), number, why))
    write_private(output, content)
    OUT.print(f"written to {output}")


@persons.command("erase")
def erase(
    number: NumberArgument,
    reason: ReasonOption,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    instance: InstanceOption = None,
) -> None:
    """Destroy one number for good; calls stay, nobody's."""
    why = read_reason("--reason", reason)
    if not yes:
        typer.confirm("This cannot be undone. Erase the number?", abort=True, err=True)
    erased = asyncio.run(_erase(instance_paths(instance), number, why))
    OUT.print(
        f"erased: the number in {erased.calls} calls, {erased.evidence} lines of evidence and {erased.quarantine} "
        f"unreadable lines, {erased.notes} notes"
    )
    if erased.detention_reports_kept:
        say(f"{erased.detention_reports_kept} detention reports came by these calls; they stay for their own time")


@retention.command("run")
def run_retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be removed.")] = False,
    instance: InstanceOption = None,
) -> None:
    """Remove what has been kept long enough, as happens every night."""
    done = asyncio.run(_retention(instance_paths(instance), is_dry=dry_run))
    OUT.print(counts_table(done))


@keys.command("rotate")
def rotate(instance: InstanceOption = None) -> None:
    """Make a new key, seal every number anew with it, and forget the old one; goes on where it was interrupted.

    Old backups need the old key: it is in their secrets file.
    """
    paths = instance_paths(instance)
    old = change_encryption_key(paths.secrets_file).number_encryption_keys_before
    say("the new key stands in the secrets file beside the old one; everything is sealed anew")
    total, done = 0, asyncio.run(_rotate(paths))
    while sum(done.resealed.values()):
        total += sum(done.resealed.values())
        done = asyncio.run(_rotate(paths))
    _refuse_unreadable(done, paths)
    forget_keys_before(paths.secrets_file)
    last = asyncio.run(_rotate(paths))
    if last.unreadable:
        keep_keys_before(paths.secrets_file, old)
        _refuse_unreadable(asyncio.run(_rotate(paths)), paths)
        raise HotlineError("evidence came in that was sealed with the old key, which stays: run this once more")
    OUT.print(f"key {last.key_id} seals now; {total} values were sealed anew")


def _refuse_unreadable(done: Rotation, paths: InstancePaths) -> None:
    if done.unreadable:
        raise HotlineError(f"{done.unreadable} values open with no key; the old key stays in {paths.secrets_file}")


def write_private(path: Path, content: bytes) -> None:
    """Writes a file with mode 0600.

    Raises:
        HotlineError: It is there already, or cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        raise HotlineError(f"{path}: {error.strerror}") from error


def counts_table(done: RetentionRun) -> Table:
    """Gives what a run removed, or would."""
    table = Table("class", "what", "would be removed" if done.is_dry else "removed", box=None, header_style="bold")
    for name, rows in done.counts.items():
        for what, count in rows.items() or [("kept for ever", 0)]:
            table.add_row(name, what, str(count))
    return table


async def _export(paths: InstancePaths, number: str, reason: str) -> bytes:
    async with open_people(paths) as api:
        return await api.export_person(number, reason)


async def _erase(paths: InstancePaths, number: str, reason: str) -> Erased:
    async with open_people(paths) as api:
        return await api.erase_person(number, reason)


async def _retention(paths: InstancePaths, *, is_dry: bool) -> RetentionRun:
    async with open_people(paths) as api:
        return await api.run_retention(is_dry=is_dry)


async def _rotate(paths: InstancePaths) -> Rotation:
    async with open_people(paths) as api:
        return await api.rotate_keys()
