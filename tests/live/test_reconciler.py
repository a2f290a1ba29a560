"""What Asterisk shows of operators is kept true: missed rings, a pause that a crash lost, a member that hangs."""

import json
import os
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf.names import OperatorCode
from hotline.line import ASTERISK
from hotline.softphone import PhoneEventType, Softphone
from ivr.reconciler.notices import MISSED_RINGS_REASON
from ivr.reconciler.record import Record, read_record
from routing.plan import OperatorId, Plan
from tests.live.line import Line, QueueLogRow, quick
from tests.live.sipp import ExpectBye, Invite, WaitAnswer
from tests.live.waiting import until
from tests.plans import small_plan

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

FIRST = OperatorId("chernivtsi01")
SECOND = OperatorId("chernivtsi02")
LAWYER = OperatorId("sumy01")
REPAIR_S = 60.0
RINGS_S = 60.0


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Phones ring for a second."""
    plan = quick(small_plan())
    return replace(plan, queues={name: replace(queue, ring_s=1) for name, queue in plan.queues.items()})


@asynccontextmanager
async def logged_in(line: Line, operator: OperatorId, *, answers: bool) -> AsyncIterator[Softphone]:
    """Runs an operator's phone that is logged in while the block lasts."""
    async with line.operator_phone(operator, answers=answers) as phone:
        await line.dial_code(phone, OperatorCode.LOGIN)
        yield phone
        await line.dial_code(phone, OperatorCode.LOGOUT)


async def warnings(line: Line) -> list[str]:
    told: list[str] = (await line.ask("GET", "/readyz")).json()["warnings"]
    return told


async def record_of(line: Line) -> Record:
    return read_record(line.paths.operators_file)


async def shown(line: Line) -> str:
    """Gives the member's row of `queue show`."""
    return await line.asterisk_cli("queue show chernivtsi")


def rows_of(line: Line, operator: OperatorId, event: str) -> list[QueueLogRow]:
    return [row for row in line.queue_log_rows(event) if row.agent == f"PJSIP/{operator}"]


def repairs(line: Line, operator: OperatorId) -> list[str]:
    """Gives what the service says that it repaired."""
    rows = [json.loads(row) for row in (line.paths.logs / "ivr.jsonl").read_text("utf-8").splitlines()]
    return [row["what"] for row in rows if row["event"] == "operator_repaired" and row["operator"] == operator]


async def test_who_misses_three_rings_is_paused_with_notice_and_another_operator_answers(clean_line: Line) -> None:
    async with (
        logged_in(clean_line, LAWYER, answers=True),
        logged_in(clean_line, FIRST, answers=False) as silent,
    ):
        caller = await clean_line.call(Invite(), WaitAnswer(), ExpectBye(timeout_ms=60_000))

        async def answered() -> list[QueueLogRow]:
            return rows_of(clean_line, LAWYER, "CONNECT")

        await until("the lawyer, whose turn is later, answers", answered, deadline_s=RINGS_S)
        assert len(rows_of(clean_line, FIRST, "RINGNOANSWER")) == 3
        assert [row.data[0] for row in rows_of(clean_line, FIRST, "PAUSE")] == [MISSED_RINGS_REASON]
        (warning,) = await until("people are told", lambda: warnings(clean_line))
        assert f"operator {FIRST} missed too many rings" in warning
        await clean_line.hang_up_all()
        await caller.finished()
        await clean_line.dial_code(silent, OperatorCode.UNPAUSE)
        await until("the notice ends with the pause", lambda: warnings(clean_line), lambda told: not told)


async def test_who_refuses_three_calls_is_paused_too_and_the_last_one_who_is_left_is_not(clean_line: Line) -> None:
    since = len(rows_of(clean_line, FIRST, "PAUSE"))
    async with (
        logged_in(clean_line, LAWYER, answers=False) as last,
        logged_in(clean_line, FIRST, answers=False) as busy,
    ):
        mark = busy.mark()
        caller = await clean_line.call(Invite(), WaitAnswer(), ExpectBye(timeout_ms=60_000))
        for _ in range(3):
            await busy.wait_for(PhoneEventType.INCOMING, since=mark, deadline_s=RINGS_S)
            mark = busy.mark()
            await busy.hang_up()

        async def paused() -> list[QueueLogRow]:
            return rows_of(clean_line, FIRST, "PAUSE")[since:]

        (row,) = await until("who refuses is paused", paused)
        assert row.data[0] == MISSED_RINGS_REASON
        told = await until("the last one has an alarm", lambda: warnings(clean_line), is_last_told, deadline_s=RINGS_S)
        assert not any(f"operator {LAWYER} missed" in each for each in told)
        assert rows_of(clean_line, LAWYER, "PAUSE") == []
        mark = last.mark()
        await last.wait_for(PhoneEventType.INCOMING, since=mark, deadline_s=RINGS_S)
        await last.answer()
        await until("the alarm ends with the answer", lambda: warnings(clean_line), lambda told: not is_last_told(told))
        await clean_line.hang_up_all()
        await caller.finished()


def is_last_told(told: list[str]) -> bool:
    return any(f"operator {LAWYER} misses one ring after the other" in each for each in told)


async def test_a_pause_that_a_crash_lost_is_set_again(clean_line: Line) -> None:
    clean_line.errors_are_expected = True
    async with logged_in(clean_line, SECOND, answers=True) as phone:
        copy = clean_line.paths.run / "astdb-of-a-second-before"
        await until("Asterisk has committed the login", lambda: members_in_copy(clean_line, copy), is_second_there)
        await clean_line.dial_code(phone, f"{OperatorCode.PAUSE}2")
        await until(
            "the pause is written down",
            lambda: record_of(clean_line),
            lambda told: told.standings[SECOND].is_paused,
        )
        pid = clean_line.pid(ASTERISK)
        crash(clean_line, copy)
        await until("Asterisk is started again", lambda: pid_of(clean_line), lambda now: now != pid)
        await until("the pause is there again", lambda: shown(clean_line), lambda text: "(paused:2" in text)
        assert repairs(clean_line, SECOND) == ["pause"]
        await until("the line is ready", clean_line.unready_reasons, lambda told: not told, deadline_s=REPAIR_S)


async def pid_of(line: Line) -> int:
    return line.pid(ASTERISK)


def astdb_of(line: Line) -> Path:
    return line.paths.asterisk / "var" / "astdb.sqlite3"


async def members_in_copy(line: Line, copy: Path) -> list[str]:
    """Copies Asterisk's memory as it is committed now; gives its rows of members."""
    with closing(sqlite3.connect(astdb_of(line))) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        rows = target.execute("SELECT value FROM astdb WHERE key LIKE '/Queue/PersistentMembers/%'").fetchall()
    return [row[0] for row in rows]


def is_second_there(members: list[str]) -> bool:
    return any(f"PJSIP/{SECOND}" in row for row in members)


def crash(line: Line, before: Path) -> None:
    """Kills Asterisk and puts its memory back to what it was before the pause.

    Why: whether the kill comes before the commit of that second is chance. Nothing is awaited here, so that the
    supervisor does not start Asterisk in between.
    """
    os.kill(line.pid(ASTERISK), signal.SIGKILL)
    before.replace(astdb_of(line))
    astdb_of(line).with_name("astdb.sqlite3-journal").unlink(missing_ok=True)


async def test_an_operator_in_use_without_a_channel_is_freed(clean_line: Line) -> None:
    async with logged_in(clean_line, SECOND, answers=True):
        caller = await clean_line.call(Invite(), WaitAnswer(), ExpectBye(timeout_ms=60_000))
        await until("somebody talks", lambda: shown(clean_line), lambda text: "(Busy)" in text)
        # A member that shows the state of another phone, which talks: in use, and no channel of its own.
        hanging = f"PJSIP/{FIRST} to chernivtsi penalty 0 as PJSIP/{FIRST} state_interface PJSIP/{SECOND}"
        await clean_line.asterisk_cli(f"queue add member {hanging}")
        await until("both seem to talk", lambda: shown(clean_line), lambda text: text.count("(Busy)") == 2)
        await until("who does not talk is freed", lambda: shown(clean_line), lambda text: text.count("(Busy)") == 1)
        assert repairs(clean_line, FIRST) == ["free"]
        await clean_line.hang_up_all()
        await caller.finished()
        await clean_line.asterisk_cli(f"queue remove member PJSIP/{FIRST} from chernivtsi")
