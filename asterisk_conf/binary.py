"""Which Asterisk runs the line: its version, and where its parts lie."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

VERSION_TIMEOUT_S = 20
MODULE_FOLDERS = ("usr/lib/*/asterisk/modules", "usr/lib/asterisk/modules", "usr/lib64/asterisk/modules")
DATA_FOLDERS = ("usr/share/asterisk", "var/lib/asterisk")
DOCUMENTATION = "documentation"
"""Asterisk refuses to register configuration objects without its own XML documentation (main/config_options.c)."""
_VERSION = re.compile(r"Asterisk (\d+)\.(\d+)\.(\d+)")


class AsteriskVersion(NamedTuple):
    """A version of Asterisk; compares in order."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        """Gives `22.10.1`."""
        return ".".join(map(str, self[:3]))


LOWEST_VERSION = AsteriskVersion(22, 9, 0)
"""cel_custom writes JSON since 22.9 (configs/samples/cel_custom.conf.sample)."""
FIRST_UNTESTED_VERSION = AsteriskVersion(23, 0, 0)


class AsteriskError(RuntimeError):
    """No usable Asterisk; the text says what is missing and the command that mends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskBinary:
    """An Asterisk that can be started. All paths but `root` are those that Asterisk itself sees."""

    root: Path | None
    """Debian root folder in which it lives; None: it is installed on this machine."""
    version: AsteriskVersion
    executable: Path
    modules_dir: Path
    data_dir: Path
    """Where its XML documentation lies."""
    python: Path
    """The interpreter that its scripts run with."""


def is_usable(version: AsteriskVersion) -> bool:
    """Tells whether the line runs on this version: `[LOWEST_VERSION, FIRST_UNTESTED_VERSION)`."""
    return LOWEST_VERSION <= version < FIRST_UNTESTED_VERSION


def parse_version(text: str) -> AsteriskVersion | None:
    """Reads the answer of `asterisk -V`; None if it tells no version."""
    found = _VERSION.search(text)
    return AsteriskVersion(*map(int, found.groups())) if found else None


def ask_version(executable: Path, root: Path | None) -> AsteriskVersion | None:
    """Asks an executable (in a root folder: by chroot) for its version; None if it does not tell."""
    argv = [str(executable), "-V"] if root is None else ["chroot", str(root), str(executable), "-V"]
    try:
        answer = subprocess.run(  # noqa: S603  argv is ours, no shell
            argv, capture_output=True, text=True, timeout=VERSION_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(answer.stdout)


def find_system_asterisk() -> AsteriskBinary | None:
    """Gives the Asterisk installed on this machine, if there is one that the line runs on."""
    found = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        return None
    version = ask_version(Path(found), None)
    if version is None or not is_usable(version):
        return None
    return describe(root=None, executable=Path(found), version=version)


def describe(*, root: Path | None, executable: Path, version: AsteriskVersion) -> AsteriskBinary:
    """Finds the other parts of an Asterisk.

    Raises:
        AsteriskError: Modules, documentation or Python are not where Debian puts them.
    """
    top = root or Path("/")
    modules = _first(top, MODULE_FOLDERS, "chan_pjsip.so")
    data = _first(top, DATA_FOLDERS, f"{DOCUMENTATION}/core-en_US.xml")
    if not (top / "usr/bin/python3").exists():
        raise AsteriskError(f"no {top}/usr/bin/python3 beside Asterisk: apt-get install python3")
    return AsteriskBinary(
        root=root,
        version=version,
        executable=executable,
        modules_dir=modules,
        data_dir=data,
        python=Path("/usr/bin/python3"),
    )


def _first(top: Path, patterns: tuple[str, ...], witness: str) -> Path:
    """Gives the first folder under `top`, as Asterisk sees it, that holds the file `witness`."""
    for pattern in patterns:
        for folder in sorted(top.glob(pattern)):
            if (folder / witness).exists():
                return Path("/") / folder.relative_to(top)
    raise AsteriskError(f"no {witness} in any of {', '.join(patterns)} of {top}: apt-get install --reinstall asterisk")


def write_binary(path: Path, binary: AsteriskBinary) -> None:
    """Keeps the description of an Asterisk for the service, which renders configuration and looks for none itself."""
    document = {
        "root": None if binary.root is None else str(binary.root),
        "version": list(binary.version),
        "executable": str(binary.executable),
        "modules_dir": str(binary.modules_dir),
        "data_dir": str(binary.data_dir),
        "python": str(binary.python),
    }
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(document), "utf-8")
    temporary.replace(path)


def read_binary(path: Path) -> AsteriskBinary:
    """Gives back what `write_binary` was given.

    Raises:
        AsteriskError: The file is missing or does not fit.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
        return AsteriskBinary(
            root=None if document["root"] is None else Path(document["root"]),
            version=AsteriskVersion(*map(int, document["version"])),
            executable=Path(document["executable"]),
            modules_dir=Path(document["modules_dir"]),
            data_dir=Path(document["data_dir"]),
            python=Path(document["python"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AsteriskError(f"{path}: no description of an Asterisk ({error}): `hotline up` writes it") from error
