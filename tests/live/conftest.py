"""Fixtures of the live tests: one line a module, promises, and a look around after every test."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from hotline.line import IVR
from routing.plan import Plan
from tests.live.line import Line, quick, running_line
from tests.live.promises import Promises
from tests.live.waiting import until
from tests.plans import small_plan

SETTLED_S = 10.0
SPARE_DESCRIPTORS = 4
"""Connections to the call log that the service opens when it has something to ship, and keeps a while."""


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The plan of the module's line."""
    return quick(small_plan())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(plan: Plan) -> AsyncIterator[Line]:
    """A running line that the tests of one module share."""
    async with running_line(plan) as running:
        assert running.error_lines() == ()
        running.descriptor_limit = running.descriptors(IVR) + SPARE_DESCRIPTORS
        yield running


@pytest.fixture
def promises() -> Iterator[Promises]:
    """What must happen in this test; an unredeemed promise fails it."""
    made = Promises()
    yield made
    assert made.broken() == (), "promises that nobody redeemed"


@pytest_asyncio.fixture(loop_scope="module")
async def clean_line(line: Line) -> AsyncIterator[Line]:
    """The module's line; after the test no caller, channel, busy member or descriptor may be left."""
    line.errors_are_expected = False
    errors_before = line.error_lines()
    yield line
    await line.end_callers()
    try:
        await until("no channel is left", line.channels, lambda names: not names, deadline_s=SETTLED_S)
    finally:
        await line.hang_up_all()
    await until("nobody waits and no member is busy", lambda: line.asterisk_cli("queue show"), _is_idle)
    await until(
        "the service has let go of its descriptors", lambda: _count(line), lambda count: count <= line.descriptor_limit
    )
    if not line.errors_are_expected:
        assert line.error_lines()[len(errors_before) :] == ()


def _is_idle(queue_show: str) -> bool:
    return not any(word in queue_show for word in ("wait:", "(In use)", "(Ringing)", "(Busy)"))


async def _count(line: Line) -> int:
    return line.descriptors(IVR)
