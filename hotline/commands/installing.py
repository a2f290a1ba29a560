"""`hotline install`, `hotline uninstall`: the line as services of this machine."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from asterisk_conf.binary import AsteriskBinary, find_system_asterisk, read_binary, write_binary
from asterisk_conf.instance import InstancePaths
from asterisk_conf.root_folder import find_asterisk
from hotline.commands.options import InstanceOption, instance_paths
from hotline.errors import HotlineError
from hotline.keeping.units import ENVIRONMENT_FILE, NAME, TARGET, USER, Installation, all_names, files
from hotline.screen import OUT, say

FILE_MODE = 0o644
CLOSED = (Path("/root"), Path("/home"), Path("/tmp"))  # noqa: S108  named because units cannot look into it
RootOption = Annotated[
    Path, typer.Option("--root", metavar="DIR", help="Write below this folder (packages, tests) instead of /.")
]


def install(
    systemd: Annotated[bool, typer.Option("--systemd", help="Units for systemd; there is no other kind.")] = False,
    root: RootOption = Path("/"),
    python: Annotated[
        Path, typer.Option("--python", metavar="PATH", help="Interpreter that has legalaid-hotline. Default: this one.")
    ] = Path(sys.executable),
    external_database: Annotated[
        bool, typer.Option("--external-database", help=f"DATABASE_URL in {ENVIRONMENT_FILE} names the database.")
    ] = False,
    instance: InstanceOption = None,
) -> None:
    """Write units, users, folders and log rotation for this machine, and tell what to run then. Starts nothing."""
    if not systemd:
        raise HotlineError("say --systemd: nothing else is supported; on this machine now: hotline up")
    paths, is_here = instance_paths(instance), root == Path("/")
    if is_here:
        _refuse_closed(python)
    binary = _binary(paths, is_here=is_here)
    installation = Installation(
        paths=paths, python=python.absolute(), binary=binary, has_embedded_database=not external_database
    )
    for path, text in files(installation).items():
        _write(root / path.relative_to("/"), text)
    OUT.print(_next_steps(paths), soft_wrap=True)


def uninstall(root: RootOption = Path("/")) -> None:
    """Remove what `hotline install` wrote. The instance folder, with all data, stays."""
    if root == Path("/") and Path("/run/systemd/system").exists():
        say(f"if it still runs: systemctl disable --now {TARGET}")
    removed = [path for path in (root / each.relative_to("/") for each in all_names()) if path.exists()]
    for path in removed:
        _change(path.unlink)
    OUT.print(f"{len(removed)} files removed; instances and their data stay, and so does user {USER}")


def _binary(paths: InstancePaths, *, is_here: bool) -> AsteriskBinary:
    """Gives the Asterisk that runs; a root folder is made here if there is none, and kept for the units."""
    if not is_here:
        return read_binary(paths.binary_file) if paths.binary_file.exists() else _system_asterisk()
    binary = find_asterisk(say)
    paths.asterisk.mkdir(parents=True, exist_ok=True, mode=0o750)
    write_binary(paths.binary_file, binary)
    return binary


def _system_asterisk() -> AsteriskBinary:
    found = find_system_asterisk()
    if found is None:
        raise HotlineError(
            "no Asterisk 22 here and none known to the instance: run `hotline up` once, or without --root"
        )
    return found


def _refuse_closed(python: Path) -> None:
    for folder in CLOSED:
        if python.absolute().is_relative_to(folder):
            raise HotlineError(
                f"{python}: services cannot look into {folder}: install legalaid-hotline into /opt/{NAME} and run "
                f"/opt/{NAME}/bin/hotline install --systemd"
            )


def _write(path: Path, text: str) -> None:
    def make() -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.new")
        temporary.write_text(text, "utf-8")
        temporary.chmod(FILE_MODE)
        temporary.replace(path)

    _change(make)


def _change(make: Callable[[], None]) -> None:
    """Does something to a file; says so when this user may not."""
    try:
        make()
    except OSError as error:
        raise HotlineError(f"{error.filename}: {error.strerror}; run it with sudo") from error


def _next_steps(paths: InstancePaths) -> str:
    return (
        "written; now run:\n"
        "systemd-sysusers && systemd-tmpfiles --create\n"
        f"chown -R {USER}:{USER} {paths.root}\n"
        f"systemctl daemon-reload && systemctl enable --now {TARGET}"
    )
