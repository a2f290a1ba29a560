"""Finding the programs of other Debian packages that we start."""

import shutil

PACKAGES = {
    "baresip": "baresip-core",
    "dot": "graphviz",
    "espeak-ng": "espeak-ng",
    "sipp": "sip-tester",
    "sox": "sox",
    "unshare": "util-linux",
}
"""Program → Debian package; `requirements/debian-packages.txt` lists the same packages for `make`."""


class MissingToolError(RuntimeError):
    """A program that we start is not installed; the text names the command that mends it."""


def find_tool(name: str) -> str:
    """Gives the absolute path of the program `name`, which must be a key of `PACKAGES`.

    Raises:
        MissingToolError: It is not installed.
    """
    found = shutil.which(name)
    if found is None:
        raise MissingToolError(f"{name} is not installed; mend it with: apt-get install {PACKAGES[name]}")
    return found


def missing_tools() -> tuple[str, ...]:
    """Gives the programs of `PACKAGES` that are not installed."""
    return tuple(name for name in PACKAGES if shutil.which(name) is None)
