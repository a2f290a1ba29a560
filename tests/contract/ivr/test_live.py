"""The live report against a real HTTP server."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from structlog.testing import capture_logs

from asterisk_conf.instance import InstancePaths
from asterisk_conf.names import Source
from asterisk_conf.state_files import current_file
from ivr.ami.link import AmiLink, LinkTimings
from ivr.ami.watch import AsteriskWatch
from ivr.desired.status import DesiredStatus
from ivr.journal.evidence_log import EvidenceLog
from ivr.journal.journal import Journal, JournalTimings
from ivr.journal.shipper import Shipper
from ivr.live import PROBLEM_LIMIT_CHARS, LiveReporter, NodeParts
from ivr.plans import PlanStore
from tests.contract.ivr.fake_ami import FakeAmi
from tests.contract.ivr.fake_api import FakeApi
from tests.plans import PLAN_VERSION


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    made = FakeApi()
    yield made
    await made.stop()


@pytest.fixture
async def client(api: FakeApi) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{await api.start()}", trust_env=False) as made:
        yield made


def _reporter(
    paths: InstancePaths,
    client: httpx.AsyncClient,
    journal: Journal | None = None,
    *,
    link: AmiLink | None = None,
    queues_every_s: float = 1.0,
) -> LiveReporter:
    link = link or AmiLink(host="127.0.0.1", port=1, user="ivr", secret="x", timings=LinkTimings())
    shipper = Shipper(client, node="node1", quarantine=paths.journal / "quarantine.ndjson")
    parts = NodeParts(
        link=link,
        watch=AsteriskWatch(link, queues_every_s=queues_every_s),
        journal=journal or Journal({}, shipper, JournalTimings()),
        plans=PlanStore(paths.state),
        desired=DesiredStatus(overrides_revision="7", plan_problem=None),
        sessions=lambda: 3,
        state=paths.state,
    )
    return LiveReporter(client, node="node1", parts=parts, every_s=0.001)


async def test_a_report_tells_how_the_node_is(paths: InstancePaths, api: FakeApi, client: httpx.AsyncClient) -> None:
    assert await _reporter(paths, client).report_once() is None
    assert api.requests[0][:2] == ("PUT", "/api/v1/nodes/node1/live")
    report = api.reports[0]
    assert str(report.pop("at")).endswith("+00:00")
    assert report == {
        "boot_id": None,
        "ami": "down",
        "journal": {"lag_bytes": 0, "last_ack_at": None, "problem": None},
        "plan_version": PLAN_VERSION,
        "plan_problem": None,
        "numbers": [],
        "ami_gaps": 0,
        "trunks": [],
        "detention_waiting": None,
        "overrides_revision": "7",
        "unstaffed_queues": [],
        "operator_notices": [],
        "sessions": 3,
        "queues": None,
        "operators": None,
    }


async def test_a_node_without_a_plan_says_so(paths: InstancePaths, api: FakeApi, client: httpx.AsyncClient) -> None:
    current_file(paths.state).unlink()
    await _reporter(paths, client).report_once()
    assert api.reports[0]["plan_version"] is None


async def test_a_long_problem_is_shortened_to_what_the_api_takes(
    paths: InstancePaths, api: FakeApi, client: httpx.AsyncClient
) -> None:
    paths.journal.mkdir()
    checkpoint = paths.journal / ("x" * 240)
    checkpoint.write_text("{")
    shipper = Shipper(client, node="node1", quarantine=paths.journal / "quarantine.ndjson")
    journal = Journal({Source.CEL: EvidenceLog(paths.cel_file, checkpoint)}, shipper, JournalTimings(poll_s=0.001))
    running = asyncio.create_task(journal.run())
    while journal.status().problem is None:  # noqa: ASYNC110  a status is asked for, as the live report does
        await asyncio.sleep(0.001)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await _reporter(paths, client, journal).report_once()
    told = api.reports[0]["journal"]
    assert isinstance(told, dict)
    assert len(told["problem"]) == PROBLEM_LIMIT_CHARS


async def test_reports_that_are_not_taken_are_logged_once_and_so_is_their_end(
    paths: InstancePaths, api: FakeApi, client: httpx.AsyncClient
) -> None:
    api.statuses = [500, 401, 0]
    with capture_logs() as logs:
        running = asyncio.create_task(_reporter(paths, client).run())
        await api.wait_for_requests(5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [(row["heard"], row["problem"]) for row in logs] == [(False, "HTTP 500"), (True, None)]


QUEUE_LIST = (
    b"Event: QueueParams\r\nQueue: sumy\r\nCalls: 1\r\n\r\n"
    b"Event: QueueMember\r\nQueue: sumy\r\nStateInterface: PJSIP/s01\r\nStatus: 6\r\nPaused: 0\r\n\r\n"
    b"Event: QueueEntry\r\nQueue: sumy\r\nCallerIDNum: 0671112233\r\nWait: 12\r\n\r\n"
    b"Event: QueueStatusComplete\r\n\r\n"
)


async def test_a_report_tells_who_waits_and_who_answers_until_the_link_is_lost(
    paths: InstancePaths, api: FakeApi, client: httpx.AsyncClient
) -> None:
    ami = FakeAmi()
    link = AmiLink(host="127.0.0.1", port=await ami.start(), user="ivr", secret="right", timings=LinkTimings())
    reporter = _reporter(paths, client, link=link, queues_every_s=0.001)
    watch = reporter._parts.watch
    running = [asyncio.create_task(link.run()), asyncio.create_task(watch.run())]
    await ami.wait_for("QueueStatus")
    ami.unanswered = frozenset({"QueueStatus"})
    await ami.wait_for("QueueStatus", len([name for name in ami.names() if name == "QueueStatus"]) + 1)
    ami.send(QUEUE_LIST)
    async with asyncio.timeout(10):
        while watch.board.latest is None or not watch.board.latest.queues:  # noqa: ASYNC110  as the live report does
            await asyncio.sleep(0.001)
        await reporter.report_once()
        await ami.stop()
        while watch.board.latest is not None:  # noqa: ASYNC110  as the live report does
            await asyncio.sleep(0.001)
    await reporter.report_once()
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    first, last = api.reports
    assert first["queues"] == [{"queue": "sumy", "waiting": 1, "longest_wait_s": 12}]
    assert first["operators"] == [{"operator": "s01", "state": "ringing", "queues": ["sumy"], "pause_reason": None}]
    assert "0671112233" not in str(first)
    assert (last["queues"], last["operators"]) == (None, None)
