"""Callers on their way to a queue: dialled, followed until they stand in it, and hung up by the line."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from api.calls.schemas import CallJourney
from tests.live.line import Line, QueueLogRow
from tests.live.sipp import ExpectBye, Invite, Step, WaitAnswer
from tests.live.waiting import until

KYIV = ZoneInfo("Europe/Kyiv")
TUESDAY_11 = datetime(2026, 11, 24, 11, 0, tzinfo=KYIV)
TUESDAY_18 = datetime(2026, 11, 24, 18, 0, tzinfo=KYIV)
SATURDAY_11 = datetime(2026, 11, 28, 11, 0, tzinfo=KYIV)
ARRIVAL_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A caller who stood in a queue."""

    queue: str
    journey: CallJourney


async def entered_queues(
    line: Line, since: int, count: int = 1, deadline_s: float = ARRIVAL_S
) -> tuple[QueueLogRow, ...]:
    """Waits until queue_log has `count` callers more than `since`; gives their rows."""

    async def look() -> tuple[QueueLogRow, ...]:
        return line.queue_log_rows("ENTERQUEUE")[since:]

    return await until(f"{count} callers in a queue", look, lambda rows: len(rows) >= count, deadline_s=deadline_s)


async def follow(line: Line, *steps: Step, invite: Invite | None = None, deadline_s: float = ARRIVAL_S) -> Arrival:
    """Places a call that takes `steps` after the answer, and follows it into a queue and into the call log."""
    since = len(line.queue_log_rows("ENTERQUEUE"))
    caller = await line.call(invite or Invite(), WaitAnswer(), *steps, ExpectBye())
    (row,) = await entered_queues(line, since, deadline_s=deadline_s)
    await line.hang_up_all()
    await caller.succeeded()
    return Arrival(queue=row.queue, journey=await line.ended_call(row.uniqueid))
