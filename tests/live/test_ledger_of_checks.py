"""Test calls to centres' telephones are no calls of the line: the ledger counts them, and finds no difference."""

import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from ipaddress import IPv4Network
from pathlib import Path

import pytest
import pytest_asyncio

from api.ledger.schemas import Ledger, LedgerHour
from asterisk_conf.site import Trunk
from hotline.centre_checks import check_places, places_of
from hotline.line import API, IVR
from routing.plan import Plan
from tests.centres import NORTH, NORTH_DEPUTY, NORTH_PHONE, plan_with_centres
from tests.live.arrivals import entered_queues
from tests.live.centre_phones import ADDRESS, Behaviour, centre_phones
from tests.live.line import Line, quick, running_line
from tests.live.ports import free_ports
from tests.live.sipp import Dtmf, Hangup, Invite, Pause, WaitAnswer
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

(PORT, _) = free_ports(2, address=ADDRESS)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return quick(plan_with_centres())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(plan: Plan) -> AsyncIterator[Line]:
    """A line with a trunk for outbound calls, whose ledger compares at once and whose service asks every second."""
    provider = Trunk(name="provider", match=(IPv4Network(f"{ADDRESS}/32"),), sip_uri=f"sip:{ADDRESS}:{PORT}")
    async with running_line(plan, (provider,)) as running:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HOTLINE_API_LEDGER_SETTLE_S", "1")
            patch.setenv("HOTLINE_IVR_WITNESS_EVERY_S", "1")
            for name in (API, IVR):
                await running.stop_process(name)
                await running.start_process(name)
            yield running


async def ledger(line: Line) -> Ledger:
    answer = await line.ask("GET", "/api/v1/ledger")
    assert answer.status_code == 200, answer.text
    return Ledger.model_validate_json(answer.content)


def _counts(hour: LedgerHour) -> tuple[int, int, int, int]:
    return hour.calls, hour.call_records, hour.test_calls, hour.processed or 0


async def place_one_call(line: Line) -> None:
    since = len(line.queue_log_rows("ENTERQUEUE"))
    caller = await line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("0"), Pause(2_500), Hangup())
    await entered_queues(line, since, count=1)
    await caller.succeeded()


async def test_checks_of_telephones_are_counted_apart_and_are_no_difference(line: Line) -> None:
    places = places_of(line.prepared.plan, [NORTH])
    phones = {NORTH_PHONE: Behaviour.UNKNOWN, NORTH_DEPUTY: Behaviour.SILENT}
    async with centre_phones(Path(tempfile.mkdtemp(prefix="centre-", dir=line.paths.run)) / "p", PORT, phones, calls=2):
        found = [each async for each in check_places(line.paths, line.prepared.binary, places)]
    assert len(found) == 2
    await until("no channel is left", line.channels, lambda names: not names)
    await place_one_call(line)
    over_at = datetime.now(UTC)

    async def look() -> Ledger:
        return await ledger(line)

    def is_told(seen: Ledger) -> bool:
        counted = sum(hour.processed or 0 for hour in seen.hours)
        recorded = sum(hour.call_records for hour in seen.hours)
        return counted >= 3 and recorded >= 1 and seen.compared_until > over_at

    told = await until("the witnesses have told of everything", look, is_told, deadline_s=30)
    assert told.differences == []
    assert [sum(counts) for counts in zip(*map(_counts, told.hours), strict=True)] == [1, 1, 2, 3]
    assert len(await line.calls()) == 1
