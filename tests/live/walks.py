"""What a bare caller does in a call, as steps of a table: each waits for a state, none for time to pass."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from asterisk_conf.names import UserEvent, Variable
from hotline.softphone import PhoneEventType, Softphone
from tests.live.bare_caller import OK, BareCaller
from tests.live.line import Line
from tests.live.tail import CelTail, Tail
from tests.live.waiting import until

SAME_LOOKS = 5
STATE_S = 30.0
"""How long a state may take on a busy machine with all callers at once."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What Asterisk has written, read once for all callers."""

    cel: CelTail
    queue_log: Tail

    def call_of(self, number: str) -> str | None:
        """Gives the uniqueid of the last call from a number."""
        found = [uniqueid for uniqueid, told in self.cel.user_events(UserEvent.ENTRY) if told["number"] == number]
        return found[-1] if found else None


def evidence_of(line: Line) -> Evidence:
    """Opens a line's evidence."""
    return Evidence(cel=CelTail(line.paths.cel_file), queue_log=Tail(line.paths.queue_log_file))


@dataclass(slots=True)
class Walk:
    """One caller on the way."""

    caller: BareCaller
    line: Line
    evidence: Evidence
    phone: Softphone | None = None
    """The lawyer's, in rows that need one."""
    mark: int = field(default=0)
    call_id: str = ""

    async def seen(self, what: str, is_there: Callable[[], object]) -> None:
        """Waits until the evidence tells something."""

        async def look() -> bool:
            return bool(is_there())

        await until(f"{self.caller.number}: {what}", look, deadline_s=STATE_S)

    async def in_queue_log(self, event: str) -> None:
        """Waits until queue_log has a row of this call."""

        def is_there() -> bool:
            rows = (line.split("|") for line in self.evidence.queue_log.lines())
            return any(row[1] == self.call_id and row[4] == event for row in rows)

        await self.seen(event, is_there)

    def lawyer(self) -> Softphone:
        """Gives the lawyer's phone."""
        assert self.phone is not None, "this row needs a lawyer"
        return self.phone


Act = Callable[[Walk], Awaitable[None]]


async def dials(walk: Walk) -> None:
    """Dials, and is answered."""
    walk.caller.invite()
    await walk.caller.answered()
    await finds_itself(walk)


async def finds_itself(walk: Walk) -> None:
    """Waits until Asterisk has written who calls."""
    await walk.seen("the entry", lambda: walk.evidence.call_of(walk.caller.number))
    walk.call_id = walk.evidence.call_of(walk.caller.number) or ""


async def hears(walk: Walk) -> None:
    """Waits until a prompt plays."""
    await walk.caller.hears()


async def hears_nothing(walk: Walk) -> None:
    """Waits until the prompt is over."""
    await walk.caller.hears_nothing()


def presses(keys: str) -> Act:
    """Presses keys one after the other, each when the log has the one before."""

    async def act(walk: Walk) -> None:
        for key in keys:
            wanted = _answers(walk) + 1
            await walk.caller.press(key)
            await _has_answered(walk, wanted)

    return act


def types_ahead(keys: str) -> Act:
    """Presses keys without waiting for anything."""

    async def act(walk: Walk) -> None:
        for key in keys:
            await walk.caller.press(key)

    return act


def floods(keys: str) -> Act:
    """Presses all keys at once (RFC 4733)."""

    async def act(walk: Walk) -> None:
        await walk.caller.flood(keys)

    return act


def sends_info(keys: str) -> Act:
    """Sends all keys at once (SIP INFO)."""

    async def act(walk: Walk) -> None:
        for key in keys:
            walk.caller.send_info(key)

    return act


async def flood_is_over(walk: Walk) -> None:
    """Waits until Asterisk has taken in what it will of a flood: its queue of 128 frames drops the keys beyond."""
    looks: list[str] = []

    async def stored() -> list[str]:
        rows = (row.split("!") for row in (await walk.line.asterisk_cli("core show channels concise")).splitlines())
        channels = [row[0] for row in rows if row[-1] == walk.call_id]
        assert len(channels) == 1, (walk.call_id, channels)
        (channel,) = channels
        shown = await walk.line.asterisk_cli(f"core show channel {channel}")
        looks.append(next(row for row in shown.splitlines() if row.startswith(f"{Variable.DIGITS.value}=")))
        return looks[-SAME_LOOKS:]

    what = f"{walk.caller.number}: no more keys come in"
    await until(what, stored, lambda last: len(last) == SAME_LOOKS and len(set(last)) == 1, deadline_s=STATE_S)


async def presses_before_the_ack(walk: Walk) -> None:
    """Dials, and presses 4 when the line has answered but not yet heard so."""
    walk.caller.invite()
    await walk.caller.wait_status(OK)
    await walk.caller.press("4")
    walk.caller.acknowledge()
    await finds_itself(walk)


async def waits(walk: Walk) -> None:
    """Waits until the call stands in a queue."""
    await walk.in_queue_log("ENTERQUEUE")


async def phone_rings(walk: Walk) -> None:
    """Waits until the lawyer's phone rings."""
    await walk.lawyer().wait_for(PhoneEventType.INCOMING, since=walk.mark, deadline_s=STATE_S)


async def lawyer_answers(walk: Walk) -> None:
    """The lawyer takes the call."""
    await phone_rings(walk)
    await walk.lawyer().answer()
    await walk.in_queue_log("CONNECT")


async def hangs_up(walk: Walk) -> None:
    """The caller hangs up."""
    walk.caller.hang_up()
    await is_over(walk)


async def lawyer_hangs_up(walk: Walk) -> None:
    """The lawyer hangs up."""
    await walk.lawyer().hang_up()
    await walk.caller.is_hung_up()
    await is_over(walk)


async def both_hang_up(walk: Walk) -> None:
    """Both hang up in the same moment."""
    ending = asyncio.create_task(walk.lawyer().hang_up())
    walk.caller.hang_up()
    await ending
    await is_over(walk)


async def takes_it_back(walk: Walk) -> None:
    """Dials, cancels when Asterisk has made a channel; if the line was quicker, hangs up."""
    walk.caller.invite()
    await walk.seen("the entry", lambda: walk.evidence.call_of(walk.caller.number))
    await walk.caller.take_back()
    await finds_itself(walk)
    await is_over(walk)


async def hangs_up_without_ack(walk: Walk) -> None:
    """Hangs up when the line has answered, and never says that it heard so."""
    walk.caller.invite()
    await walk.caller.wait_status(OK)
    await finds_itself(walk)
    await hangs_up(walk)


async def is_over(walk: Walk) -> None:
    """Waits until every channel of the call is gone."""
    await walk.seen(
        "the end", lambda: any(row["linkedid"] == walk.call_id for row in walk.evidence.cel.rows("LINKEDID_END"))
    )


async def _has_answered(walk: Walk, count: int) -> None:
    await walk.seen(f"{count} answers to menus", lambda: _answers(walk) >= count)


def _answers(walk: Walk) -> int:
    return sum(uniqueid == walk.call_id for uniqueid, _ in walk.evidence.cel.user_events(UserEvent.MENU))
