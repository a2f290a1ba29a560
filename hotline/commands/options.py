"""Options that several commands share."""

import getpass
import os
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from api.kit.words import AUTHOR_LIMIT_CHARS, REASON_LIMIT_CHARS, Author, Reason
from asterisk_conf.instance import InstancePaths
from hotline.errors import HotlineError
from hotline.line import SHIPPED_PLAN, default_instance

InstanceOption = Annotated[
    Path | None,
    typer.Option(
        "--instance",
        metavar="DIR",
        help="Folder of the running line: settings, secrets, logs, database. Default: "
        "/var/lib/legalaid-hotline/default for root, else ~/.local/state/legalaid-hotline/default.",
    ),
]
PlanOption = Annotated[
    Path,
    typer.Option("--plan", metavar="DIR", help="Folder of the plan's YAML files. Default: the plan that is shipped."),
]
KeysOption = Annotated[
    str,
    typer.Option(
        "--keys",
        metavar="KEYS",
        help="What the caller answers, separated by commas: 1 a key, 54 two digits in one answer, t silence.",
    ),
]
ByOption = Annotated[
    str, typer.Option("--by", metavar="NAME", help="Who does it; is kept and shown. Default: your login name.")
]
DEFAULT_PLAN = SHIPPED_PLAN
_AUTHOR: TypeAdapter[str] = TypeAdapter(Author)
_REASON: TypeAdapter[str] = TypeAdapter(Reason)


def instance_paths(instance: Path | None) -> InstancePaths:
    """Gives the paths of the instance that a command means."""
    return InstancePaths((instance or default_instance()).expanduser().resolve())


def login_name() -> str:
    """Gives who sits at the keyboard, also behind sudo.

    Raises:
        HotlineError: This machine does not know.
    """
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError) as error:
        raise HotlineError("your login name is not known here: say who you are with --by NAME") from error


def read_author(option: str, text: str) -> str:
    """Gives who does it, as it is kept.

    Raises:
        HotlineError: It is empty, too long, or more than one line.
    """
    return _kept(_AUTHOR, option, text, AUTHOR_LIMIT_CHARS)


def read_reason(option: str, text: str) -> str:
    """Gives why it is done, as it is kept. Raises as `read_author`."""
    return _kept(_REASON, option, text, REASON_LIMIT_CHARS)


def _kept(words: TypeAdapter[str], option: str, text: str, limit_chars: int) -> str:
    try:
        return words.validate_python(text)
    except ValidationError as error:
        raise HotlineError(f"{option}: one line of plain text is needed, 1 to {limit_chars} characters") from error
