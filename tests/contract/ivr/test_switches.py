"""Switches by telephone: an operator's whole call, with a fake Asterisk and a fake api."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from structlog.testing import capture_logs

from asterisk_conf.instance import InstancePaths
from asterisk_conf.payload import encode_payload
from asterisk_conf.state_files import write_overrides
from ivr.agi.server import AgiServer, ServerLimits
from ivr.agi.session import Deadlines
from ivr.plans import PlanStore
from ivr.prompt_lengths import PromptLengths
from ivr.speaker import Speaker
from ivr.switches.client import SwitchClient
from ivr.switches.flow import SwitchFlow, SwitchSources
from ivr.switches.pin_guard import PinGuard
from routing.overrides import Override, OverrideAction, OverrideScope
from tests.contract.ivr.fake_api import FakeApi
from tests.contract.ivr.fake_asterisk import FakeCall

PIN = "271828"


@dataclass(kw_only=True)
class Desk:
    """A service that knows `PIN`, and its api."""

    api: FakeApi
    agi_port: int

    async def dial(self, keys: str, operator: str = "sumy01", *, has_cel: bool = True) -> FakeCall:
        call = FakeCall(keys=list(keys), has_cel=has_cel)
        return await call.run(self.agi_port, "override", encode_payload({"route": "override", "operator": operator}))


def said(call: FakeCall) -> list[str]:
    """Gives the prompts that were played; the small plan has no texts for them, so their names are bare."""
    return [sound.removeprefix("hotline/override-") for sound in call.played]


def told(call: FakeCall) -> list[str]:
    return [fields["reason"] for name, fields in call.events if name == "HOTLINE_OPERATOR"]


@pytest.fixture
async def desk(paths: InstancePaths) -> AsyncIterator[Desk]:
    api = FakeApi()
    url = f"http://127.0.0.1:{await api.start()}"
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        sources = SwitchSources(
            state=paths.state,
            plans=PlanStore(paths.state),
            speaker=Speaker(PromptLengths(paths.sounds)),
            guard=PinGuard(PIN),
            client=SwitchClient(client, deadline_s=2),
        )
        limits = ServerLimits(sessions=5, drain_s=0.2, deadlines=Deadlines(header_s=2, command_s=2))
        server = AgiServer({"override": SwitchFlow(sources).run}, limits)
        yield Desk(api=api, agi_port=await server.start("127.0.0.1", 0))
        await server.drain()
    await api.stop()


@pytest.mark.parametrize(("key", "action"), [("1", "closed"), ("2", "open")])
async def test_the_right_pin_switches_the_own_offices_queue_for_so_many_hours(
    desk: Desk, key: str, action: str
) -> None:
    before = datetime.now(UTC)
    call = await desk.dial(PIN + key + "3")
    (switch,) = desk.api.switches
    until = datetime.fromisoformat(str(switch.pop("until")))
    assert before + timedelta(hours=3) <= until <= datetime.now(UTC) + timedelta(hours=3)
    assert switch == {
        "id": "o1",
        "scope": "queue",
        "target": "sumy",
        "action": action,
        "destination": None,
        "reason": "перемкнено з телефону оператора",
        "author": "operator sumy01 by phone",
    }
    assert said(call) == ["pin", "choice", "hours", "done"]
    assert told(call) == [f"{action}-3h"]
    assert call.outcome == "spoken"
    assert call.commands[-1] == 'SET VARIABLE "HOTLINE_OUTCOME" "spoken"'


async def test_an_operator_of_the_other_office_switches_the_other_queue(desk: Desk) -> None:
    await desk.dial(PIN + "11", operator="chernivtsi01")
    assert [switch["target"] for switch in desk.api.switches] == ["chernivtsi"]


def _override(name: str, target: str) -> Override:
    now = datetime.now(UTC)
    return Override(
        id=name,
        scope=OverrideScope.QUEUE,
        target=target,
        action=OverrideAction.CLOSED,
        destination=None,
        until=now + timedelta(hours=1),
        reason="x",
        author="x",
        created_at=now,
    )


async def test_three_clears_what_lies_over_the_own_queue_and_nothing_else(desk: Desk, paths: InstancePaths) -> None:
    write_overrides(paths.state, [_override("o1", "sumy"), _override("o2", "chernivtsi")])
    desk.api.switches = [{"id": "o1"}, {"id": "o2"}]
    call = await desk.dial(PIN + "3")
    assert desk.api.switches == [{"id": "o2"}]
    assert "author=operator+sumy01+by+phone" in desk.api.requests[-1][1].replace("%20", "+")
    assert (said(call), told(call)) == (["pin", "choice", "done"], ["cleared"])


async def test_three_with_nothing_to_clear_is_fine(desk: Desk) -> None:
    assert said(await desk.dial(PIN + "3")) == ["pin", "choice", "done"]


async def test_three_wrong_pins_lock_the_operator_and_no_other(desk: Desk) -> None:
    with capture_logs() as logs:
        call = await desk.dial("111111222222333333")
        locked = await desk.dial(PIN + "11")
        other = await desk.dial(PIN + "11", operator="chernivtsi01")
    assert said(call) == ["pin", "wrong-pin", "pin", "wrong-pin", "pin", "wrong-pin"]
    assert (said(locked), told(locked)) == (["wrong-pin"], ["wrong-pin"])
    assert told(other) == ["closed-1h"]
    assert [switch["target"] for switch in desk.api.switches] == ["chernivtsi"]
    assert not any(digits in str(logs) for digits in (PIN, "111111"))


async def test_the_pin_stands_in_no_event(desk: Desk) -> None:
    call = await desk.dial(PIN + "11")
    assert PIN not in str(call.events)


async def test_an_asterisk_without_cel_costs_the_record_and_not_the_switch(desk: Desk) -> None:
    with capture_logs() as logs:
        call = await desk.dial(PIN + "11", has_cel=False)
    assert (said(call)[-1], call.outcome, len(desk.api.switches)) == ("done", "spoken", 1)
    assert "switch_not_in_evidence" in [row["event"] for row in logs]


async def test_a_short_pin_ends_with_hash_or_silence_and_is_wrong(desk: Desk) -> None:
    call = await desk.dial("27#t" + PIN + "3")
    assert said(call) == ["pin", "wrong-pin", "pin", "wrong-pin", "pin", "choice", "done"]


@pytest.mark.parametrize(("keys", "why"), [("9t8", "no-choice"), ("10*t", "no-hours")])
async def test_no_choice_and_no_hours_switch_nothing(desk: Desk, keys: str, why: str) -> None:
    call = await desk.dial(PIN + keys)
    assert (said(call)[-1], told(call), desk.api.switches) == ("failed", [why], [])
    assert call.outcome == "spoken"


@pytest.mark.parametrize("status", [422, 500])
async def test_an_api_that_refuses_is_told_to_the_operator(desk: Desk, status: int) -> None:
    desk.api.switch_status = status
    call = await desk.dial(PIN + "11")
    assert (said(call)[-1], told(call)) == ("failed", ["failed"])


async def test_an_api_that_is_down_is_told_to_the_operator(desk: Desk) -> None:
    await desk.api.stop()
    call = await desk.dial(PIN + "11")
    assert (said(call)[-1], told(call)) == ("failed", ["failed"])


@pytest.mark.parametrize("operator", ["", "nobody", "trunk-selftest"])
async def test_whoever_is_no_operator_of_the_plan_gets_no_question(desk: Desk, operator: str) -> None:
    call = await desk.dial(PIN + "11", operator=operator)
    assert (call.commands, call.outcome, desk.api.switches) == ([], None, [])


async def test_an_operator_who_hangs_up_switches_nothing(desk: Desk) -> None:
    call = FakeCall(keys=list(PIN + "1"), hang_up_at='STREAM FILE "hotline/override-hours"')
    await call.run(desk.agi_port, "override", encode_payload({"route": "override", "operator": "sumy01"}))
    assert (call.outcome, desk.api.switches) == (None, [])
