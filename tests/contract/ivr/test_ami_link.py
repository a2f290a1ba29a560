"""The manager link against an Asterisk that is cut off, silent, restarting or hostile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from ivr.ami.errors import ActionOverdue, LinkLost, NotConnected, UnsafeField
from ivr.ami.link import AmiLink, LinkState, LinkTimings
from ivr.ami.pump import EVENTS_LIMIT
from ivr.ami.watch import AsteriskWatch
from ivr.backoff import Backoff
from tests.contract.ivr.fake_ami import FakeAmi

QUICK = LinkTimings(
    connect_s=2.0,
    action_s=0.3,
    booted_s=1.0,
    ping_every_s=0.02,
    backoff=Backoff(first_s=0.01, longest_s=0.05),
    refused_wait_s=0.05,
)


@asynccontextmanager
async def _running(ami: FakeAmi, *, secret: str = "right", timings: LinkTimings = QUICK) -> AsyncIterator[AmiLink]:
    port = await ami.start()
    link = AmiLink(host="127.0.0.1", port=port, user="ivr", secret=secret, timings=timings)
    task = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await ami.stop()
    assert link.state is LinkState.DOWN


async def test_the_link_logs_in_and_sends_actions() -> None:
    ami = FakeAmi()
    async with _running(ami) as link:
        await link.wait_for(LinkState.UP)
        response = await link.action("QueuePause", Queue="sumy", Interface="PJSIP/s01", Paused="true")
    assert response.is_success
    assert ami.actions[0]["Username"] == "ivr"
    paused = next(action for action in ami.actions if action["Action"] == "QueuePause")
    assert (paused["Queue"], paused["Interface"], paused["Paused"]) == ("sumy", "PJSIP/s01", "true")
    assert link.gaps == 0


async def test_an_action_before_the_link_is_up_fails_and_nothing_is_sent() -> None:
    ami = FakeAmi(unanswered=frozenset({"Login"}))
    async with _running(ami) as link:
        await ami.wait_for("Login")
        with pytest.raises(NotConnected):
            await link.action("QueuePause")
    assert "QueuePause" not in ami.names()


async def test_an_action_that_waits_at_the_cut_fails_and_is_never_sent_again() -> None:
    ami = FakeAmi(unanswered=frozenset({"Originate"}))
    async with _running(ami) as link:
        await link.wait_for(LinkState.UP)
        waiting = asyncio.create_task(link.action("Originate", Channel="Local/1"))
        await ami.wait_for("Originate")
        ami.cut()
        with pytest.raises(LinkLost):
            await waiting
        await link.wait_for(LinkState.DOWN, LinkState.CONNECTING)
        await ami.wait_for("Login", 2)
        await link.wait_for(LinkState.UP)
        await link.action("QueueStatus")
    assert ami.names().count("Originate") == 1
    assert link.gaps == 1


async def test_an_action_that_is_never_answered_fails_at_its_deadline() -> None:
    async with _running(FakeAmi(unanswered=frozenset({"QueuePause"}))) as link:
        await link.wait_for(LinkState.UP)
        with pytest.raises(ActionOverdue):
            await link.action("QueuePause")


async def test_a_peer_that_stops_answering_pings_is_left() -> None:
    ami = FakeAmi(unanswered=frozenset({"Ping"}))
    async with _running(ami):
        await ami.wait_for("Login", 2)
    assert ami.connections >= 2


async def test_a_refused_login_gives_one_alarm_and_no_fast_loop() -> None:
    ami = FakeAmi()
    with capture_logs() as logs:
        async with _running(ami, secret="wrong") as link:
            await ami.wait_for("Login", 3)
            assert (await link.wait_for(LinkState.REFUSED)) is LinkState.REFUSED
    assert [row["event"] for row in logs if row["log_level"] == "error"] == ["ami_login_refused"]
    assert "wrong" not in str(logs)


async def test_a_graceful_restart_is_draining_and_no_error() -> None:
    ami = FakeAmi()
    with capture_logs() as logs:
        async with _running(ami) as link:
            await link.wait_for(LinkState.UP)
            ami.is_draining = True
            await link.wait_for(LinkState.DRAINING)
            ami.is_draining = False
            await link.wait_for(LinkState.UP)
    assert {row["log_level"] for row in logs} == {"info"}


async def test_a_hundred_cuts_leave_one_session_and_nothing_waiting() -> None:
    ami = FakeAmi()
    async with _running(ami) as link:
        for cut in range(1, 101):
            await ami.wait_for("Login", cut)
            await link.wait_for(LinkState.UP)
            ami.cut()
            await link.wait_for(LinkState.DOWN, LinkState.CONNECTING, LinkState.LOGGING_IN)
        await ami.wait_for("Login", 101)
        await link.wait_for(LinkState.UP)
        assert len(asyncio.all_tasks()) < 10
    assert link.gaps == 100


async def test_no_asterisk_at_all_is_tried_again_and_told_once() -> None:
    ami = FakeAmi()
    port = await ami.start()
    await ami.stop()
    link = AmiLink(host="127.0.0.1", port=port, user="ivr", secret="right", timings=QUICK)
    with capture_logs() as logs:
        task = asyncio.create_task(link.run())
        for _ in range(3):
            await link.wait_for(LinkState.CONNECTING)
            await link.wait_for(LinkState.DOWN)
        await ami.start(port)
        await link.wait_for(LinkState.UP)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await ami.stop()
    assert [row["event"] for row in logs].count("ami_down") == 1


async def test_a_value_with_a_newline_is_refused_and_the_link_goes_on() -> None:
    ami = FakeAmi()
    async with _running(ami) as link:
        await link.wait_for(LinkState.UP)
        with pytest.raises(UnsafeField):
            await link.action("QueuePause", Queue="sumy\r\nAction: Originate")
        assert (await link.action("QueueStatus")).is_success
    assert "Originate" not in ami.names()


async def test_more_events_than_the_pump_holds_are_counted_and_the_newest_stay() -> None:
    ami = FakeAmi()
    async with _running(ami) as link:
        await link.wait_for(LinkState.UP)
        extra = 500
        events = b"".join(b"Event: E\r\nNumber: %d\r\n\r\n" % number for number in range(EVENTS_LIMIT + extra))
        ami.send(events)
        while link.pump.dropped < extra:
            assert (await link.action("QueueStatus")).is_success
        first = await link.pump.get()
        assert first.first("Number") == str(link.pump.dropped - 1)


async def test_an_answer_to_an_unknown_action_and_garbage_frames_harm_nothing() -> None:
    ami = FakeAmi()
    async with _running(ami) as link:
        await link.wait_for(LinkState.UP)
        ami.send(b"Response: Success\r\nActionID: stranger\r\n\r\nno header at all\r\n\r\n\xff\xfe: \xd0\r\n\r\n")
        assert (await link.action("QueueStatus")).is_success
    assert link.gaps == 0


async def test_a_peer_that_is_no_asterisk_is_left() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-x\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        link = AmiLink(host="127.0.0.1", port=port, user="ivr", secret="right", timings=QUICK)
        task = asyncio.create_task(link.run())
        for _ in range(2):
            await link.wait_for(LinkState.CONNECTING)
            await link.wait_for(LinkState.DOWN)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_watch_learns_the_boot_and_logs_operators() -> None:
    ami = FakeAmi()
    with capture_logs() as logs:
        async with _running(ami) as link:
            watch = AsteriskWatch(link)
            watching = asyncio.create_task(watch.run())
            await ami.wait_for("CoreStatus")
            ami.send(b"Event: QueueMemberPause\r\nQueue: sumy\r\nMemberName: PJSIP/s01\r\nPaused: 1\r\n\r\n")
            while "operator_state" not in [row["event"] for row in logs] or watch.boot_id is None:
                await link.action("QueueStatus")
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    assert watch.boot_id == "2026-11-24T11:00:00"
    told = next(row for row in logs if row["event"] == "operator_state")
    assert (told["queue"], told["member"], told["is_paused"]) == ("sumy", "PJSIP/s01", True)
