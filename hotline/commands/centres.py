"""`hotline centres`: the telephones of the centres, and whether they work."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from asterisk_conf.binary import read_binary
from asterisk_conf.instance import InstancePaths
from asterisk_conf.state_files import read_current, read_number_checks, read_plan_snapshot
from hotline.centre_checks import check_places, places_of
from hotline.commands.options import InstanceOption, instance_paths
from hotline.screen import OUT, say
from routing.centres import numbers_of
from routing.plan import CentreId

FOUND_WANTING = 1

app = typer.Typer(no_args_is_help=True, help="Telephones of the centres: which there are, and whether they work.")


@app.command("list")
def list_centres(instance: InstanceOption = None) -> None:
    """Show the directory of the plan in force, with the last check of each telephone."""
    paths = instance_paths(instance)
    plan = read_plan_snapshot(paths.state, read_current(paths.state))
    checks = {check.number: check for check in read_number_checks(paths.state)}
    table = Table("centre", "key", "telephone", "state", "checked")
    for centre in plan.centres.values():
        for number in numbers_of(centre):
            check = checks.get(number)
            state = "sample" if centre.is_sample else "unchecked" if check is None else _told(is_dead=check.is_dead)
            at = "" if check is None else f"{check.checked_at:%Y-%m-%d %H:%M} UTC"
            table.add_row(centre.id, centre.key, number, state, at)
    OUT.print(table)


@app.command("check")
def check(
    centres: Annotated[list[str] | None, typer.Argument(metavar="[CENTRE]…", help="Default: all.")] = None,
    instance: InstanceOption = None,
) -> None:
    """Call each telephone for a moment; exit 1 when one is dead. A dead one is passed over until it works again.

    Telephones ring for at most six seconds, samples are not called. For a check every night, start it from a timer.
    """
    dead = asyncio.run(_check(instance_paths(instance), [CentreId(each) for each in centres or ()]))
    if dead:
        raise typer.Exit(FOUND_WANTING)


async def _check(paths: InstancePaths, centres: list[CentreId]) -> int:
    plan = read_plan_snapshot(paths.state, read_current(paths.state))
    places = places_of(plan, centres)
    if not places:
        say("no telephone to check: the plan has samples only")
    dead = 0
    async for found in check_places(paths, read_binary(paths.binary_file), places):
        dead += found.check.is_dead
        told = _told(is_dead=found.check.is_dead)
        OUT.print(f"{found.centre}, telephone {found.place + 1}: {told} ({found.check.status})")
    return dead


def _told(*, is_dead: bool) -> str:
    return "dead" if is_dead else "works"
