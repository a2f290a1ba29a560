"""The fallback script decides like the service, and fails without a word to the channel."""

import asyncio
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agi_scripts.decide import ArgumentError, decide_task, task_of, variables_for
from asterisk_conf import state_files
from asterisk_conf.handoff import HandoffError, variables_of
from asterisk_conf.names import Variable
from asterisk_conf.payload import encode_payload
from asterisk_conf.state_files import NumberCheck, StateError
from ivr.agi.protocol import Succeeded
from ivr.agi.session import AgiSession, Deadlines
from ivr.clock import Clock
from ivr.flows import Flows, FlowSources
from ivr.plans import PlanStore
from ivr.prompt_lengths import PromptLengths
from routing.overrides import Override, OverrideAction, OverrideScope
from tests.centres import NORTH_DEPUTY, plan_with_centres
from tests.plans import CHERNIVTSI, CONSULTATION, PLAN_VERSION, SUMY, small_plan

TUESDAY = datetime(2026, 11, 24, 9, 0, 30, tzinfo=UTC)
ROOT = Path(__file__).parents[3]


def facts(**given: str) -> str:
    fields = dict.fromkeys(
        ("route", "did", "plan", "language", "menu", "keys", "service", "centre", "queue", "status", "tried", "waited"),
        "",
    )
    return encode_payload({**fields, "route": "after-queue", "plan": PLAN_VERSION, **given})


def arguments(state: Path, text: str, route: str = "after-queue", clock: str = "real-clock") -> list[str]:
    return ["decide.py", route, text, str(state), clock]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")
    fill(folder)
    return folder


def fill(folder: Path) -> None:
    state_files.write_snapshot(folder, small_plan())
    state_files.write_current(folder, PLAN_VERSION)


class FixedClock(Clock):
    """A clock that stands still where it is put."""

    def __init__(self, state: Path) -> None:
        super().__init__(state, is_test=False)
        self.moment = TUESDAY

    def now(self) -> datetime:
        return self.moment


class WillingAsterisk(asyncio.WriteTransport):
    """The channel of one call: confirms every command, presses the keys that it was given, notes the variables."""

    def __init__(self, header_argument: str, keys: str = "") -> None:
        super().__init__()
        self.session = AgiSession(self, {"agi_arg_1": header_argument, "agi_uniqueid": "n-1.1"}, Deadlines())
        self.variables: list[tuple[str, str]] = []
        self._keys = iter(keys)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        line = bytes(data).decode()
        result = 1
        if line.startswith("SET VARIABLE"):
            name, value = line.removeprefix("SET VARIABLE").split(maxsplit=1)
            self.variables.append((name.strip('"'), value.strip().strip('"')))
        elif line.startswith("STREAM FILE"):
            result = ord(next(self._keys, "\0"))
        reply = Succeeded(result=result, value=None, end_position_samples=8_000)
        asyncio.get_running_loop().call_soon(self.session.receive, reply)

    def is_closing(self) -> bool:
        return False


def service_flows(state: Path) -> tuple[Flows, FixedClock]:
    clock = FixedClock(state)
    lengths = PromptLengths(lambda _language: state)
    return Flows(FlowSources(state=state, plans=PlanStore(state), clock=clock, lengths=lengths)), clock


def script_variables(state: Path, text: str, route: str, moment: datetime) -> list[tuple[str, str]]:
    task = task_of(arguments(state, text, route))
    return [(variable.value, value) for variable, value in variables_of(*decide_task(task, moment))]


def sample(count: int) -> Iterator[tuple[dict[str, str], datetime]]:
    draw = random.Random(213_103)
    for _ in range(count):
        given = {
            "service": draw.choice(["consultation", "guidance", "operator", "detention", "no-such-service", ""]),
            "language": draw.choice(["uk", "en", "", "xx"]),
            "tried": draw.choice(["sumy", "chernivtsi", "sumy+chernivtsi", "no-such-queue", "", "", ""]),
            "queue": draw.choice(["sumy", "chernivtsi", "", ""]),
            "status": draw.choice(["TIMEOUT", "FULL", "JOINEMPTY", "LEAVEEMPTY", "UNKNOWN", ""]),
            "waited": draw.choice(["0", "59", "60", "7200", "9999999", "x", ""]),
            "plan": draw.choice([PLAN_VERSION, "ffffffffffffffff", ""]),
        }
        yield given, datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC) + timedelta(minutes=draw.randrange(366 * 1440))


async def test_a_thousand_decisions_are_the_same_as_the_services(state: Path) -> None:
    flows, clock = service_flows(state)
    seen = set()
    for given, clock.moment in sample(1_000):
        text = facts(**given)
        asterisk = WillingAsterisk(text)
        await flows.routes()["after-queue"](asterisk.session)
        assert script_variables(state, text, "after-queue", clock.moment) == asterisk.variables, given
        seen.add((dict(asterisk.variables)["HOTLINE_QUEUE"], dict(asterisk.variables)["HOTLINE_IS_OPEN"]))
    assert seen == {("sumy", "1"), ("chernivtsi", "0"), ("chernivtsi", "1")}


@pytest.mark.parametrize("tried", ["", "north.0", "north.0+north.1", "north.0+north.1+south.0", "x.y+north.0"])
async def test_a_centre_is_called_by_the_script_as_by_the_service(tmp_path: Path, tried: str) -> None:
    state_files.write_snapshot(tmp_path, plan_with_centres())
    state_files.write_current(tmp_path, PLAN_VERSION)
    dead = NumberCheck(number=NORTH_DEPUTY, is_dead=True, status="CHANUNAVAIL.1", checked_at=TUESDAY)
    state_files.write_number_checks(tmp_path, [dead])
    flows, clock = service_flows(tmp_path)
    text = facts(route="after-centre", service="guidance", centre="north", centre_tried=tried, centre_status="BUSY")
    asterisk = WillingAsterisk(text)
    await flows.routes()["after-centre"](asterisk.session)
    assert script_variables(tmp_path, text, "after-centre", clock.moment) == asterisk.variables
    places = {"": "north.0", "north.0": "south.0", "north.0+north.1": "south.0", "x.y+north.0": "south.0"}
    known = dict(asterisk.variables)
    called = f"{known.get('HOTLINE_CENTRE_DIALLED')}.{known.get('HOTLINE_CENTRE_PLACE')}"
    assert (known["HOTLINE_OUTCOME"], called) == (
        ("centre", places[tried]) if tried in places else ("queue", "None.None")
    )


def test_the_script_gives_a_detention_its_number(tmp_path: Path) -> None:
    fill(tmp_path)
    text = facts(route="entry", service="detention", source="7")
    numbers = [
        dict(variables_for(task_of(arguments(tmp_path, text, "entry")), TUESDAY))[Variable.DETENTION_NUMBER]
        for _ in range(2)
    ]
    assert [number[:14] for number in numbers] == ["07-261124-0001", "07-261124-0002"]
    again = facts(route="after-queue", service="detention", source="7", number=numbers[0])
    assert Variable.DETENTION_NUMBER not in dict(variables_for(task_of(arguments(tmp_path, again)), TUESDAY))


@pytest.mark.parametrize("key", ["1", "2", "4", "0", "91", "94"])
@pytest.mark.parametrize("moment", [TUESDAY, TUESDAY.replace(hour=16), TUESDAY.replace(day=28)])
async def test_a_choice_made_in_the_menu_leads_to_the_same_place(state: Path, key: str, moment: datetime) -> None:
    flows, clock = service_flows(state)
    clock.moment = moment
    asterisk = WillingAsterisk(facts(route="entry"), keys=key)
    await flows.routes()["entry"](asterisk.session)
    known = dict(asterisk.variables)
    given = {"service": known["HOTLINE_SERVICE"], "language": known["HOTLINE_LANGUAGE"]}
    decided = dict(script_variables(state, facts(route="entry", **given), "entry", moment))
    apart = (Variable.REASONS.value, Variable.KEYS.value, Variable.MENU.value, Variable.DIGITS.value)
    assert without(known, *apart, "TIMEOUT(absolute)", "CHANNEL(language)") == without(decided, *apart)


def without(variables: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name not in names}


def test_who_chose_nothing_reaches_the_operators_at_chernivtsi(state: Path) -> None:
    decided = dict(script_variables(state, facts(route="entry"), "entry", TUESDAY))
    assert decided["HOTLINE_QUEUE"] == CHERNIVTSI
    assert decided["HOTLINE_SERVICE"] == "operator"


def test_the_test_clock_shifts_the_moment_and_the_real_clock_does_not(tmp_path: Path) -> None:
    fill(tmp_path)
    state_files.write_clock(tmp_path, timedelta(days=4).total_seconds())
    text = facts(route="entry", service=CONSULTATION)
    shifted, real = (
        decide_task(task_of(arguments(tmp_path, text, "entry", clock)), TUESDAY)[0]
        for clock in ("test-clock", "real-clock")
    )
    assert (shifted.queue, real.queue) == (CHERNIVTSI, SUMY)


def test_an_override_is_obeyed_and_a_broken_file_of_overrides_costs_no_call(tmp_path: Path) -> None:
    fill(tmp_path)
    task = task_of(arguments(tmp_path, facts(route="entry", service=CONSULTATION), "entry"))
    switch = Override(
        id="o1",
        scope=OverrideScope.QUEUE,
        target=SUMY,
        action=OverrideAction.CLOSED,
        destination=None,
        until=TUESDAY + timedelta(hours=1),
        reason="power cut",
        author="test",
        created_at=TUESDAY - timedelta(hours=1),
    )
    state_files.write_overrides(tmp_path, [switch])
    assert decide_task(task, TUESDAY)[0].queue == CHERNIVTSI
    state_files.overrides_file(tmp_path).write_text("{", "utf-8")
    assert decide_task(task, TUESDAY)[0].queue == SUMY


@pytest.mark.parametrize(
    ("argv", "error"),
    [
        (["decide.py"], ArgumentError),
        (["decide.py", "entry", facts(route="entry"), "/state", "real-clock", "more"], ArgumentError),
        (["decide.py", "entry", facts(route="entry"), "/state", "sundial"], ArgumentError),
        (["decide.py", "entry", facts(route="after-queue"), "/state", "real-clock"], ArgumentError),
        (["decide.py", "health", facts(route="health"), "/state", "real-clock"], ArgumentError),
        (["decide.py", "entry", "route=entry;route=entry", "/state", "real-clock"], HandoffError),
        (["decide.py", "entry", "nonsense", "/state", "real-clock"], HandoffError),
    ],
)
def test_arguments_that_the_dialplan_never_gives_are_refused(argv: list[str], error: type[Exception]) -> None:
    with pytest.raises(error):
        task_of(argv)


def test_without_a_state_folder_there_is_no_decision(tmp_path: Path) -> None:
    with pytest.raises(StateError):
        decide_task(task_of(arguments(tmp_path, facts())), TUESDAY)


def run_script(argv: list[str], replies: str) -> subprocess.CompletedProcess[str]:
    """Runs the script as Asterisk does: a fresh process, replies on stdin."""
    code = "import sys; from agi_scripts.decide import main; sys.exit(main(sys.argv))"
    command = [sys.executable, "-c", code, *argv[1:]]
    header = "agi_network: no\nagi_callerid: +380501234567\n\n"
    return subprocess.run(
        command, input=header + replies, capture_output=True, text=True, cwd=ROOT, timeout=30, check=False
    )


@pytest.mark.parametrize("service", ["consultation", "detention", ""])
def test_as_a_process_it_sets_the_services_variables_with_the_outcome_last(state: Path, service: str) -> None:
    state_files.write_clock(state, (TUESDAY - datetime.now(UTC)).total_seconds())
    text = facts(route="entry", service=service)
    done = run_script(arguments(state, text, "entry", "test-clock"), "200 result=1\n" * len(Variable))
    expected = script_variables(state, text, "entry", TUESDAY)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.splitlines() == [f'SET VARIABLE "{name}" "{value}"' for name, value in expected]
    assert expected[-1] == ("HOTLINE_OUTCOME", "queue")


@pytest.mark.parametrize("replies", ["", "510 Invalid or unknown command\n", "200 result=1\n" * 3 + "HANGUP\n"])
def test_as_a_process_it_fails_without_an_outcome_when_asterisk_does_not_confirm(state: Path, replies: str) -> None:
    done = run_script(arguments(state, facts()), replies)
    assert done.returncode == 1
    assert "HOTLINE_OUTCOME" not in done.stdout
    assert "+380501234567" not in done.stderr
    assert done.stderr.startswith("decide.py: ")


def test_as_a_process_it_says_in_one_line_why_it_failed(tmp_path: Path) -> None:
    done = run_script(arguments(tmp_path, facts()), "")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "StateError" in done.stderr


def test_its_imports_stay_lean() -> None:
    code = "import sys, agi_scripts.decide; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    heavy = {"asyncio", "email", "http", "logging", "pydantic", "ruamel", "socket", "structlog", "subprocess", "yaml"}
    assert loaded & heavy == set()
    assert {"routing", "asterisk_conf", "asterisk"} <= loaded
