"""One measured figure, and the table of all."""

import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured, and what it is compared with."""

    subject: str
    measured: str
    """With its unit."""
    beside: str
    """The limit, or the other side of the comparison, with its unit."""
    ratio: float
    """Measured to limit, or ours to theirs; see `goal`."""
    goal: str
    """What the ratio should be: `≤ 1`, `≥ 2`."""


def print_figures(figures: Iterable[Figure]) -> None:
    """Prints the table, with the date, the commit and the machine of the run."""
    table = Table("what", "measured", "beside", "ratio", "goal", header_style="bold", box=None, padding=(0, 2, 0, 0))
    for each in figures:
        table.add_row(each.subject, each.measured, each.beside, f"{each.ratio:.2f}", each.goal)
    console = Console(width=150)
    console.print(table)
    console.print(f"\n{_run()}")


def page_of(figures: Iterable[Figure]) -> str:
    """Gives the table as a page of the documentation, with the run that it is of."""
    rows = "\n".join(
        f"| {each.subject} | {each.measured} | {each.beside} | {each.ratio:.2f} | {each.goal} |" for each in figures
    )
    return (
        "# Measurements\n\nMade by `python -m tests.bench --page docs/measurements.md [NAME…]`; `make bench` prints "
        f"the same table. {_run()}.\n\n| what | measured | beside | ratio | goal |\n|---|---|---|---|---|\n{rows}\n"
    )


def _run() -> str:
    busy = f"{os.getloadavg()[0]:.1f} busy of {os.cpu_count()} cores"
    return f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}, commit {_commit()}, {_machine()}, {busy} at the end"


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _machine() -> str:
    return f"Python {platform.python_version()}, {platform.machine()}"
