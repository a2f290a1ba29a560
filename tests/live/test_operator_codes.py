"""What operators hear after each code, also when it does not fit; who is logged in survives restarts."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hotline.cli import run
from hotline.line import ASTERISK, IVR, SHIPPED_PLAN
from hotline.softphone import PhoneEventType, Softphone
from routing.plan import OperatorId, Plan
from routing.plan_files import read_plan
from tests.live.conftest import SPARE_DESCRIPTORS
from tests.live.line import Line, quick, running_line
from tests.live.publishing import publish, versioned
from tests.live.sounds import write_tone
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

LAWYER = OperatorId("s01")
HEARD_MS = 2_500
"""So long that the test sees Asterisk play it."""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return versioned(quick(read_plan(SHIPPED_PLAN)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(plan: Plan) -> AsyncIterator[Line]:
    """The shipped plan, published; what operators hear lasts long enough to be seen."""
    async with running_line(plan) as running:
        for prompt in plan.prompts:
            if prompt.startswith("operator-"):
                write_tone(running.sound(prompt), HEARD_MS)
        await publish(running, plan)
        running.descriptor_limit = running.descriptors(IVR) + SPARE_DESCRIPTORS
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def phone(line: Line) -> AsyncIterator[Softphone]:
    """The lawyer's phone."""
    async with line.operator_phone(LAWYER) as phone:
        yield phone


async def told_after(line: Line, phone: Softphone, code: str) -> str:
    """Dials a code; gives the prompt that Asterisk plays, and waits until it has hung up."""
    since = phone.mark()
    await phone.dial(f"sip:{code}@127.0.0.1:{line.site.sip_port}")
    playing = await until(f"{code} is answered with words", lambda: played(line))
    await phone.wait_for(PhoneEventType.CLOSED, since=since, deadline_s=15)
    await until("the channel is gone", line.channels, lambda names: not names)
    return playing.removeprefix("hotline/").rsplit("-", 1)[0]


async def played(line: Line) -> str:
    rows = [row for row in await line.channel_rows() if "Playback" in row]
    return next((part for row in rows for part in row if part.startswith("hotline/")), "")


async def test_each_code_is_answered_with_what_came_of_it(clean_line: Line, phone: Softphone) -> None:
    told = [
        (code, await told_after(clean_line, phone, code))
        for code in ("*831", "*84", "*82", "*81", "*81", "*831", "*84", "*83", "*830", "*82", "*82")
    ]
    assert told == [
        ("*831", "operator-not-on-line"),
        ("*84", "operator-not-on-line"),
        ("*82", "operator-logout"),
        ("*81", "operator-login"),
        ("*81", "operator-login"),
        ("*831", "operator-pause"),
        ("*84", "operator-unpause"),
        ("*83", "operator-pause-reason"),
        ("*830", "operator-pause-reason"),
        ("*82", "operator-logout"),
        ("*82", "operator-logout"),
    ]
    rows = clean_line.queue_log_rows("ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE")
    events = [row.event for row in rows if row.agent.endswith(LAWYER)]
    assert (events.count("ADDMEMBER"), events.count("REMOVEMEMBER")) == (1, 1)


async def state_of(line: Line) -> tuple[str, str | None]:
    """Gives what the api tells of the lawyer."""
    operators = (await line.ask("GET", "/api/v1/operators")).json()["operators"]
    (found,) = (each for each in operators if each["operator"] == LAWYER)
    return found["state"], found["pause_reason"]


async def test_who_is_on_a_pause_is_so_after_a_restart_of_service_and_asterisk(
    clean_line: Line, phone: Softphone
) -> None:
    clean_line.errors_are_expected = True
    await clean_line.dial_code(phone, "*81")
    await clean_line.dial_code(phone, "*837")
    await until("the board has the pause", lambda: state_of(clean_line), lambda state: state == ("paused", "7"))
    for process in (IVR, ASTERISK):
        async with clean_line.stopped(process):
            pass
        await until("and has it again", lambda: state_of(clean_line), lambda state: state == ("paused", "7"))
    clean_line.descriptor_limit = clean_line.descriptors(IVR) + SPARE_DESCRIPTORS


async def test_the_command_tells_who_is_there(
    clean_line: Line, phone: Softphone, capsys: pytest.CaptureFixture[str]
) -> None:
    assert phone.settings.user == LAWYER
    where = ("--instance", str(clean_line.paths.root))
    assert await asyncio.to_thread(run, ["operators", "--office", "sumy", *where]) == 0
    rows = [row.strip() for row in capsys.readouterr().out.splitlines()]
    (row,) = (row for row in rows if row.startswith(LAWYER))
    assert "paused, reason 7" in row
    assert "sumy:0*" in row
    assert len(rows) == 1 + 8
    assert await asyncio.to_thread(run, ["operators", "--json", *where]) == 0
    told = json.loads(capsys.readouterr().out)["operators"]
    (lawyer,) = (each for each in told if each["operator"] == LAWYER)
    assert (lawyer["state"], lawyer["queues"], len(told)) == ("paused", ["sumy"], 22)
    assert lawyer["since"] is not None


async def test_the_settings_that_are_shown_register_a_phone(
    clean_line: Line, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--instance", str(clean_line.paths.root))
    assert await asyncio.to_thread(run, ["operators", "settings", "s02", "--show-password", *where]) == 0
    shown = capsys.readouterr().out
    account = next(row for row in shown.splitlines() if row.startswith("<sip:"))
    secret = clean_line.prepared.secrets.operators[OperatorId("s02")].get_secret_value()
    assert f"auth_pass={secret};" in account
    assert f"<sip:s02@127.0.0.1:{clean_line.site.sip_port};transport=udp>" in account
