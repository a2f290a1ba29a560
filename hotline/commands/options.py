"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from asterisk_conf.instance import InstancePaths
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
DEFAULT_PLAN = SHIPPED_PLAN


def instance_paths(instance: Path | None) -> InstancePaths:
    """Gives the paths of the instance that a command means."""
    return InstancePaths((instance or default_instance()).expanduser().resolve())
