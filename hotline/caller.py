"""A test call: a softphone behind the self-test trunk dials, answers the menus, and the log tells its way.

Each answer is given when the log has seen the one before: a state, never a guess at how long a prompt is.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.calls.schemas import CallJourney
from api.kit.numbers import vault_of
from api.projection.words import VisitEnding
from asterisk_conf.instance_secrets import InstanceSecrets
from asterisk_conf.site import SiteSettings
from hotline.errors import HotlineError, SoftphoneError
from hotline.log_api import LogApi
from hotline.softphone import PhoneEvent, PhoneEventType, PhoneSettings, Softphone, running_phone
from routing.menus import SILENCE_MARK

SELFTEST_TRUNK = "selftest"
CALLER_TONE_HZ = 700
ANSWER_S = 15.0
"""The line answers within 3 s; the rest is a busy machine."""
LOG_S = 30.0
"""How long evidence may take from Asterisk to the log."""
PROMPT_S = 90.0
"""Longer than any prompt with the silence after it."""


UNDER_WAY = {VisitEnding.WAITING, VisitEnding.TALKING}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """A test call."""

    did: str
    number: str
    """The caller's number, E.164."""
    keys: tuple[str, ...]
    """Answers, `SILENCE_MARK` among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedCall:
    """A test call that the line has answered."""

    phone: Softphone
    call_id: str


def trunk_address(site: SiteSettings) -> str:
    """Gives the address that test calls come from.

    Raises:
        HotlineError: The site has no self-test trunk.
    """
    for trunk in site.trunks:
        if trunk.name == SELFTEST_TRUNK:
            return str(trunk.match[0].network_address)
    raise HotlineError(
        f"site.yaml has no trunk `{SELFTEST_TRUNK}`, which test calls come from; add: "
        f"- {{name: {SELFTEST_TRUNK}, match: [127.0.0.2/32]}}"
    )


@asynccontextmanager
async def placed_call(
    request: CallRequest, site: SiteSettings, secrets: InstanceSecrets, log: LogApi, folder: Path
) -> AsyncIterator[PlacedCall]:
    """Dials, and gives the call once the line has answered and the log knows it; hangs up at the block's end.

    Raises:
        SoftphoneError: The line did not take the call.
        LogApiError: The log does not know the call in time.
    """
    settings = PhoneSettings(user=request.number, address=trunk_address(site), tone_hz=CALLER_TONE_HZ)
    async with running_phone(settings, folder) as phone:
        dialled_at = datetime.now(UTC)
        await phone.dial(f"sip:{request.did}@{site.sip_address}:{site.sip_port}")
        event = await phone.wait_for(PhoneEventType.ESTABLISHED, PhoneEventType.CLOSED, deadline_s=ANSWER_S)
        if event.type == PhoneEventType.CLOSED:
            raise SoftphoneError(f"the line refused the call to {request.did}: {event.detail}")
        await phone.wait_for(PhoneEventType.MEDIA, deadline_s=ANSWER_S)
        pseudonym = vault_of(secrets).pseudonym(request.number)
        journey = await log.find_call(pseudonym, dialled_at, LOG_S)
        yield PlacedCall(phone=phone, call_id=journey.call_id)
        await phone.hang_up()


async def answer_menus(call: PlacedCall, keys: Sequence[str], log: LogApi) -> CallJourney:
    """Gives the answers one after another while the line asks, then waits until the caller stands in a queue.

    Raises:
        LogApiError: The caller did not get there in time.
    """
    for number, answer in enumerate(keys, start=1):
        if answer != SILENCE_MARK:
            await call.phone.send_keys(answer)
        if _is_decided(await _wait_steps(call, number, log)):
            break
    return await log.wait_journey(call.call_id, lambda way: bool(way.queue_visits), PROMPT_S, "no queue was reached")


async def _wait_steps(call: PlacedCall, count: int, log: LogApi) -> CallJourney:
    return await log.wait_journey(
        call.call_id,
        lambda way: len(way.menu_steps) >= count or _is_decided(way),
        PROMPT_S,
        f"answer {count} did not come into the log",
    )


def _is_decided(way: CallJourney) -> bool:
    """Tells whether the menus are over: further answers would be given to nobody."""
    return bool(way.decisions or way.queue_visits)


async def wait_ended(call_id: str, log: LogApi) -> CallJourney:
    """Waits until the log has the call's end, the operator's part included.

    Raises:
        LogApiError: It did not come in time.
    """

    def is_whole(way: CallJourney) -> bool:
        return way.ended_at is not None and all(visit.ending not in UNDER_WAY for visit in way.queue_visits)

    return await log.wait_journey(call_id, is_whole, LOG_S, "the call's end did not come into the log")


async def first_event(
    phones: Sequence[Softphone], marks: Sequence[int], deadline_s: float
) -> tuple[Softphone, PhoneEvent]:
    """Gives the first phone that takes a call after its mark, and the event.

    Raises:
        SoftphoneError: None did in time.
    """
    waiting = {
        asyncio.create_task(phone.wait_for(PhoneEventType.ESTABLISHED, since=mark, deadline_s=deadline_s)): phone
        for phone, mark in zip(phones, marks, strict=True)
    }
    try:
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        task = next(iter(done))
        return waiting[task], task.result()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
