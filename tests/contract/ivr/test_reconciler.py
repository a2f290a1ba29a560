"""The reconciler against a manager interface on a real socket: what the link's faults leave behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from asterisk_conf.instance import InstancePaths
from ivr.ami.errors import AmiError
from ivr.ami.link import AmiLink, LinkState, LinkTimings
from ivr.ami.watch import AsteriskWatch
from ivr.backoff import Backoff
from ivr.plans import PlanStore
from ivr.queues.places import Member, Places
from ivr.reconciler.reconciler import Reconciler, ReconcilerSources
from ivr.reconciler.record import read_record
from ivr.reconciler.repairs import freeing
from routing.plan import OperatorId
from tests.contract.ivr.fake_ami import FakeAmi
from tests.plans import CHERNIVTSI

FIRST = OperatorId("chernivtsi01")
BOOT = "2026-11-24T11:00:00"
ADDED = (
    b"Event: QueueMemberAdded\r\nQueue: chernivtsi\r\nInterface: PJSIP/chernivtsi01\r\nPaused: 0\r\n\r\n"
    b"Event: QueueMemberAdded\r\nQueue: chernivtsi\r\nInterface: PJSIP/+380000000042@trunk-duty\r\nPaused: 0\r\n\r\n"
)
PAUSED = (
    b"Event: QueueMemberPause\r\nQueue: chernivtsi\r\nInterface: PJSIP/chernivtsi01\r\nPaused: 1\r\n"
    b"PausedReason: 2\r\n\r\n"
)


@asynccontextmanager
async def reconciling(paths: InstancePaths, ami: FakeAmi) -> AsyncIterator[Reconciler]:
    """Runs a reconciler; the list of queues that FakeAmi gives has no member."""
    timings = LinkTimings(action_s=0.2, backoff=Backoff(first_s=0.001, longest_s=0.01))
    link = AmiLink(host="127.0.0.1", port=await ami.start(), user="ivr", secret="right", timings=timings)
    watch = AsteriskWatch(link, queues_every_s=3_600)
    sources = ReconcilerSources(file=paths.operators_file, plans=PlanStore(paths.state), missed_rings_limit=3)
    reconciler = Reconciler(link, watch, sources)
    watch.on_event = reconciler.take_event
    running = [asyncio.create_task(each.run()) for each in (link, watch, reconciler)]
    try:
        async with asyncio.timeout(10):
            await link.wait_for(LinkState.UP)
            while watch.boot_id != BOOT:  # noqa: ASYNC110  a state of another part, which tells nobody
                await asyncio.sleep(0.001)
            yield reconciler
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await ami.stop()


def changes(ami: FakeAmi) -> list[str]:
    """Gives the actions that change something, in order."""
    return [name for name in ami.names() if name in {"QueueAdd", "QueueRemove", "QueuePause"}]


def places(*, is_paused: bool = False) -> Places:
    row = Member(queue=CHERNIVTSI, operator=FIRST, penalty=0, is_paused=is_paused, is_reachable=True, pause_reason="2")
    return Places(queues=frozenset({CHERNIVTSI}), waiting=(), members=(row,))


async def test_who_left_a_queue_to_be_freed_comes_back_although_the_link_broke_in_between(paths: InstancePaths) -> None:
    ami = FakeAmi(unanswered=frozenset({"QueueAdd"}))
    async with reconciling(paths, ami) as reconciler:
        with pytest.raises(AmiError):
            await reconciler._repair(freeing(FIRST, places(is_paused=True)))
        assert changes(ami) == ["QueueRemove", "QueueAdd"]
        ami.unanswered = frozenset()
        await reconciler.reconcile(places())
    assert changes(ami) == ["QueueRemove", "QueueAdd", "QueueAdd", "QueuePause"]


async def test_a_pause_is_on_the_disk_as_soon_as_asterisk_tells_of_it(paths: InstancePaths) -> None:
    ami = FakeAmi()
    async with reconciling(paths, ami):
        ami.send(ADDED + PAUSED)
        while FIRST not in (known := read_record(paths.operators_file)).standings:  # noqa: ASYNC110  a file on the disk
            await asyncio.sleep(0.001)
        while not known.standings[FIRST].is_paused:
            await asyncio.sleep(0.001)
            known = read_record(paths.operators_file)
    assert (known.standings[FIRST].queues, known.standings[FIRST].reason) == ((CHERNIVTSI,), "2")
    assert "0000042" not in paths.operators_file.read_text("utf-8"), "the duty officer's number is kept nowhere"


async def test_a_record_that_cannot_be_read_costs_the_record_and_nothing_else(paths: InstancePaths) -> None:
    paths.operators_file.write_text("{")
    ami = FakeAmi()
    with capture_logs() as logs:
        async with reconciling(paths, ami) as reconciler:
            await reconciler.reconcile(places(is_paused=True))
            while (known := reconciler._written) is None or FIRST not in known.standings:  # noqa: ASYNC110  tells nobody
                await asyncio.sleep(0.001)
    assert [row["event"] for row in logs if row["log_level"] == "error"] == ["operators_not_read"]
    assert read_record(paths.operators_file).boot_id == BOOT


async def test_what_asterisk_refuses_to_restore_is_tried_some_times_and_then_alarmed(paths: InstancePaths) -> None:
    ami = FakeAmi()
    async with reconciling(paths, ami) as reconciler:
        await reconciler.reconcile(places(is_paused=True))
        reconciler._watch.boot_id = "another boot"
        with capture_logs() as logs:
            for _ in range(8):
                await reconciler.reconcile(places())
    assert ami.names().count("QueuePause") == 5
    assert [row["what"] for row in logs if row["event"] == "operator_not_restored"] == ["pause"]
