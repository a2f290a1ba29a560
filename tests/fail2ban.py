"""The filter of docker/fail2ban as Python's regular expressions read it, which is what fail2ban does."""

import configparser
import re
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docker" / "fail2ban"


def banned_address(line: str) -> str | None:
    """Gives the address that one line of refusals.log counts against; None: nobody's.

    Source: fail2ban 1.0, filter.py: the date is cut out of the line before `failregex` is looked for.
    """
    parser = configparser.RawConfigParser()
    parser.read(FOLDER / "filter.conf", encoding="utf-8")
    pattern = parser["Definition"]["failregex"].replace("<HOST>", r"(?P<host>[0-9.]+)")
    found = re.search(pattern, re.sub(r"^\[[0-9 :.-]+\]", "", line))
    return found["host"] if found else None
