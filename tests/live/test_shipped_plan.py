"""The plan that we ship, on a real Asterisk: each key at fixed moments, against literal queues."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
import pytest_asyncio

from asterisk_conf.names import OperatorCode
from hotline.line import SHIPPED_PLAN
from routing.plan import OperatorId, Plan
from routing.plan_files import read_plan
from tests.live.arrivals import SATURDAY_11, TUESDAY_11, TUESDAY_18, follow
from tests.live.line import Line, quick
from tests.live.sipp import Dtmf, Pause

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return quick(read_plan(SHIPPED_PLAN))


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def lawyer(line: Line) -> AsyncIterator[None]:
    """A lawyer of Sumy who is logged in and lets the phone ring."""
    async with line.operator_phone(OperatorId("s01")) as phone:
        await line.dial_code(phone, OperatorCode.LOGIN)
        yield


@pytest.mark.parametrize(
    ("moment", "keys", "queue"),
    [
        (TUESDAY_11, "1", "sumy"),
        (TUESDAY_11, "20", "chernivtsi"),
        (TUESDAY_11, "30", "chernivtsi"),
        (TUESDAY_11, "4", "chernivtsi"),
        (TUESDAY_11, "5540", "chernivtsi"),
        (TUESDAY_11, "0", "chernivtsi"),
        (TUESDAY_18, "1", "chernivtsi"),
        (SATURDAY_11, "1", "chernivtsi"),
    ],
)
async def test_each_key_of_the_line_reaches_its_office(
    clean_line: Line, moment: datetime, keys: str, queue: str
) -> None:
    clean_line.set_clock(moment)
    steps = [step for key in keys for step in (Pause(300), Dtmf(key))]
    arrival = await follow(clean_line, *steps)
    assert (arrival.queue, arrival.journey.office) == (queue, queue)
    assert all(reason.uk and reason.en for reason in arrival.journey.decisions[0].reasons)
