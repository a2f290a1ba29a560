"""Lines for people: what goes on, on standard error; results go to standard output."""

import sys
from datetime import datetime

from rich.console import Console
from rich.text import Text

PIPE_COLUMNS = 160
"""Width of results that go into a file or another program."""
OUT = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_COLUMNS)
"""Results."""
NEWS = Console(stderr=True, highlight=False, soft_wrap=True)
"""What goes on."""


def say(line: str) -> None:
    """Prints one line of what goes on, with the local time."""
    now = datetime.now().astimezone()
    NEWS.print(Text.assemble((f"{now:%H:%M:%S} ", "dim"), line))


def complain(message: str) -> None:
    """Prints why a command ends."""
    NEWS.print(Text.assemble(("hotline: ", "bold red"), message))
