"""A supervisor acts from a distance: pauses an operator, moves a caller who waits, logs the operator out."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
import pytest_asyncio

from asterisk_conf.names import OperatorCode
from routing.plan import OperatorId
from tests.live.arrivals import TUESDAY_11
from tests.live.line import Line
from tests.live.promises import Promises
from tests.live.publishing import publish, versioned
from tests.live.sipp import Dtmf, Hangup, Invite, Pause, WaitAnswer
from tests.live.waiting import until
from tests.plans import SUMY, small_plan

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

OPERATOR = OperatorId("sumy01")
RING_S = 2
"""A caller who is told to leave a queue leaves it when the phone that rings has stopped (app_queue of 22.10.1)."""


@pytest_asyncio.fixture(loop_scope="module")
async def ready_line(clean_line: Line) -> AsyncIterator[Line]:
    """Commands are checked against the published plan."""
    plan = small_plan()
    sumy = replace(plan.queues[SUMY], ring_s=RING_S)
    await publish(clean_line, versioned(replace(plan, queues={**plan.queues, SUMY: sumy})))
    yield clean_line


async def _command(line: Line, **body: str) -> httpx.Response:
    nodes = (await line.ask("GET", "/api/v1/nodes")).json()["nodes"]
    return await line.ask("POST", f"/api/v1/nodes/{nodes[0]['node']}/commands", body)


async def _done(line: Line, answer: httpx.Response) -> str:
    """Waits for the end of a command; gives its state."""
    assert answer.status_code == 201, answer.text
    command = answer.json()

    async def finished() -> str | None:
        path = f"/api/v1/nodes/{command['node']}/commands/{command['id']}"
        told = (await line.ask("GET", path)).json()
        return str(told["state"]) if told["finished_at"] else None

    state = await until("the node has told the result", finished)
    assert state is not None
    return state


async def _board_says(line: Line, state: str | None) -> None:
    async def said() -> bool:
        nodes = (await line.ask("GET", "/api/v1/live")).json()["nodes"]
        told = {each["operator"]: each["state"] for node in nodes for each in node["operators"] or ()}
        return told.get(OPERATOR) == state

    assert await until(f"the board says {state}", said)


async def test_an_operator_is_paused_and_logged_out_by_the_api(ready_line: Line, promises: Promises) -> None:
    paused, gone = promises.make("the board shows the pause"), promises.make("the operator is logged out")
    async with ready_line.operator_phone(OPERATOR) as phone:
        await ready_line.dial_code(phone, OperatorCode.LOGIN)
        await _board_says(ready_line, "ready")
        assert await _done(ready_line, await _command(ready_line, action="pause", operator=OPERATOR)) == "done"
        await _board_says(ready_line, "paused")
        paused.redeem()
        assert await _done(ready_line, await _command(ready_line, action="unpause", operator=OPERATOR)) == "done"
        await _board_says(ready_line, "ready")
        assert await _done(ready_line, await _command(ready_line, action="log-out", operator=OPERATOR)) == "done"
        await _board_says(ready_line, None)
        gone.redeem()
        assert await _done(ready_line, await _command(ready_line, action="pause", operator=OPERATOR)) == "failed"


async def test_a_caller_who_waits_is_moved_to_the_queue_behind(ready_line: Line, promises: Promises) -> None:
    moved = promises.make("the caller waits in the other queue")
    ready_line.set_clock(TUESDAY_11)

    async def waiting_call() -> str | None:
        calls = (await ready_line.ask("GET", "/api/v1/calls?limit=1")).json()["calls"]
        return str(calls[0]["call_id"]) if calls and calls[0]["queue"] == "sumy" else None

    async def waits_in(queue: str) -> bool:
        told = (await ready_line.ask("GET", "/api/v1/live")).json()
        return any(each["queue"] == queue and each["waiting"] == 1 for each in told["queues"])

    async with ready_line.operator_phone(OPERATOR) as phone:
        await ready_line.dial_code(phone, OperatorCode.LOGIN)
        caller = await ready_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("1"), Pause(20_000), Hangup())
        call_id = await until("the caller waits", waiting_call)
        assert call_id is not None
        assert await until("the board, which commands are checked against, shows the caller", lambda: waits_in("sumy"))
        assert await _done(ready_line, await _command(ready_line, action="move", call_id=call_id)) == "done"
        assert await until("the caller is in the other queue", lambda: waits_in("chernivtsi"))
        moved.redeem()
        await caller.succeeded()
        await ready_line.dial_code(phone, OperatorCode.LOGOUT)
    journey = await ready_line.ended_call(call_id)
    assert journey.answered_at is None
