"""`hotline call` and `hotline calls`: a real test call, and the log as a table."""

import asyncio
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from api.calls.schemas import CallJourney, CallSummary
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import read_secrets
from asterisk_conf.site import SiteSettings, read_site
from asterisk_conf.state_files import read_current, read_plan_snapshot
from hotline.caller import CallRequest, PlacedCall, answer_menus, placed_call, wait_ended
from hotline.commands.options import InstanceOption, KeysOption, instance_paths
from hotline.errors import HotlineError, SoftphoneError
from hotline.journeys import calls_table, journey_panel
from hotline.keys import parse_keys
from hotline.log_api import LogApi, open_log
from hotline.ports import LOOPBACK
from hotline.screen import OUT, say
from hotline.softphone import PhoneEventType, sample_number
from routing.numbers import normalise_caller

PAGE_LIMIT = 200


def call(
    keys: KeysOption = "",
    from_: Annotated[
        str, typer.Option("--from", metavar="NUMBER", help="The caller's number. Default: a sample number, +380 00 ….")
    ] = "",
    did: Annotated[
        str, typer.Option("--did", metavar="NUMBER", help="The number called. Default: the plan's first.")
    ] = "",
    stay_s: Annotated[
        float, typer.Option("--stay", min=1, max=600, help="Seconds that the caller stays once in a queue.")
    ] = 10.0,
    instance: InstanceOption = None,
) -> None:
    """Place a real test call to the running line and print its journey as the log tells it."""
    answers, paths = parse_keys(keys), instance_paths(instance)
    number = _number(from_)
    request = CallRequest(did=did or _first_did(paths), number=number, keys=answers)
    journey = asyncio.run(_place(request, paths, stay_s))
    OUT.print(journey_panel(journey, f"call from {number}, keys {keys or 'none'}"))


def calls(
    call_id: Annotated[
        str | None, typer.Argument(metavar="CALL", help="One call's id: shows its journey instead of the list.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=PAGE_LIMIT, help="How many, newest first.")] = 20,
    instance: InstanceOption = None,
) -> None:
    """Show the newest calls of the log, or one call's journey."""
    paths = instance_paths(instance)
    if call_id is not None:
        OUT.print(journey_panel(asyncio.run(_journey(paths, call_id)), "journey"))
        return
    OUT.print(calls_table(asyncio.run(_newest(paths, limit))))


async def _journey(paths: InstancePaths, call_id: str) -> CallJourney:
    site = read_site(paths.site_file)
    async with open_log(_api_url(site), read_secrets(paths.secrets_file)) as log:
        return await log.journey(quote(call_id, safe=""))


async def _newest(paths: InstancePaths, limit: int) -> list[CallSummary]:
    site = read_site(paths.site_file)
    async with open_log(_api_url(site), read_secrets(paths.secrets_file)) as log:
        return await log.calls(limit)


async def _place(request: CallRequest, paths: InstancePaths, stay_s: float) -> CallJourney:
    site, secrets = read_site(paths.site_file), read_secrets(paths.secrets_file)
    with tempfile.TemporaryDirectory(prefix="hotline-call-") as folder:
        async with open_log(_api_url(site), secrets) as log:
            await log.calls(1)  # tells at once when the line does not run
            say(f"calling {request.did} from {request.number}")
            async with placed_call(request, site, secrets, log, Path(folder)) as placed:
                await _stay(placed, request, log, stay_s)
            return await wait_ended(placed.call_id, log)


async def _stay(placed: PlacedCall, request: CallRequest, log: LogApi, stay_s: float) -> None:
    journey = await answer_menus(placed, request.keys, log)
    say(f"in queue {journey.queue}; staying for {stay_s:g} s")
    with suppress(SoftphoneError):  # nobody hung up before our time: we do
        await placed.phone.wait_for(PhoneEventType.CLOSED, deadline_s=stay_s)


def _first_did(paths: InstancePaths) -> str:
    return read_plan_snapshot(paths.state, read_current(paths.state)).line.dids[0]


def _number(given: str) -> str:
    if not given:
        return sample_number()
    known = normalise_caller(given)
    if known is None:
        raise HotlineError(f"--from {given}: not a number; write it as +380… with 12 digits")
    return known


def _api_url(site: SiteSettings) -> str:
    return f"http://{LOOPBACK}:{site.api_port}"
