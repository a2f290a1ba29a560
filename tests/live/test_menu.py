"""What callers key, and where they get to."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.live.line import Line
from tests.live.promises import Promises
from tests.live.sipp import Dtmf, Hangup, Invite, Pause, WaitAnswer
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

KYIV = ZoneInfo("Europe/Kyiv")
TUESDAY_11 = datetime(2026, 11, 24, 11, 0, tzinfo=KYIV)


async def test_key_four(clean_line: Line, promises: Promises) -> None:
    promise = promises.make("the caller reaches chernivtsi")
    clean_line.set_clock(TUESDAY_11)
    caller = await clean_line.call(Invite(), WaitAnswer(), Pause(200), Dtmf("4"), Pause(2000), Hangup())
    await caller.succeeded()
    rows = clean_line.queue_log_rows()
    print(rows)
    for r in clean_line.cel_rows(): print(r)
    assert rows[-1].queue == "chernivtsi"
    promise.redeem()
    print(await clean_line.calls())
