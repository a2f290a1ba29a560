"""`hotline draw`, `hotline hours` and `hotline diff`: look at a plan, and at a change, before callers meet it."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Never
from zoneinfo import ZoneInfo

import typer

from api.calls.schemas import CallSummary
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import read_secrets
from asterisk_conf.site import read_site
from asterisk_conf.state_files import VERSION_PATTERN, current_file, read_current, read_plan_snapshot, snapshot_file
from hotline import drawing
from hotline.commands.options import DEFAULT_PLAN, InstanceOption, instance_paths
from hotline.commands.plan import PlanArgument
from hotline.diff_view import diff_document, diff_view
from hotline.errors import HotlineError
from hotline.hours_map import write_hours_map
from hotline.log_api import open_log
from hotline.ports import LOOPBACK
from hotline.screen import OUT
from routing import diff as plan_diff
from routing.languages import Language
from routing.plan import Plan, PlanVersion, ServiceId
from routing.plan_files import read_plan
from routing.simulator import parse_keys

CURRENT = "current"
LONGEST_PERIOD = timedelta(days=400)
_PERIOD = re.compile(r"(?P<count>[0-9]{1,6})(?P<unit>[mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}

LanguageOption = Annotated[Language, typer.Option("--language", help="Language of the picture.")]
Side = Annotated[str, typer.Argument(help="Folder of a plan, a stored version, or `current`: the plan in force.")]


def draw(
    folder: PlanArgument = DEFAULT_PLAN,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Picture: .svg .png .pdf; text: .mmd .dot")
    ] = Path("flow.svg"),
    language: LanguageOption = Language.UK,
) -> None:
    """Draw the call flow of a plan: numbers, menus with their keys, services, hours, queues, and every fallback."""
    plan = read_plan(folder)
    drawing.draw(plan, language, output)
    OUT.print(f"plan {plan.version} is drawn in {output}")


def hours(
    folder: PlanArgument = DEFAULT_PLAN,
    year: Annotated[int | None, typer.Option("--year", help="Default: this year.")] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="An .svg file.")] = Path("hours.svg"),
    language: LanguageOption = Language.UK,
) -> None:
    """Draw a year of open hours, service by service, with exceptions, holidays and martial law."""
    plan = read_plan(folder)
    shown = datetime.now(ZoneInfo(plan.calendar.timezone)).year if year is None else year
    write_hours_map(plan, shown, language, output)
    OUT.print(f"the hours of {shown} in plan {plan.version} are drawn in {output}")


def diff(
    old: Side,
    new: Side,
    calls_since: Annotated[
        str,
        typer.Option(
            "--calls-since",
            metavar="PERIOD",
            help="Also replay the calls of the log: 7d, 12h, 90m. Asks the running line.",
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    instance: InstanceOption = None,
) -> None:
    """Tell what changes between two plans: in words, in minutes of the next 60 days, and for calls of the past."""
    now, paths = datetime.now(UTC), instance_paths(instance)
    since = now - read_period(calls_since) if calls_since else None
    before, after = _read_side(old, paths), _read_side(new, paths)
    found = plan_diff.diff(before, after, now)
    calls = None if since is None else plan_diff.redirected(before, after, asyncio.run(_past_calls(paths, since)))
    if as_json:
        OUT.print_json(json.dumps(diff_document(found, calls, since), ensure_ascii=False))
    else:
        OUT.print(diff_view(found, after.calendar.timezone, calls, since))


def read_period(text: str) -> timedelta:
    """Gives the length that `7d`, `12h` or `90m` means.

    Raises:
        HotlineError: It is no length, or longer than `LONGEST_PERIOD`.
    """
    match = _PERIOD.fullmatch(text.strip())
    if match is None:
        raise HotlineError(f"--calls-since {text}: not a length of time; write it as 7d, 12h or 90m")
    period = timedelta(**{_UNITS[match["unit"]]: int(match["count"])})
    if period > LONGEST_PERIOD:
        raise HotlineError(f"--calls-since {text}: at most {LONGEST_PERIOD.days}d")
    return period


def past_call(call: CallSummary) -> plan_diff.PastCall:
    """Gives a call of the log as `routing.diff` replays it."""
    return plan_diff.PastCall(
        moment=call.started_at,
        service=None if call.service is None else ServiceId(call.service),
        keys=parse_keys(call.keys or ""),
    )


async def _past_calls(paths: InstancePaths, since: datetime) -> list[plan_diff.PastCall]:
    site = read_site(paths.site_file)
    async with open_log(f"http://{LOOPBACK}:{site.api_port}", read_secrets(paths.secrets_file)) as log:
        return [past_call(call) async for call in log.calls_since(since)]


def _read_side(text: str, paths: InstancePaths) -> Plan:
    """Reads one side of a comparison: the plan in force, a stored version, or a folder."""
    if text == CURRENT:
        return _stored(read_current(paths.state), paths) if current_file(paths.state).exists() else _no_current(paths)
    if VERSION_PATTERN.fullmatch(text) and not Path(text).is_dir():
        return _stored(PlanVersion(text), paths)
    return read_plan(Path(text))


def _no_current(paths: InstancePaths) -> Never:
    raise HotlineError(f"{paths.root} has no plan in force yet; start the line with `hotline up`, or name two folders")


def _stored(version: PlanVersion, paths: InstancePaths) -> Plan:
    file = snapshot_file(paths.state, version)
    if not file.exists():
        raise HotlineError(f"there is no plan version {version} in {file.parent}; name one that is there, or a folder")
    return read_plan_snapshot(paths.state, version)
