"""Commands of the api become actions of the manager interface, each once; the api is told what became of them."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from ivr.ami.link import AmiLink, LinkState, LinkTimings
from ivr.backoff import Backoff
from ivr.commands.desk import CommandDesk
from ivr.commands.executor import Executor
from tests.contract.ivr.fake_ami import FakeAmi
from tests.contract.ivr.fake_api import FakeApi

QUICK = Backoff(first_s=0.01, longest_s=0.02)


@dataclass(slots=True)
class Node:
    ami: FakeAmi
    api: FakeApi
    desk: CommandDesk
    link: AmiLink

    def take(self, action: str, *, id_: str = "k1", in_s: float = 60.0, **arguments: object) -> None:
        expires_at = (datetime.now(UTC) + timedelta(seconds=in_s)).isoformat()
        told = {"id": id_, "action": action, "arguments": arguments, "expires_at": expires_at}
        self.desk.take(json.dumps(told))

    async def results(self, count: int = 1) -> list[dict[str, Any]]:
        async with asyncio.timeout(10):
            await self.api.wait_for_requests(count)
        return list(self.api.reports)

    def done(self, name: str) -> list[dict[str, str]]:
        return [
            {key: value for key, value in action.items() if key not in {"Action", "ActionID"}}
            for action in self.ami.actions
            if action["Action"] == name
        ]


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    ami, api = FakeAmi(), FakeApi()
    timings = LinkTimings(connect_s=2, action_s=0.5, ping_every_s=60, refused_wait_s=60, backoff=QUICK)
    link = AmiLink(host="127.0.0.1", port=await ami.start(), user="ivr", secret=ami.secret, timings=timings)
    url = f"http://127.0.0.1:{await api.start()}"
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=5) as client:
        desk = CommandDesk(client, Executor(link), node="node1", backoff=QUICK)
        tasks = [asyncio.create_task(link.run()), asyncio.create_task(desk.run())]
        async with asyncio.timeout(10):
            await link.wait_for(LinkState.UP)
        yield Node(ami, api, desk, link)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await ami.stop()
    await api.stop()


async def test_an_operator_is_paused_in_every_queue_with_the_reason(node: Node) -> None:
    node.take("pause", operator="s01", queues=["sumy"], reason="3")
    assert await node.results() == [{"state": "done", "result": "paused"}]
    assert node.done("QueuePause") == [{"Interface": "PJSIP/s01", "Paused": "true", "Reason": "3"}]
    assert node.api.requests[0][:2] == ("PUT", "/api/v1/nodes/node1/commands/k1/result")


async def test_an_operator_is_logged_out_of_each_queue(node: Node) -> None:
    node.take("log-out", operator="s01", queues=["sumy", "chernivtsi"])
    assert await node.results() == [{"state": "done", "result": "logged out of queues: 2"}]
    assert [each["Queue"] for each in node.done("QueueRemove")] == ["sumy", "chernivtsi"]


async def test_a_caller_who_waits_leaves_the_queue(node: Node) -> None:
    node.take("move", queue="sumy", channel="PJSIP/trunk-1", call_id="node1-1.1")
    assert await node.results() == [{"state": "done", "result": "left queue sumy"}]
    (action,) = node.done("QueueWithdrawCaller")
    assert (action["Queue"], action["Caller"]) == ("sumy", "PJSIP/trunk-1")


async def test_a_command_that_is_too_old_is_not_done(node: Node) -> None:
    node.take("pause", operator="s01", queues=[], in_s=-3)
    (told,) = await node.results()
    assert (told["state"], told["result"]) == ("expired", "it came 3 s too late and was not done")
    assert node.done("QueuePause") == []


async def test_a_command_that_comes_again_is_not_done_again(node: Node) -> None:
    for id_ in ("k1", "k1", "k2"):
        node.take("unpause", id_=id_, operator="s01", queues=[])
    await node.results(2)
    assert len(node.done("QueuePause")) == 2


async def test_what_asterisk_refuses_has_failed_with_its_words(node: Node) -> None:
    node.ami.is_draining = True
    node.take("pause", operator="s01", queues=[])
    assert await node.results() == [
        {"state": "failed", "result": "Asterisk refuses: Asterisk is shutting down"},
    ]


async def test_an_action_without_an_answer_is_sent_once_and_told_as_not_known(node: Node) -> None:
    node.ami.unanswered = frozenset({"QueuePause"})
    node.take("pause", operator="s01", queues=[])
    (told,) = await node.results()
    assert told["state"] == "failed"
    assert told["result"].startswith("not known whether it was done")
    assert len(node.done("QueuePause")) == 1


async def test_an_action_that_was_pending_when_the_link_was_cut_is_not_sent_again(node: Node) -> None:
    node.ami.unanswered = frozenset({"QueuePause"})
    node.take("pause", operator="s01", queues=[])
    async with asyncio.timeout(10):
        await node.ami.wait_for("QueuePause")
    node.ami.cut()
    (told,) = await node.results()
    assert told["result"].startswith("not known whether it was done")
    node.ami.unanswered = frozenset()
    async with asyncio.timeout(10):
        await node.ami.wait_for("Login", 2)
        await node.link.wait_for(LinkState.UP)
    node.take("unpause", id_="k2", operator="s02", queues=[])
    await node.results(2)
    assert [each["Interface"] for each in node.done("QueuePause")] == ["PJSIP/s01", "PJSIP/s02"]


async def test_without_a_link_nothing_is_done(node: Node) -> None:
    await node.ami.stop()
    async with asyncio.timeout(10):
        await node.link.wait_for(LinkState.DOWN, LinkState.CONNECTING)
    node.take("pause", operator="s01", queues=[])
    (told,) = await node.results()
    assert told["state"] == "failed"
    assert told["result"].startswith("nothing was done")


async def test_a_result_that_is_not_heard_is_told_again_and_the_command_is_not(node: Node) -> None:
    node.api.statuses = [503, 0]
    node.take("pause", operator="s01", queues=[])
    await node.results(3)
    assert len(node.done("QueuePause")) == 1
    assert node.api.reports == [{"state": "done", "result": "paused"}]


async def test_a_flood_is_bounded_and_what_is_no_command_is_passed_over(node: Node) -> None:
    node.ami.unanswered = frozenset({"QueuePause"})
    node.desk.take("no command")
    for number in range(300):
        node.take("pause", id_=f"k{number:x}", operator="s01", queues=[], in_s=0.2)
    node.ami.unanswered = frozenset()
    results = await node.results(100)
    assert {told["state"] for told in results} <= {"done", "failed", "expired"}
    assert len(node.done("QueuePause")) <= 101
