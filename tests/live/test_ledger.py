"""The ledger over real calls: the witnesses agree with the log, and what is taken away from it is named."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from api.ledger.schemas import Ledger
from api.ledger.words import DifferenceKind
from asterisk_conf.names import OperatorCode
from hotline.line import API, IVR
from routing.plan import OperatorId
from tests.live.arrivals import entered_queues
from tests.live.line import Line
from tests.live.sipp import Dtmf, Hangup, Invite, Pause, WaitAnswer
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

CHERNIVTSI_OPERATOR = OperatorId("chernivtsi01")
SETTLE_S = 1.0


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def hasty_line(line: Line) -> AsyncIterator[None]:
    """An api that compares at once, and a service that asks Asterisk every second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOTLINE_API_LEDGER_SETTLE_S", str(SETTLE_S))
        patch.setenv("HOTLINE_IVR_WITNESS_EVERY_S", "1")
        for name in (API, IVR):
            await line.stop_process(name)
            await line.start_process(name)
        yield


async def ledger(line: Line) -> Ledger:
    answer = await line.ask("GET", "/api/v1/ledger")
    assert answer.status_code == 200, answer.text
    return Ledger.model_validate_json(answer.content)


async def settled(line: Line, calls: int) -> Ledger:
    """Waits until every witness has told of so many calls, and all until now is compared; gives the ledger."""
    over_at = datetime.now(UTC)

    async def look() -> Ledger:
        return await ledger(line)

    def is_told(seen: Ledger) -> bool:
        counted = sum(hour.processed or 0 for hour in seen.hours)
        logged, recorded = sum(hour.calls for hour in seen.hours), sum(hour.call_records for hour in seen.hours)
        return min(logged, recorded, counted) >= calls and seen.compared_until > over_at

    return await until(f"the witnesses have told of {calls} calls", look, is_told, deadline_s=30)


async def waiting_calls(line: Line, count: int) -> list[str]:
    """Has callers wait in a queue and hang up; gives their ids."""
    since = len(line.queue_log_rows("ENTERQUEUE"))
    caller = await line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("0"), Pause(2_500), Hangup(), count=count)
    rows = await entered_queues(line, since, count=count)
    await caller.succeeded()
    return [row.uniqueid for row in rows]


async def test_after_calls_of_every_kind_the_ledger_finds_nothing(clean_line: Line) -> None:
    async with clean_line.operator_phone(CHERNIVTSI_OPERATOR, answers=True) as phone:
        await clean_line.dial_code(phone, OperatorCode.LOGIN)
        answered = await clean_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("0"), Pause(3_000), Hangup())
        await answered.succeeded()
        await clean_line.dial_code(phone, OperatorCode.LOGOUT)
    await waiting_calls(clean_line, 3)
    early = await clean_line.call(Invite(), WaitAnswer(), Pause(500), Hangup())
    await early.succeeded()
    found = await settled(clean_line, 5)
    counts = [(hour.calls, hour.call_records, hour.operator_codes) for hour in found.hours]
    assert tuple(map(sum, zip(*counts, strict=True))) == (5, 5, 2)
    assert found.differences == []


def taken_away(line: Line, call_id: str, event: str) -> str:
    """Takes the last line of such an event of a call out of CEL's file; gives its channel."""
    lines = line.paths.cel_file.read_text("utf-8").splitlines(keepends=True)
    rows = [json.loads(text) for text in lines]
    place = max(at for at, row in enumerate(rows) if row["eventtype"] == event and row["linkedid"] == call_id)
    line.paths.cel_file.write_text("".join(lines[:place] + lines[place + 1 :]), "utf-8")
    return str(rows[place]["uniqueid"])


async def test_one_line_of_cel_that_is_gone_before_it_was_shipped_is_named(clean_line: Line) -> None:
    known = sum(hour.calls for hour in (await ledger(clean_line)).hours)
    async with clean_line.stopped(IVR):
        call_ids = await waiting_calls_of_the_script(clean_line, 2)
        await until("no channel is left", clean_line.channels, lambda names: not names)
        uniqueid = taken_away(clean_line, call_ids[0], "APP_END")
    found = await settled(clean_line, known + 2)
    assert [(one.kind, one.call_id, one.missing) for one in found.differences] == [
        (DifferenceKind.GAP, call_ids[0], [f"APP_END {uniqueid}"])
    ]


async def waiting_calls_of_the_script(line: Line, count: int) -> list[str]:
    """Has callers come while the service is down: the script sends them to the queue, where they hang up."""
    since = len(line.queue_log_rows("ENTERQUEUE"))
    caller = await line.call(Invite(), WaitAnswer(), Pause(3_000), Hangup(), count=count)
    rows = await entered_queues(line, since, count=count)
    await caller.succeeded()
    return [row.uniqueid for row in rows]
