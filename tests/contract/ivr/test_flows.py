"""Whole calls through the service, over a real socket, with a fake Asterisk."""

import wave
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from asterisk_conf.handoff import sound_of
from asterisk_conf.instance import InstancePaths
from asterisk_conf.names import LEASE_S
from asterisk_conf.payload import decode_reasons
from asterisk_conf.state_files import current_file, overrides_file, snapshot_file, write_clock
from ivr.agi.server import AgiServer
from routing.languages import Language
from routing.plan import PlanVersion, PromptId
from tests.contract.ivr.fake_asterisk import FakeCall, facts_payload
from tests.plans import PLAN_VERSION, small_plan

TUESDAY_11 = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SATURDAY_11 = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


def _sound(prompt: str) -> str:
    return sound_of(small_plan(), PromptId(prompt))


MENU, GREETING, WRONG_KEY = _sound("main-menu"), _sound("greeting"), _sound("wrong-key")


def _set_clock(paths: InstancePaths, moment: datetime) -> None:
    write_clock(paths.state, (moment - datetime.now(UTC)).total_seconds())


async def _call(port: int, call: FakeCall, **facts: str) -> FakeCall:
    facts = {"did": "+380800213103", "plan": PLAN_VERSION, "language": "uk"} | facts
    return await call.run(port, "entry", facts_payload("entry", **facts))


async def test_key_1_in_office_hours_goes_to_sumy_with_the_outcome_last(port: int, paths: InstancePaths) -> None:
    _set_clock(paths, TUESDAY_11)
    call = await _call(port, FakeCall(keys=["1"]))
    assert call.played == [GREETING, MENU]
    assert call.variables["HOTLINE_QUEUE"] == "sumy"
    assert call.variables["HOTLINE_QUEUE_TIMEOUT_S"] == "120"
    assert call.variables["HOTLINE_SERVICE"] == "consultation"
    assert call.variables["HOTLINE_KEYS"] == "1"
    assert call.variables["HOTLINE_IS_OPEN"] == "1"
    assert call.variables["HOTLINE_PLAN_VERSION"] == PLAN_VERSION
    assert decode_reasons(call.variables["HOTLINE_REASONS"])
    assert call.commands[-1] == 'SET VARIABLE "HOTLINE_OUTCOME" "queue"'


async def test_key_1_on_a_saturday_goes_to_chernivtsi_with_the_announcement(port: int, paths: InstancePaths) -> None:
    _set_clock(paths, SATURDAY_11)
    call = await _call(port, FakeCall(keys=["1"]))
    assert (call.variables["HOTLINE_QUEUE"], call.variables["HOTLINE_IS_OPEN"]) == ("chernivtsi", "0")
    assert call.variables["HOTLINE_ANNOUNCEMENTS"] == _sound("sumy-closed")
    assert call.variables["HOTLINE_QUEUE_TIMEOUT_S"] == ""


async def test_a_key_during_the_greeting_answers_the_menu(port: int) -> None:
    call = await _call(port, FakeCall(interrupts={GREETING: ["4"]}))
    assert call.played == [GREETING]
    assert call.variables["HOTLINE_SERVICE"] == "detention"
    assert call.outcome == "queue"


async def test_silence_leads_to_the_operator_and_stands_in_the_evidence(port: int) -> None:
    call = await _call(port, FakeCall())
    assert call.variables["HOTLINE_SERVICE"] == "operator"
    expected = {"menu": "main", "outcome": "no_input", "key": "", "language": "uk", "attempt": "1"}
    assert call.events == [("HOTLINE_MENU", expected)]


async def test_three_wrong_keys_lead_to_the_operator(port: int) -> None:
    call = await _call(port, FakeCall(keys=["7", "8", "3"]))
    assert call.variables["HOTLINE_SERVICE"] == "operator"
    assert call.variables["HOTLINE_KEYS"] == "7%2C8%2C3"
    assert [event["outcome"] for _, event in call.events] == ["no_match"] * 3
    assert call.played == [GREETING, MENU, WRONG_KEY, MENU, WRONG_KEY, MENU]


async def test_key_9_makes_the_channel_speak_english_before_the_next_prompt(port: int) -> None:
    call = await _call(port, FakeCall(keys=["9", "2"]))
    spoken = call.commands.index('SET VARIABLE "CHANNEL(language)" "en"')
    asked_again = [i for i, line in enumerate(call.commands) if MENU in line][1]
    assert spoken < asked_again
    assert call.variables["HOTLINE_LANGUAGE"] == "en"
    assert [event["language"] for _, event in call.events] == ["uk", "en"]


async def test_star_and_hash_survive_the_dialplan_as_encoded_keys(port: int) -> None:
    call = await _call(port, FakeCall(keys=["*", "#", "2"]))
    assert call.variables["HOTLINE_KEYS"] == "%2A%2C%23%2C2"


async def test_each_key_is_kept_in_variables_before_the_next_prompt(port: int) -> None:
    call = await _call(port, FakeCall(keys=["7"], hang_up_at=f'STREAM FILE "{MENU}" "0123456789*#"x'))
    kept = call.commands.index('SET VARIABLE "HOTLINE_KEYS" "7"')
    assert kept < call.commands.index(f'STREAM FILE "{WRONG_KEY}" "0123456789*#"')


async def test_the_lease_is_renewed_before_each_prompt_and_before_each_wait(port: int) -> None:
    call = await _call(port, FakeCall(keys=["2"]))
    for position, line in enumerate(call.commands):
        if line.startswith(("STREAM FILE", "WAIT FOR DIGIT")):
            assert call.commands[position - 1].startswith('SET VARIABLE "TIMEOUT(absolute)"'), line
    assert call.leases == [LEASE_S, LEASE_S, LEASE_S + 5]


async def test_the_lease_covers_a_long_prompt(port: int, paths: InstancePaths) -> None:
    folder = paths.sounds(Language.UK)
    folder.mkdir(parents=True)
    with wave.open(str(folder / f"{GREETING.removeprefix('hotline/')}.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(b"\0\0" * 8_000 * 20)
    call = await _call(port, FakeCall(keys=["2"]))
    assert call.leases[0] == LEASE_S + 20


@pytest.mark.parametrize("how", ["missing", "broken"])
async def test_a_prompt_that_cannot_be_played_costs_no_call(port: int, how: str) -> None:
    sounds = frozenset({GREETING, MENU})
    call = FakeCall(keys=["2"], missing=sounds) if how == "missing" else FakeCall(keys=["2"], broken=sounds)
    with capture_logs() as logs:
        await _call(port, call)
    assert call.outcome == "queue"
    assert [row["prompt"] for row in logs if row["event"] == "prompt_not_played"] == ["greeting", "main-menu"]


@pytest.mark.parametrize(
    "at", ["SET VARIABLE", "STREAM FILE", "WAIT FOR DIGIT", "EXEC", 'SET VARIABLE "HOTLINE_OUTCOME"']
)
async def test_a_hang_up_anywhere_ends_the_flow_quietly(port: int, server: AgiServer, at: str) -> None:
    with capture_logs() as logs:
        call = await _call(port, FakeCall(keys=["2"], hang_up_at=at))
    assert call.outcome is None
    assert call.commands[-1].startswith(at)
    assert {row["log_level"] for row in logs} == {"info"}
    assert server.faults == 0


async def test_a_command_that_asterisk_refuses_leaves_the_call_to_the_next_rung(port: int) -> None:
    with capture_logs() as logs:
        call = await _call(port, FakeCall(keys=["2"], refuse="STREAM FILE"))
    assert call.outcome is None
    told = [row for row in logs if row["log_level"] == "error"]
    assert [(row["event"], row["call_id"]) for row in told] == [("asterisk_did_not_do_as_told", "node1-1790000000.1")]


async def test_an_asterisk_without_cel_costs_the_record_of_the_step_and_not_the_call(port: int) -> None:
    with capture_logs() as logs:
        call = await _call(port, FakeCall(keys=["2"], has_cel=False))
    assert call.outcome == "queue"
    assert "menu_step_not_logged" in [row["event"] for row in logs]


async def test_a_command_that_is_never_answered_leaves_the_call_to_the_next_rung(port: int) -> None:
    call = await _call(port, FakeCall(silent_at="STREAM FILE"))
    assert call.outcome is None


async def test_a_call_without_a_plan_version_gets_the_plan_in_force(port: int) -> None:
    call = await _call(port, FakeCall(keys=["2"]), plan="")
    assert (call.variables["HOTLINE_PLAN_VERSION"], call.outcome) == (PLAN_VERSION, "queue")


async def test_a_call_with_an_unknown_plan_version_gets_the_plan_in_force(port: int) -> None:
    call = await _call(port, FakeCall(keys=["2"]), plan="ffffffffffffffff")
    assert (call.variables["HOTLINE_PLAN_VERSION"], call.outcome) == (PLAN_VERSION, "queue")


async def test_without_any_plan_the_next_rung_takes_the_call_and_one_line_tells_why(
    port: int, paths: InstancePaths
) -> None:
    current_file(paths.state).unlink()
    snapshot_file(paths.state, PlanVersion(PLAN_VERSION)).unlink()
    with capture_logs() as logs:
        call = await _call(port, FakeCall())
    assert call.commands == []
    assert [row["event"] for row in logs] == ["flow_failed"]


async def test_broken_overrides_cost_the_overrides_and_not_the_call(port: int, paths: InstancePaths) -> None:
    overrides_file(paths.state).write_text("{")
    with capture_logs() as logs:
        call = await _call(port, FakeCall(keys=["2"]))
    assert call.outcome == "queue"
    assert "overrides_not_read" in [row["event"] for row in logs]


async def test_after_a_queue_without_answer_the_caller_goes_on_to_chernivtsi(port: int, paths: InstancePaths) -> None:
    _set_clock(paths, TUESDAY_11)
    facts = facts_payload(
        "after-queue",
        plan=PLAN_VERSION,
        language="en",
        service="consultation",
        queue="sumy",
        status="TIMEOUT",
        tried="sumy",
        waited="130",
    )
    call = await FakeCall().run(port, "after-queue", facts)
    assert call.played == []
    assert (call.variables["HOTLINE_QUEUE"], call.variables["HOTLINE_PRIORITY"]) == ("chernivtsi", "12")
    assert call.variables["HOTLINE_LANGUAGE"] == "en"
    assert call.outcome == "queue"
