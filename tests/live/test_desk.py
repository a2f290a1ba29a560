"""What the desk sees while a caller waits: the board of now, and the early report of a detention."""

import pytest

from asterisk_conf.names import OperatorCode
from routing.plan import OperatorId
from tests.live.arrivals import TUESDAY_11
from tests.live.line import Line
from tests.live.promises import Promises
from tests.live.sipp import Dtmf, Hangup, Invite, Pause, WaitAnswer
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

STAY_MS = 12_000
OPERATOR = OperatorId("chernivtsi01")


async def test_a_detention_is_reported_and_seen_to_wait_before_anybody_answers(
    clean_line: Line, promises: Promises
) -> None:
    reported, seen = promises.make("the report is there"), promises.make("the board tells who waits and who is there")
    clean_line.set_clock(TUESDAY_11)

    async def report() -> str | None:
        found = (await clean_line.ask("GET", "/api/v1/detention-reports?state=waiting")).json()["reports"]
        return found[0]["call_id"] if found else None

    async def board() -> dict[str, int] | None:
        told = (await clean_line.ask("GET", "/api/v1/live")).json()
        waiting = {each["queue"]: each["waiting"] for each in told["queues"]}
        return waiting if waiting.get("chernivtsi") == 1 and told["operators"] else None

    async with clean_line.operator_phone(OPERATOR) as phone:
        await clean_line.dial_code(phone, OperatorCode.LOGIN)
        caller = await clean_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("4"), Pause(STAY_MS), Hangup())
        call_id = await until("the early report is there", report)
        assert call_id is not None
        reported.redeem()
        assert await until("the board shows the caller", board)
        seen.redeem()
        await caller.succeeded()
        journey = await clean_line.ended_call(call_id)
        await clean_line.dial_code(phone, OperatorCode.LOGOUT)
    assert (journey.service, journey.answered_at) == ("detention", None)
