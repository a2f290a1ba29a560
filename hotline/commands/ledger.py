"""`hotline ledger`, `hotline rebuild`: the proof that no call was lost, and folding calls anew."""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from api.ledger.schemas import Ledger, LedgerDifference, RebuildProgress
from api.ledger.words import DifferenceKind
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import read_secrets
from asterisk_conf.site import read_site
from hotline.commands.options import InstanceOption, instance_paths
from hotline.errors import HotlineError
from hotline.http_api import HttpApi, open_api, parse
from hotline.ports import LOOPBACK
from hotline.screen import OUT, say

KYIV = ZoneInfo("Europe/Kyiv")
FOUND_WANTING = 1
_WORDS = {
    DifferenceKind.NOT_IN_LOG: "Asterisk has a record of it, the log has not, and no evidence came",
    DifferenceKind.NOT_FOLDED: "its evidence is here, its row is not: mend it with hotline rebuild",
    DifferenceKind.GAP: "lines of its evidence did not come",
    DifferenceKind.NO_CALL_RECORD: "the log has it, Asterisk has no record of it",
    DifferenceKind.COUNT: "calls that Asterisk counted and the log has not (negative: the other way round)",
}


def ledger(
    day: Annotated[str, typer.Option("--day", metavar="YYYY-MM-DD", help="A day of Kyiv. Default: today.")] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the api answers.")] = False,
    instance: InstanceOption = None,
) -> None:
    """Compare what Asterisk counted and recorded with the call log; exit 1 when something does not agree."""
    found = asyncio.run(_ledger(instance_paths(instance), _day(day)))
    if as_json:
        OUT.print_json(found.model_dump_json())
    else:
        _show(found)
    if found.differences:
        raise typer.Exit(FOUND_WANTING)


def rebuild(
    since: Annotated[
        str, typer.Option("--since", metavar="YYYY-MM-DD[THH:MM]", help="From when on; local time of Kyiv.")
    ],
    instance: InstanceOption = None,
) -> None:
    """Fold calls and operators' states anew from their evidence; may be repeated, and run while calls come in."""
    calls = asyncio.run(_rebuild(instance_paths(instance), _moment(since)))
    OUT.print(f"{calls} calls folded anew")


def _day(text: str) -> str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise HotlineError(f"--day {text}: write a day as 2026-11-24") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise HotlineError(f"--since {text}: write it as 2026-11-24 or 2026-11-24T10:00") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=KYIV)


async def _ledger(paths: InstancePaths, day: str | None) -> Ledger:
    async with _open(paths) as http:
        return parse(Ledger, await http.get("/api/v1/ledger", {"day": day} if day else {}))


async def _rebuild(paths: InstancePaths, since: datetime) -> int:
    calls = 0
    next_since: datetime | None = since.astimezone(UTC)
    goes_on = False
    async with _open(paths) as http:
        while next_since is not None:
            step = parse(RebuildProgress, await _step(http, next_since, goes_on=goes_on))
            goes_on = True
            calls += step.rebuilt
            next_since = step.next_since
            if next_since is not None:
                say(f"{calls} calls; done until {step.done_until.astimezone(KYIV):%Y-%m-%d %H:%M}")
    return calls


async def _step(http: HttpApi, since: datetime, *, goes_on: bool) -> bytes:
    return await http.post("/api/v1/rebuild", {"since": since.isoformat(), "goes_on": goes_on})


def _open(paths: InstancePaths) -> AbstractAsyncContextManager[HttpApi]:
    return open_api(f"http://{LOOPBACK}:{read_site(paths.site_file).api_port}", read_secrets(paths.secrets_file))


def _show(found: Ledger) -> None:
    names = ("node", "hour in Kyiv", "log", "call records", "counted", "operators' codes", "test calls")
    table = Table(*names, title=str(found.day))
    for hour in found.hours:
        counted = "not asked" if hour.processed is None else str(hour.processed)
        table.add_row(
            hour.node,
            f"{hour.hour_at.astimezone(KYIV):%H:%M}",
            str(hour.calls),
            str(hour.call_records),
            counted,
            str(hour.operator_codes),
            str(hour.test_calls),
        )
    OUT.print(table)
    for difference in found.differences:
        OUT.print(_line(difference), soft_wrap=True)
    OUT.print(f"{len(found.differences)} differences until {found.compared_until.astimezone(KYIV):%H:%M:%S}")


def _line(one: LedgerDifference) -> str:
    what = one.call_id or f"{one.count:+d}"
    missing = f": {', '.join(one.missing)}" if one.missing else ""
    return f"{one.node} {one.at.astimezone(KYIV):%H:%M:%S} {what} {_WORDS[one.kind]}{missing}"
