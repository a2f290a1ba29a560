"""Makes a line of a backup, where there is none: the whole of it, or nothing.

Everything happens in a folder beside the instance's; that folder gets the instance's name last.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import read_secrets
from asterisk_conf.launch import check_socket_path
from asterisk_conf.site import read_site
from hotline import postgres
from hotline.keeping.archive import Manifest, extract
from hotline.keeping.database import load
from hotline.keeping.errors import RestoreError
from hotline.keeping.parts import DATABASE_DUMP
from migrations.inspection import inspect_async
from migrations.run import upgrade_async

STAGING_SUFFIX = ".new"

Say = Callable[[str], None]


async def restore_backup(
    backup: Path, paths: InstancePaths, passphrase: str, external_url: str | None, say: Say
) -> Manifest:
    """Restores a backup into an instance that is not there yet; tells what it holds.

    Args:
        backup: The file.
        paths: The instance; its folder must be missing or empty.
        passphrase: With which it was made.
        external_url: SQLAlchemy URL of an empty database; None: an embedded one is made.
        say: Takes lines that tell what goes on.

    Raises:
        RestoreError: Something is there already, or the backup is not whole.
        SealError: The passphrase is another one, or the file was damaged.
        PostgresError, MigrationError, DatabaseProgramError: The database does not do its part.
    """
    check_socket_path(paths)
    _refuse_unless_empty(paths.root)
    if external_url is not None:
        await _refuse_unless_empty_database(external_url)
    with _staging(paths.root) as folder:
        manifest = _extract(backup, passphrase, folder)
        say(f"{len(manifest.entries)} files are whole; the backup is of {manifest.made_at:%Y-%m-%d %H:%M} UTC")
        _check_content(InstancePaths(folder))
        dump_file = folder / DATABASE_DUMP
        revision = await _fill(InstancePaths(folder), dump_file, external_url)
        say(f"database: schema {manifest.revision}" + ("" if revision == manifest.revision else f", now {revision}"))
        dump_file.unlink()
        folder.rename(paths.root)
    return manifest


def _refuse_unless_empty(root: Path) -> None:
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise RestoreError(
            f"{root} is not empty, and nothing is overwritten: stop the line there and move the folder away, "
            "or restore into another one with --instance DIR"
        )


async def _refuse_unless_empty_database(url: str) -> None:
    if not (await inspect_async(url)).is_empty:
        raise RestoreError("the database of DATABASE_URL is not empty, and nothing is overwritten: make a new one")


@contextmanager
def _staging(root: Path) -> Iterator[Path]:
    """Gives a folder beside `root` that is gone at the end, unless it got another name."""
    folder = root.with_name(root.name + STAGING_SUFFIX)
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o750)
    except FileExistsError:
        text = f"{folder} is left of a restore that was cut short, or one goes on: remove it if none does"
        raise RestoreError(text) from None
    except OSError as error:
        raise RestoreError(f"{folder}: {error.strerror}") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _extract(backup: Path, passphrase: str, folder: Path) -> Manifest:
    try:
        with backup.open("rb") as file:
            return extract(file, passphrase, folder)
    except OSError as error:
        raise RestoreError(f"{backup}: {error.strerror or error}") from error


def _check_content(paths: InstancePaths) -> None:
    """Sees that settings and secrets can be used.

    Raises:
        SiteError, SecretsError: They cannot.
    """
    read_site(paths.site_file)
    read_secrets(paths.secrets_file)


async def _fill(paths: InstancePaths, dump_file: Path, external_url: str | None) -> str:
    """Fills the database and brings it to this code's schema; gives its revision."""
    if external_url is not None:
        await load(external_url, dump_file)
        return await upgrade_async(external_url)
    postgres.prepare(paths.database)
    process = await postgres.start(paths.database)
    try:
        url = postgres.database_url(paths.database)
        await load(url, dump_file)
        return await upgrade_async(url)
    finally:
        await postgres.stop(process)
