"""The Asterisk that the line runs on: the machine's own, or one in a Debian root folder made once in the cache.

The mirror comes from apt's own sources; no address is written here.
"""

import fcntl
import json
import os
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from asterisk_conf.binary import (
    AsteriskBinary,
    AsteriskError,
    AsteriskVersion,
    ask_version,
    describe,
    find_system_asterisk,
    is_usable,
)

Progress = Callable[[str], None]
"""Takes one line for people."""

SUITE = "sid"
"""Debian 12 and 13 have no package `asterisk`; sid has 22 LTS."""
PACKAGES = ("asterisk", "python3", "python3-minimal", "tzdata")
EXECUTABLE = Path("/usr/sbin/asterisk")
MARKER = ".legalaid-hotline.json"
"""Written last into a folder that is whole: which packages and which version it holds."""
NEEDED_BYTES = 1_500_000_000
"""The folder takes about 600 MB, and as much again while packages are unpacked."""
DEBOOTSTRAP_LIMIT_S = 2_400
APT_LIMIT_S = 60
KEPT_LINES = 8
"""Last lines of debootstrap that an error quotes."""


def default_folder() -> Path:
    """Gives `${XDG_CACHE_HOME:-~/.cache}/legalaid-hotline/asterisk-root`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "legalaid-hotline" / "asterisk-root"


def find_asterisk(progress: Progress, folder: Path | None = None) -> AsteriskBinary:
    """Gives the Asterisk that the line runs on, making the root folder when the machine has none of its own.

    Args:
        progress: Takes lines that tell what goes on.
        folder: The root folder; None means `default_folder()`.

    Raises:
        AsteriskError: There is none and none can be made; the text says what mends it.
    """
    system = find_system_asterisk()
    if system is not None:
        return system
    return ensure_root_folder(folder or default_folder(), progress)


def ensure_root_folder(folder: Path, progress: Progress) -> AsteriskBinary:
    """Gives the Asterisk of a root folder, made now if it is missing, half made or of another recipe.

    Raises:
        AsteriskError: It cannot be made.
    """
    if os.geteuid() != 0:
        raise AsteriskError(
            "this machine has no Asterisk 22 of its own, and the one in a root folder needs root: run with sudo"
        )
    with _locked(folder, progress):
        version = _version_of(folder)
        if version is None:
            version = _make(folder, progress)
    return describe(root=folder, executable=EXECUTABLE, version=version)


@contextmanager
def _locked(folder: Path, progress: Progress) -> Iterator[None]:
    """Holds the lock beside the folder, so that two processes never make it at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting for another process that makes {folder}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _version_of(folder: Path) -> AsteriskVersion | None:
    """Reads the marker; None if the folder is missing, half made, of another recipe or too old."""
    try:
        marker = json.loads((folder / MARKER).read_text("utf-8"))
        version = AsteriskVersion(*marker["version"])
        is_ours = marker["packages"] == list(PACKAGES)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    has_executable = (folder / EXECUTABLE.relative_to("/")).is_file()
    return version if is_ours and has_executable and is_usable(version) else None


def _make(folder: Path, progress: Progress) -> AsteriskVersion:
    """Makes the folder as `<folder>.partial` and renames it when Asterisk there has told its version."""
    _check_tools()
    partial = folder.with_name(f"{folder.name}.partial")
    for leftover in (partial, folder):
        if leftover.exists():
            progress(f"removing {leftover}, which is not whole")
            shutil.rmtree(leftover)
    _check_space(folder.parent)
    mirror = find_mirror()
    progress(f"making {folder} with Asterisk 22 from Debian {SUITE}: once, about 600 MB and one minute")
    _debootstrap(partial, mirror, progress)
    version = _checked_version(partial)
    (partial / MARKER).write_text(json.dumps({"version": list(version), "packages": list(PACKAGES)}), "utf-8")
    partial.rename(folder)
    progress(f"{folder} holds Asterisk {version}")
    return version


def _check_tools() -> None:
    packages = {"debootstrap": "debootstrap", "unshare": "util-linux", "chroot": "coreutils", "apt-get": "apt"}
    missing = [package for tool, package in packages.items() if shutil.which(tool) is None]
    if missing:
        raise AsteriskError(f"needed to make Asterisk's root folder: apt-get install {' '.join(missing)}")


def _check_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise AsteriskError(
            f"{folder} has {free // 1_000_000} MB free and Asterisk's root folder needs {NEEDED_BYTES // 1_000_000}: "
            "make room, or set XDG_CACHE_HOME to a folder on a larger disk"
        )


def find_mirror() -> str:
    """Gives the address of the Debian mirror that apt itself uses.

    Raises:
        AsteriskError: apt names none.
    """
    argv = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"]
    try:
        answer = subprocess.run(  # noqa: S603  argv is ours, no shell
            argv, capture_output=True, text=True, timeout=APT_LIMIT_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise AsteriskError(f"apt does not tell its sources ({error}): see what `apt-get update` says") from error
    for line in answer.stdout.splitlines():
        address, _, release = line.partition(" ")
        if address.rstrip("/").endswith("/debian") and "-" not in release:
            return address
    raise AsteriskError("apt knows no Debian mirror: add one to /etc/apt/sources.list, then apt-get update")


def debootstrap_argv(partial: Path, mirror: str) -> list[str]:
    """Gives the command that makes the folder.

    Why `unshare`: debootstrap mounts /proc inside, and would leave it mounted when it is killed.
    """
    return [
        "timeout",
        "--foreground",
        str(DEBOOTSTRAP_LIMIT_S),
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "debootstrap",
        "--variant=minbase",
        f"--include={','.join(PACKAGES)}",
        SUITE,
        str(partial),
        mirror,
    ]


def _debootstrap(partial: Path, mirror: str, progress: Progress) -> None:
    last: deque[str] = deque(maxlen=KEPT_LINES)
    with subprocess.Popen(  # noqa: S603  argv is ours, no shell
        debootstrap_argv(partial, mirror),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"},
    ) as process:
        assert process.stdout is not None  # noqa: S101  PIPE was asked for two lines above
        for line in process.stdout:
            last.append(line.rstrip())
            progress(line.rstrip())
    if process.returncode != 0:
        told = "\n  ".join(last)
        raise AsteriskError(
            f"debootstrap ended with {process.returncode}; details: {partial}/debootstrap/debootstrap.log\n  {told}\n"
            "check the network and `apt-get update`, then start again: what is half made is removed by itself"
        )


def _checked_version(partial: Path) -> AsteriskVersion:
    version = ask_version(EXECUTABLE, partial)
    if version is None or not is_usable(version):
        raise AsteriskError(
            f"Debian {SUITE} gave Asterisk {version or 'without a version'}; the line needs 22.9 or newer, below 23: "
            "install such an `asterisk` on this machine"
        )
    return version
