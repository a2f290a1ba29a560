"""Puts rendered files and the fallback script where Asterisk reads them: only what changed, each by a rename."""

import os
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from asterisk_conf.instance import InstancePaths
from asterisk_conf.modules import RELOADED_BY
from routing.languages import Language

FILE_MODE = 0o640
SCRIPT_MODE = 0o750
FOLDER_MODE = 0o750
DECIDE = "decide.py"
AGI_PACKAGES = ("agi_scripts", "routing", "asterisk")
"""Copied whole but for folders; `asterisk` is pyst2."""
AGI_CONF_MODULES = ("__init__", "names", "payload", "handoff", "registration", "state_files")
"""What the fallback script needs of `asterisk_conf`."""
LAUNCHER = f'''#!/usr/bin/python3 -IS
"""Starts the fallback script; `-I` and `-S` keep its start short and its imports here."""

import sys

sys.path.insert(0, __file__.removesuffix("/{DECIDE}"))

from agi_scripts.decide import main

sys.exit(main(sys.argv))
'''


class InstallError(RuntimeError):
    """Files cannot be put in place; the text says what to mend."""


def make_folders(paths: InstancePaths) -> None:
    """Makes every folder of the instance that Asterisk writes to or reads from."""
    asterisk = (paths.etc, paths.agi, paths.asterisk_log / "cdr-csv", paths.asterisk_run, paths.music)
    others = (paths.asterisk / "var", paths.asterisk / "spool", paths.state / "plans", paths.recordings)
    sounds = tuple(paths.sounds(language) for language in Language)
    for folder in (*asterisk, *others, *sounds):
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)


def install(files: Mapping[str, str], paths: InstancePaths) -> tuple[str, ...]:
    """Writes the files that differ from what is there.

    Args:
        files: Texts by file name, as `asterisk_conf.render.render` gives them.
        paths: The instance.

    Returns:
        The names of those written, in order.
    """
    make_folders(paths)
    return tuple(name for name, text in files.items() if _write_changed(paths.etc / name, text.encode(), FILE_MODE))


def modules_to_reload(changed: Iterable[str]) -> tuple[str, ...]:
    """Gives what `module reload` is asked for after these files changed, without repetition.

    Raises:
        InstallError: A file is read at the start only, so Asterisk has to be restarted.
    """
    names = tuple(changed)
    start_only = [name for name in names if name not in RELOADED_BY]
    if start_only:
        raise InstallError(f"{', '.join(start_only)} take effect at the next start of Asterisk: restart the line")
    return tuple(dict.fromkeys(module for name in names for module in RELOADED_BY[name]))


def install_agi(paths: InstancePaths) -> tuple[str, ...]:
    """Copies the fallback script and all that it imports, and removes what an older version left.

    Returns:
        The paths written, relative to `paths.agi`, in order.

    Raises:
        InstallError: A package that it needs is not installed.
    """
    wanted = dict(_agi_sources())
    _remove_others(paths.agi, set(wanted) | {DECIDE})
    changed = [name for name, source in wanted.items() if _write_changed(paths.agi / name, source, FILE_MODE)]
    if _write_changed(paths.agi / DECIDE, LAUNCHER.encode(), SCRIPT_MODE):
        changed.append(DECIDE)
    return tuple(changed)


def _agi_sources() -> Iterator[tuple[str, bytes]]:
    """Gives relative path and content of each module that the script needs."""
    for package in AGI_PACKAGES:
        for module in sorted(_folder_of(package).glob("*.py")):
            yield f"{package}/{module.name}", module.read_bytes()
    for name in AGI_CONF_MODULES:
        yield f"asterisk_conf/{name}.py", (Path(__file__).parent / f"{name}.py").read_bytes()
    six = find_spec("six")
    if six is None or six.origin is None:
        raise InstallError("the fallback script needs `six`: pip install 'legalaid-hotline[agi]'")
    yield "six.py", Path(six.origin).read_bytes()


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise InstallError(f"the fallback script needs `{package}`: pip install 'legalaid-hotline[agi]'")
    return Path(spec.submodule_search_locations[0])


def _remove_others(folder: Path, wanted: set[str]) -> None:
    for path in folder.rglob("*.py"):
        if str(path.relative_to(folder)) not in wanted:
            path.unlink()


def _write_changed(path: Path, content: bytes, mode: int) -> bool:
    """Writes `content` by a new file and a rename; False if it is there already."""
    if path.is_file() and path.read_bytes() == content and path.stat().st_mode & 0o777 == mode:
        return False
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    temporary.replace(path)
    return True
