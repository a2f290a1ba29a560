"""The ladder: service, script, static queue. Whatever breaks, the caller reaches Chernivtsi."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from asterisk_conf.names import LEASE_S, UserEvent
from hotline.line import IVR
from routing.languages import Language
from tests.live.arrivals import TUESDAY_11, entered_queues, follow
from tests.live.line import Line
from tests.live.promises import Promises
from tests.live.sipp import Dtmf, ExpectBye, Hangup, Invite, Pause, WaitAnswer
from tests.live.sounds import SHORT_MS, write_tone
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

LONG_MS = 20_000
LEASED_S = LEASE_S + 10.0
"""Longest way to the next rung when a rung is silent, on a busy machine."""
DECIDE = "decide.py"


def last_ladder_steps(line: Line, since: int) -> list[tuple[str, str]]:
    """Gives rung and cause of the ladder's steps after `since`."""
    return [(step["rung"], step["why"]) for step in line.cel_payloads(UserEvent.LADDER)[since:]]


def ladder_steps(line: Line) -> int:
    return len(line.cel_payloads(UserEvent.LADDER))


async def test_with_the_service_down_the_script_decides(clean_line: Line) -> None:
    since = ladder_steps(clean_line)
    async with clean_line.stopped(IVR):
        caller_since = len(clean_line.queue_log_rows("ENTERQUEUE"))
        caller = await clean_line.call(Invite(), WaitAnswer(), ExpectBye())
        (row,) = await entered_queues(clean_line, caller_since)
        await clean_line.hang_up_all()
        await caller.succeeded()
    journey = await clean_line.ended_call(row.uniqueid)
    (decision,) = journey.decisions
    assert row.queue == "chernivtsi"
    assert (decision.rung, decision.service, decision.is_open) == ("script", "operator", True)
    assert decision.plan_version == clean_line.prepared.plan.version
    assert last_ladder_steps(clean_line, since) == [("service", "FAILURE")]


async def test_a_service_that_hangs_holds_a_call_no_longer_than_its_lease(clean_line: Line) -> None:
    since = ladder_steps(clean_line)
    async with clean_line.frozen(IVR):
        caller_since = len(clean_line.queue_log_rows("ENTERQUEUE"))
        caller = await clean_line.call(Invite(), WaitAnswer(), ExpectBye())
        (row,) = await entered_queues(clean_line, caller_since, deadline_s=LEASED_S)
        await clean_line.hang_up_all()
        await caller.succeeded()
    journey = await clean_line.ended_call(row.uniqueid)
    assert [decision.rung for decision in journey.decisions] == ["script"]
    assert last_ladder_steps(clean_line, since) == [("service", "TIMEOUT")]


async def test_a_service_killed_in_mid_menu_loses_no_key(clean_line: Line, promises: Promises) -> None:
    english_menu = clean_line.sound("main-menu", Language.EN)
    keyed = promises.make("the key was logged before the service died")
    write_tone(english_menu, LONG_MS)
    since, caller_since = ladder_steps(clean_line), len(clean_line.queue_log_rows("ENTERQUEUE"))
    menu_since = len(clean_line.cel_payloads(UserEvent.MENU))
    caller = await clean_line.call(Invite(), WaitAnswer(), Pause(200), Dtmf("9"), ExpectBye())

    async def steps() -> list[dict[str, str]]:
        return clean_line.cel_payloads(UserEvent.MENU)[menu_since:]

    (step,) = await until("key 9 is logged", steps)
    assert step["key"] == "9"
    keyed.redeem()
    clean_line.kill_process(IVR)
    (row,) = await entered_queues(clean_line, caller_since)
    await clean_line.hang_up_all()
    await caller.succeeded()
    write_tone(english_menu, SHORT_MS)
    journey = await clean_line.ended_call(row.uniqueid)
    assert (journey.language, journey.keys) == ("en", "9")
    assert [(decision.rung, decision.language) for decision in journey.decisions] == [("script", "en")]
    assert [rung for rung, _ in last_ladder_steps(clean_line, since)] == ["service"]


def without_script(line: Line) -> None:
    (line.paths.agi / DECIDE).unlink()


def with_crashing_script(line: Line) -> None:
    (line.paths.agi / DECIDE).write_text("#!/bin/sh\nexit 3\n", "utf-8")


def with_hanging_script(line: Line) -> None:
    (line.paths.agi / DECIDE).write_text("#!/bin/sh\nexec sleep 60\n", "utf-8")


def without_snapshot(line: Line) -> None:
    shutil.rmtree(line.paths.state / "plans")


@asynccontextmanager
async def broken(line: Line, breaking: Callable[[Line], None]) -> AsyncIterator[None]:
    """Breaks the script while the block lasts."""
    folders = (line.paths.agi, line.paths.state / "plans")
    kept = [(folder, folder.with_name(f"{folder.name}.kept")) for folder in folders]
    for folder, copy in kept:
        await asyncio.to_thread(shutil.copytree, folder, copy)
    breaking(line)
    try:
        yield
    finally:
        for folder, copy in kept:
            await asyncio.to_thread(_put_back, folder, copy)


def _put_back(folder: Path, copy: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    copy.rename(folder)


@pytest.mark.parametrize("breaking", [without_script, with_crashing_script, with_hanging_script, without_snapshot])
async def test_with_service_and_script_broken_the_static_queue_takes_the_call(
    clean_line: Line, breaking: Callable[[Line], None]
) -> None:
    since = ladder_steps(clean_line)
    async with broken(clean_line, breaking), clean_line.stopped(IVR):
        caller_since = len(clean_line.queue_log_rows("ENTERQUEUE"))
        caller = await clean_line.call(Invite(), WaitAnswer(), ExpectBye())
        (row,) = await entered_queues(clean_line, caller_since, deadline_s=LEASED_S)
        await clean_line.hang_up_all()
        await caller.succeeded()
    journey = await clean_line.ended_call(row.uniqueid)
    assert row.queue == "chernivtsi"
    assert [(decision.rung, decision.service) for decision in journey.decisions] == [("static", "operator")]
    assert [rung for rung, _ in last_ladder_steps(clean_line, since)] == ["service", "script"]


GARBAGE = {
    "connect and close": b"",
    "half a line": b"agi_network: y",
    "binary": bytes(range(256)) * 8,
    "endless header": b"agi_x: " + b"y" * 200_000,
    "many headers": b"agi_x: y\n" * 5_000,
    "hangup first": b"HANGUP\n\n",
    "unknown script": b"agi_network_script: no-such-script\nagi_uniqueid: 1.1\n\n",
}


@pytest.mark.parametrize("what", GARBAGE)
async def test_garbage_on_the_service_port_leaves_the_next_call_unharmed(clean_line: Line, what: str) -> None:
    clean_line.set_clock(TUESDAY_11)
    pid = clean_line.pid(IVR)
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", clean_line.site.agi_port)
        writer.write(GARBAGE[what])
        writer.close()
    arrival = await follow(clean_line, Pause(300), Dtmf("4"))
    assert [decision.rung for decision in arrival.journey.decisions] == ["service"]
    assert clean_line.pid(IVR) == pid


REPLIES = {
    "closes": b"",
    "garbage": bytes(range(256)) + b"\n",
    "half a command": b"SET VARIABLE HOTLINE_",
    "a long line": b"SET VARIABLE X " + b"y" * 9_000 + b"\n",
    "the outcome of nobody": b"NOOP x\nSET VARIABLE HOTLINE_SERVICE detention\n",
}


@pytest.mark.parametrize("what", REPLIES)
async def test_whatever_answers_in_place_of_the_service_the_call_survives(clean_line: Line, what: str) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(REPLIES[what])
        writer.close()

    clean_line.errors_are_expected = True
    since = len(clean_line.queue_log_rows("ENTERQUEUE"))
    async with clean_line.stopped(IVR):
        impostor = await asyncio.start_server(answer, "127.0.0.1", clean_line.site.agi_port)
        async with impostor:
            caller = await clean_line.call(Invite(), WaitAnswer(), ExpectBye())
            (row,) = await entered_queues(clean_line, since, deadline_s=LEASED_S)
            await clean_line.hang_up_all()
            await caller.succeeded()
    journey = await clean_line.ended_call(row.uniqueid)
    assert [decision.rung for decision in journey.decisions] == ["script"]


async def test_who_hangs_up_on_a_hanging_service_leaves_nothing(clean_line: Line) -> None:
    async with clean_line.frozen(IVR):
        caller = await clean_line.call(Invite(), WaitAnswer(), Pause(500), Hangup())
        await caller.succeeded()
        await until("the channel is gone", clean_line.channels, lambda names: not names)


async def test_every_call_of_this_module_is_in_the_log_once(clean_line: Line) -> None:
    expected = clean_line.calls_that_came()
    logged = await until("all calls are logged", clean_line.calls, lambda calls: len(calls) >= len(expected))
    assert sorted(call.call_id for call in logged) == expected
    assert all(call.ended_at for call in logged)
