"""No log of a running line holds a full number, and what the service says of a call names the call."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from asterisk_conf.names import OperatorCode
from hotline.line import IVR, POSTGRES
from routing.plan import OperatorId
from tests.live.arrivals import TUESDAY_11, entered_queues, follow
from tests.live.line import Line
from tests.live.sipp import Dtmf, ExpectBye, ExpectFailure, Hangup, Invite, Pause, WaitAnswer
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

OPERATOR = OperatorId("chernivtsi01")
CALLERS = ("+380671112233", "380671112244", "0671112255", "80671112266")
SECRET_NAME = "0671112277"
"""A caller's name that is a number."""
NOT_OURS = "0800000000"
"""What a trunk dials in vain stands in messages.log, as Asterisk writes it: the dialled number, never the caller's."""
FULL_NUMBER = re.compile(r"(?<![\w.-])(?:\+?380|80|0)67[0-9]{7}(?![0-9])|67111[0-9]{4}")
PROCESS_LOGS = ("api.jsonl", "asterisk.jsonl", "ivr.jsonl", "postgres.jsonl")
OF_A_CALL = {"decided", "channel_gone", "flow_failed", "caller_moved", "asterisk_did_not_do_as_told"}


def logs_of(line: Line) -> dict[str, str]:
    """Gives every log by its name. Evidence (CEL, queue_log, CDR) is no log: it holds numbers, and is kept apart."""
    files: list[Path] = [*line.paths.logs.iterdir(), line.paths.asterisk_log / "messages.log"]
    return {file.name: file.read_text("utf-8", "replace") for file in files}


def rows_of(line: Line, *events: str) -> list[dict[str, Any]]:
    rows = [json.loads(row) for row in logs_of(line)["ivr.jsonl"].splitlines()]
    return [row for row in rows if row["event"] in events]


async def talks(line: Line, caller: str) -> None:
    """Places a call that an operator answers, and that the caller ends."""
    async with line.operator_phone(OPERATOR, answers=True) as phone:
        await line.dial_code(phone, OperatorCode.LOGIN)
        calls = await line.call(Invite(caller=caller, name=SECRET_NAME), WaitAnswer(), Pause(6_000), Hangup())
        await until(
            "somebody talks", lambda: line.asterisk_cli("queue show chernivtsi"), lambda text: "(in call)" in text
        )
        await calls.succeeded()
        await line.dial_code(phone, OperatorCode.LOGOUT)


async def speaks_no_agi(line: Line, caller: str) -> None:
    """Sends the service's port a caller's number in what is no AGI, and in headers of no route."""
    for raw in (f"{caller}\n", f"agi_network_script: {caller}\nagi_callerid: {caller}\n\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", line.site.agi_port)
        writer.write(raw.encode())
        assert await reader.read() == b""
        writer.close()


async def asks_the_api(line: Line, caller: str) -> None:
    """Asks the api with a number where it belongs, and where it does not."""
    found = await line.ask("POST", "/api/v1/calls/search-number", {"number": caller})
    assert found.status_code == 200, found.text
    for path in (f"/api/v1/calls/{caller}", f"/api/v1/calls?number={caller}", f"/{caller}"):
        assert (await line.ask("GET", path)).status_code in {200, 404, 422}


async def test_no_log_holds_a_full_number_after_calls_faults_and_questions(clean_line: Line) -> None:
    clean_line.errors_are_expected = True
    clean_line.set_clock(TUESDAY_11)
    await talks(clean_line, CALLERS[0])
    for caller in CALLERS:
        await follow(clean_line, Pause(300), Dtmf("4"), invite=Invite(caller=caller, name=SECRET_NAME))
    stranger = await clean_line.call(Invite(did=NOT_OURS, caller=CALLERS[0]), ExpectFailure(404))
    await stranger.succeeded()
    async with clean_line.stopped(IVR):
        since = len(clean_line.queue_log_rows("ENTERQUEUE"))
        waiting = await clean_line.call(Invite(caller=CALLERS[2]), WaitAnswer(), ExpectBye())
        await entered_queues(clean_line, since)
        await clean_line.hang_up_all()
        await waiting.succeeded()
    clean_line.descriptor_limit = clean_line.descriptors(IVR) + 8
    await speaks_no_agi(clean_line, CALLERS[0])
    await asks_the_api(clean_line, CALLERS[0])
    async with clean_line.stopped(POSTGRES):
        await until("the line is not ready", clean_line.unready_reasons)
        asked = await clean_line.ask("POST", "/api/v1/calls/search-number", {"number": CALLERS[0]})
        assert asked.status_code == 503
    await until("the line is ready again", clean_line.unready_reasons, lambda told: not told, deadline_s=30)
    assert FULL_NUMBER.search(clean_line.paths.cel_file.read_text("utf-8")), "the evidence holds what the logs do not"
    logs = logs_of(clean_line)
    assert set(PROCESS_LOGS) <= logs.keys()
    found = {name: [row[:300] for row in text.splitlines() if FULL_NUMBER.search(row)] for name, text in logs.items()}
    assert {name: rows for name, rows in found.items() if rows} == {}
    assert not any(FULL_NUMBER.search(note) for note in clean_line.notes)


async def test_what_the_service_says_of_a_call_names_the_call(clean_line: Line) -> None:
    clean_line.set_clock(TUESDAY_11)
    arrival = await follow(clean_line, Pause(300), Dtmf("4"))
    rows = rows_of(clean_line, "decided")
    assert rows[-1]["call_id"] == arrival.journey.call_id
    assert all(row["call_id"] for row in rows_of(clean_line, *OF_A_CALL))
