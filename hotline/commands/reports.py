"""`hotline report` and `hotline demo-data`."""

import asyncio
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

import httpx
import typer

from api.reports.days import KYIV
from api.reports.schemas import (
    Abandoned,
    Distributions,
    HeatMap,
    Menus,
    Operators,
    RepeatCallers,
    Report,
    ServiceLevels,
    Summary,
)
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import read_secrets
from asterisk_conf.site import read_site
from hotline.commands.options import InstanceOption, instance_paths
from hotline.demo_data import END, START
from hotline.demo_sending import Progress, calls_due, demo_batches, send, sumy_calendar
from hotline.errors import HotlineError
from hotline.http_api import open_api, parse
from hotline.ports import LOOPBACK
from hotline.report_tables import report_view
from hotline.screen import OUT, say

SAID_EVERY_S = 10.0


class ReportName(StrEnum):
    """Which report; the end of its path."""

    SUMMARY = "summary"
    HEAT_MAP = "heat-map"
    SERVICE_LEVEL = "service-level"
    DISTRIBUTIONS = "distributions"
    ABANDONED = "abandoned"
    MENUS = "menus"
    OPERATORS = "operators"
    REPEAT_CALLERS = "repeat-callers"


_MODELS: dict[ReportName, type[Report]] = {
    ReportName.SUMMARY: Summary,
    ReportName.HEAT_MAP: HeatMap,
    ReportName.SERVICE_LEVEL: ServiceLevels,
    ReportName.DISTRIBUTIONS: Distributions,
    ReportName.ABANDONED: Abandoned,
    ReportName.MENUS: Menus,
    ReportName.OPERATORS: Operators,
    ReportName.REPEAT_CALLERS: RepeatCallers,
}
FromOption = Annotated[
    str, typer.Option("--from", metavar="DAY", help="First day, 2017-01-01. Default: the first of this month.")
]
ToOption = Annotated[str, typer.Option("--to", metavar="DAY", help="First day that is out. Default: tomorrow.")]
WithOption = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        metavar="NAME=VALUE",
        help="A parameter of the report, as in the api: period=month, by=office, office=sumy, threshold_s=20. "
        "May be repeated.",
    ),
]


def report(  # noqa: PLR0917  typer gives each option by name
    name: Annotated[ReportName, typer.Argument(help="Which report.")] = ReportName.SUMMARY,
    from_: FromOption = "",
    to: ToOption = "",
    with_: WithOption = None,
    formulas: Annotated[bool, typer.Option("--formulas", help="Print what each figure means.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the api's answer.")] = False,
    instance: InstanceOption = None,
) -> None:
    """Show figures of the log: calls by period, service level, waiting, abandoned calls, menus, operators."""
    today = datetime.now(KYIV).date()
    first = _day("--from", from_, today.replace(day=1))
    before = _day("--to", to, today + timedelta(days=1))
    query = [("from", str(first)), ("to", str(before)), *map(_parameter, with_ or [])]
    content = asyncio.run(_ask(instance_paths(instance), name, query))
    if as_json:
        typer.echo(content.decode())
    else:
        OUT.print(report_view(parse(_MODELS[name], content), with_formulas=formulas))


def demo_data(
    from_: Annotated[str, typer.Option("--from", metavar="DAY", help="First day. Default: 2013-07-01.")] = "",
    to: Annotated[str, typer.Option("--to", metavar="DAY", help="First day that is out. Default: 2018-02-01.")] = "",
    scale: Annotated[
        float, typer.Option("--scale", help="1: as many calls as the centre had; 0.001: a thousandth.")
    ] = 1,
    instance: InstanceOption = None,
) -> None:
    """Fill the log with calls like the centre's from its start to early 2018, marked as of the node demo-data.

    They are raw evidence, which the log takes as it takes that of a line. Sending a range again changes nothing; two
    scales in one log add up. At scale 1 it takes a good while; when it is stopped it says with which --from it goes on.
    """
    first, before = _day("--from", from_, START), _day("--to", to, END)
    progress = Progress()
    try:
        asyncio.run(_fill(instance_paths(instance), scale, first, before, progress))
    except (KeyboardInterrupt, HotlineError):
        say(_go_on(progress, scale, before))
        raise
    say(
        f"sent {progress.calls:,} calls in {progress.lines:,} lines within {progress.seconds:.0f} s "
        f"({progress.lines_per_s:,.0f} lines/s); {progress.stored:,} lines were new"
    )


def _day(option: str, given: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(given) if given else otherwise
    except ValueError:
        raise HotlineError(f"{option} {given}: not a day; write it as 2017-01-31") from None


def _parameter(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not equals or not name:
        raise HotlineError(f"--with {given}: write it as NAME=VALUE, for example by=office")
    return name, value


async def _ask(paths: InstancePaths, name: ReportName, query: list[tuple[str, str]]) -> bytes:
    site = read_site(paths.site_file)
    async with open_api(f"http://{LOOPBACK}:{site.api_port}", read_secrets(paths.secrets_file)) as api:
        return await api.get(f"/api/v1/reports/{name}?{urlencode(query)}")


def _go_on(progress: Progress, scale: float, before: date) -> str:
    """Tells what was done, and the command that does the rest."""
    done = f"{progress.calls:,} calls are in the log"
    if progress.next_day is None:
        return done
    return f"{done}; go on with: hotline demo-data --scale {scale:g} --from {progress.next_day} --to {before}"


async def _fill(paths: InstancePaths, scale: float, first: date, before: date, progress: Progress) -> None:
    site, secrets = read_site(paths.site_file), read_secrets(paths.secrets_file)
    headers = {"Authorization": f"Bearer {secrets.token_node.get_secret_value()}"}
    url = f"http://{LOOPBACK}:{site.api_port}"
    made = demo_batches(scale, sumy_calendar(), first, before)
    teller = Teller(calls_due(scale, sumy_calendar(), first, before))
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as client:
        await send(client, made, told=teller, progress=progress)


class Teller:
    """Says now and then how far it is."""

    def __init__(self, due: int) -> None:
        """Takes how many calls are to be sent."""
        self._due = due
        self._said_s = 0.0

    def __call__(self, progress: Progress) -> None:
        """Says it when nothing was said for a while."""
        if progress.seconds - self._said_s >= SAID_EVERY_S:
            self._said_s = progress.seconds
            say(how_far(progress, self._due))


def how_far(progress: Progress, due: int) -> str:
    """Tells how much is done, how fast it goes and how long the rest will take at that speed."""
    left_s = progress.seconds * (due - progress.calls) / progress.calls if progress.calls else None
    left = "" if left_s is None else f", about {timedelta(seconds=round(left_s))} left"
    share = progress.calls / due if due else 1
    return f"{progress.calls:,} of {due:,} calls ({share:.0%}), {progress.lines_per_s:,.0f} lines/s{left}"
