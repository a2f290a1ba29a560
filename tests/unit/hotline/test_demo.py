"""What the demo expects and how it judges; the calls themselves are placed by `hotline up --demo --exit`."""

from typing import cast

import pytest

from asterisk_conf.site import SiteSettings, Trunk
from hotline import log_api
from hotline.caller import PlacedCall, answer_menus, trunk_address, wait_ended
from hotline.demo import FIXED_CALLS, OPERATORS, DemoCall, _misroutes
from hotline.errors import HotlineError, LogApiError
from hotline.line import SHIPPED_PLAN, PreparedLine
from hotline.softphone import PhoneSettings, Softphone
from routing.plan import Plan
from routing.plan_files import read_plan
from routing.simulator import simulate
from tests.unit.hotline.fake_log import BEGAN, FakeLog, journey, visit


@pytest.fixture(autouse=True)
def ask_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_api, "ASK_AGAIN_S", 0)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read_plan(SHIPPED_PLAN)


class KnownLine:
    """A prepared line, as far as the judge looks at it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan


class DeafPhone:
    """A phone that remembers the keys it was told to send."""

    def __init__(self, user: str) -> None:
        self.settings = PhoneSettings(user=user, address="127.0.0.1", tone_hz=1_100)
        self.sent: list[str] = []

    async def send_keys(self, digits: str) -> None:
        self.sent.append(digits)


def judged(plan: Plan, call: DemoCall, answered_by: str, **changes: object) -> list[str]:
    line = cast("PreparedLine", KnownLine(plan))
    return _misroutes(call, journey(**changes), line, cast("Softphone", DeafPhone(answered_by)))


@pytest.mark.parametrize("call", FIXED_CALLS, ids=lambda call: call.title)
def test_the_literal_expectations_are_those_of_the_shipped_plan(call: DemoCall, plan: Plan) -> None:
    assert call.moment is not None
    simulation = simulate(plan, call.moment, call.keys)
    assert (simulation.queue, simulation.office) == (call.queue, call.office)


def test_the_demo_has_the_moments_that_were_asked_for() -> None:
    moments = {f"{call.moment:%A %H:%M}" for call in FIXED_CALLS}
    assert moments == {"Tuesday 11:00", "Tuesday 18:00", "Saturday 11:00"}


def test_every_operator_of_the_demo_is_in_the_plan_and_has_a_tone_of_its_own(plan: Plan) -> None:
    assert {operator for operator, _ in OPERATORS} <= set(plan.operators)
    assert len({tone for _, tone in OPERATORS}) == len(OPERATORS)
    assert {plan.operators[operator].office for operator, _ in OPERATORS} == set(plan.offices)


def test_a_call_that_arrived_has_no_faults(plan: Plan) -> None:
    assert judged(plan, FIXED_CALLS[0], "s01") == []


@pytest.mark.parametrize(
    ("answered_by", "changes", "fault"),
    [
        ("s01", {"queue": "chernivtsi"}, "queue: expected sumy, got chernivtsi"),
        ("s01", {"office": None}, "office: expected sumy, got None"),
        ("c01", {"operator": "c01"}, "operator's office: expected sumy, got chernivtsi"),
        ("s02", {}, "operator in the log: expected s02, got s01"),
    ],
)
def test_a_call_that_went_elsewhere_is_told(
    answered_by: str, changes: dict[str, object], fault: str, plan: Plan
) -> None:
    assert judged(plan, FIXED_CALLS[0], answered_by, **changes) == [fault]


def placed(phone: DeafPhone) -> PlacedCall:
    return PlacedCall(phone=cast("Softphone", phone), call_id="node1-1.1")


def step(key: str) -> dict[str, object]:
    return {"occurred_at": BEGAN, "menu": "main", "outcome": "match", "key": key, "language": "uk", "attempt": 1}


async def test_keys_are_sent_one_by_one_as_the_log_sees_them_and_silence_sends_none() -> None:
    phone = DeafPhone("caller")
    ways = [journey(menu_steps=[step("9")] * count, queue_visits=[]) for count in (0, 1, 1, 2)]
    fake = FakeLog(*ways, journey())
    async with fake.open() as log:
        way = await answer_menus(placed(phone), ("9", "t", "1", "5"), log)
    assert phone.sent == ["9", "1"], "the line stopped asking before the 5"
    assert way.queue_visits[0].queue == "sumy"


async def test_a_call_counts_as_ended_only_when_its_queue_visit_is_told_to_its_end() -> None:
    fake = FakeLog(journey(ended_at=None), journey(queue_visits=[visit(ending="talking")]), journey())
    async with fake.open() as log:
        await wait_ended("node1-1.1", log)
    assert len(fake.questions) == 3


async def test_a_caller_who_reaches_no_queue_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline.caller.PROMPT_S", 0.05)
    async with FakeLog(journey(queue_visits=[])).open() as log:
        with pytest.raises(LogApiError, match="no queue was reached"):
            await answer_menus(placed(DeafPhone("caller")), (), log)


def test_test_calls_come_from_the_self_test_trunk_and_a_site_without_one_is_told() -> None:
    assert trunk_address(SiteSettings()) == "127.0.0.2"
    other = SiteSettings(trunks=(Trunk.model_validate({"name": "provider", "match": ["192.0.2.7/32"]}),))
    with pytest.raises(HotlineError, match="selftest"):
        trunk_address(other)
