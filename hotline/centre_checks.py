"""Test calls to the centres' telephones: Asterisk calls one after the other, what it met is read from its evidence.

A number that works may be busy, ring or be answered; one that the network does not get through to is dead, and calls
pass it over until a check finds that it works. The console of this machine starts the calls: no user of AMI may.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asterisk_conf.binary import AsteriskBinary
from asterisk_conf.conversations import CHECK_STEP
from asterisk_conf.instance import InstancePaths
from asterisk_conf.launch import console_argv
from asterisk_conf.names import CENTRE_CHECK_S, Context, UserEvent
from asterisk_conf.payload import PayloadError, decode_payload
from asterisk_conf.state_files import NumberCheck, read_number_checks, write_number_checks
from hotline.errors import HotlineError
from hotline.readiness import run_quietly
from routing.centres import numbers_of
from routing.plan import CentreId, Plan

POLL_S = 0.1
ANSWER_S = 15.0
"""Beyond the ringing: how long Asterisk may take to tell what it met."""
_WORKING = ("ANSWER", "BUSY", "NOANSWER")
"""Values of DIALSTATUS of a telephone that is there. Source: apps/app_dial.c of Asterisk 22."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPlace:
    """One telephone with what the test call met."""

    centre: CentreId
    place: int
    check: NumberCheck


def places_of(plan: Plan, centres: Sequence[CentreId]) -> list[tuple[CentreId, int, str]]:
    """Gives the telephones to check: of these centres, or of all; samples are never called.

    Raises:
        HotlineError: The plan has no such centre.
    """
    unknown = [each for each in centres if each not in plan.centres]
    if unknown:
        raise HotlineError(f"the plan has no centre {', '.join(unknown)}; see hotline centres list")
    chosen = [each for each in plan.centres.values() if not each.is_sample and (not centres or each.id in centres)]
    return [(each.id, place, number) for each in chosen for place, number in enumerate(numbers_of(each))]


async def check_places(
    paths: InstancePaths, binary: AsteriskBinary, places: Sequence[tuple[CentreId, int, str]]
) -> AsyncIterator[CheckedPlace]:
    """Calls one telephone after the other and keeps what each call met in the node's state.

    Raises:
        HotlineError: Asterisk does not run, or has no trunk for outbound calls.
    """
    for centre, place, number in places:
        status = await _met(paths, binary, centre, place)
        check = NumberCheck(
            number=number,
            is_dead=status.partition(".")[0] not in _WORKING,
            status=status,
            checked_at=datetime.now(UTC),
        )
        others = [each for each in read_number_checks(paths.state) if each.number != number]
        write_number_checks(paths.state, [*others, check])
        yield CheckedPlace(centre=centre, place=place, check=check)


async def _met(paths: InstancePaths, binary: AsteriskBinary, centre: CentreId, place: int) -> str:
    """Gives DIALSTATUS and the Q.850 cause of one test call."""
    start_bytes = paths.cel_file.stat().st_size if paths.cel_file.exists() else 0
    command = f"channel originate Local/{centre}-{place}@{Context.CENTRE_CHECK} application NoOp"
    code, output = await run_quietly(console_argv(binary, paths, command))
    if code:
        raise HotlineError(f"Asterisk does not run here: {output.strip()[:200]}")
    try:
        async with asyncio.timeout(CENTRE_CHECK_S + ANSWER_S):
            while True:
                if (status := _status(paths, start_bytes, centre, place)) is not None:
                    return status
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise HotlineError(
            f"no test call to {centre}: the site needs a trunk with a sip_uri, and the plan must be in force"
        ) from None


def _status(paths: InstancePaths, start_bytes: int, centre: CentreId, place: int) -> str | None:
    """Looks for the test call's event among the evidence that came since it began."""
    with paths.cel_file.open("rb") as file:
        file.seek(start_bytes)
        lines = file.read().decode("utf-8", "replace").splitlines()
    for line in lines:
        fields = _centre_event(line)
        if (fields.get("step"), fields.get("centre"), fields.get("place")) == (CHECK_STEP, centre, str(place)):
            return fields.get("status", "")
    return None


def _centre_event(line: str) -> dict[str, str]:
    """Gives the fields of a centre's event; none for any other line, or one that is not whole yet."""
    try:
        row = json.loads(line)
        return decode_payload(json.loads(row["eventextra"])["extra"]) if row["eventtype"] == UserEvent.CENTRE else {}
    except (ValueError, KeyError, TypeError, PayloadError):
        return {}
