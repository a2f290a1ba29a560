"""`hotline check` and `hotline simulate`: prove a plan, and tell where a call would go."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from hotline.commands.options import DEFAULT_PLAN, KeysOption, PlanOption
from hotline.errors import HotlineError
from hotline.keys import parse_keys
from hotline.plans import read_proven_plan
from hotline.screen import OUT
from routing import simulator
from routing.plan_files import read_plan
from routing.reasons import describe

PlanArgument = Annotated[Path, typer.Argument(metavar="[DIR]", help="Folder of the plan. Default: the shipped plan.")]


def check(folder: PlanArgument = DEFAULT_PLAN) -> None:
    """Validate a plan and prove that no caller meets a dead end. All errors at once; exit 2 if there is one."""
    plan, proof = read_proven_plan(folder)
    for note in proof.notes:
        OUT.print(Text.assemble(("note  ", "yellow"), note.text))
    OUT.print(
        f"plan {plan.version} in {folder} is valid: {proof.paths} paths walked, none is a dead end", soft_wrap=True
    )


def simulate(  # noqa: PLR0917  typer calls it by name: each parameter is an option
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="Local time: 2026-11-23T10:00. Default: now.")] = "",
    from_: Annotated[
        str, typer.Option("--from", metavar="NUMBER", help="The caller's number. Default: withheld.")
    ] = "",
    did: Annotated[str, typer.Option("--did", metavar="NUMBER", help="The number called. Default: the first.")] = "",
    keys: KeysOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    plan: PlanOption = DEFAULT_PLAN,
) -> None:
    """Tell where a call would go, and why. Places no call, needs no running line."""
    loaded = read_plan(plan)
    simulation = simulator.simulate(
        loaded, read_moment(at, loaded.calendar.timezone), parse_keys(keys), from_=from_ or None, did=did or None
    )
    if as_json:
        OUT.print_json(json.dumps(simulator.as_document(simulation), ensure_ascii=False))
        return
    OUT.print(Text(" → ".join(simulation.path), style="bold"))
    OUT.print(
        f"office {simulation.office}, {'open' if simulation.is_open else 'closed'}, priority {simulation.priority}"
    )
    for reason in simulation.reasons:
        OUT.print(Text(f"  · {describe(reason, simulation.language)}", style="italic"))
    for text in simulation.spoken:
        OUT.print(Text(f"  « {text} »", style="dim"))


def read_moment(text: str, timezone: str, option: str = "--at") -> datetime:
    """Gives the aware moment that an option means: local time of `timezone`, unless it names an offset.

    Empty means now. A local time that comes twice, in the night when summer time ends, is the first of the two.

    Raises:
        HotlineError: It is no time, or a local time that the clocks skip.
    """
    if not text:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
        local = moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(timezone))
        seen = local.astimezone(UTC).astimezone(local.tzinfo)
    except (ValueError, OverflowError) as error:
        raise HotlineError(f"{option} {text}: not a time; write it as 2026-11-23T10:00") from error
    if seen.replace(tzinfo=None) != moment.replace(tzinfo=None):
        raise HotlineError(f"{option} {text}: the clocks skip this time that day; choose another minute")
    return local
