"""The board of now, and its stream over real sockets."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import text

from api.live.watch import LiveWatch
from api.settings import ApiSettings
from tests.contract.api.conftest import Get, Tokens
from tests.contract.api.plan_documents import document_of
from tests.contract.api.test_overrides import made
from tests.contract.api.test_plans import Console
from tests.plans import small_plan

PENDING = 4
KEPT = 8


class LiveLine:
    """The stream as lines of one event each."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def event(self) -> dict[str, str]:
        """Waits for the next event, passing heartbeats over."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line and not line.startswith(":"):
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif not line and fields:
                    return fields
        raise EOFError


@pytest.fixture
def settings(settings: ApiSettings) -> ApiSettings:
    changes = {
        "stream_heartbeat_s": 0.2,
        "live_poll_s": 0.05,
        "live_pending_events": PENDING,
        "live_kept_events": KEPT,
    }
    return settings.model_copy(update=changes)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=5))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10) as client:
            yield client
        app.state.live.stop()
        server.should_exit = True
        await task


@asynccontextmanager
async def listening(client: httpx.AsyncClient, tokens: Tokens, last: str | None = None) -> AsyncIterator[LiveLine]:
    headers = tokens.console | ({} if last is None else {"Last-Event-ID": last})
    async with client.stream("GET", "/api/v1/live/stream", headers=headers) as response:
        assert response.status_code == 200
        yield LiveLine(response)


def report(waiting: int = 0, state: str = "ready", **changes: Any) -> dict[str, Any]:
    return {
        "boot_id": "b1",
        "ami": "up",
        "journal": {"lag_bytes": 0, "last_ack_at": None, "problem": None},
        "plan_version": None,
        "sessions": 1,
        "at": "2026-11-24T09:00:01Z",
        "queues": [{"queue": "sumy", "waiting": waiting, "longest_wait_s": waiting * 10}],
        "operators": [{"operator": "sumy01", "state": state, "queues": ["sumy"], "pause_reason": None}],
        **changes,
    }


class Node:
    """A node that reports."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers

    async def tell(self, document: dict[str, Any], node: str = "node1") -> None:
        answer = await self.client.put(f"/api/v1/nodes/{node}/live", json=document, headers=self.headers)
        assert answer.status_code == 204, answer.text


@pytest.fixture
def node(anonymous: httpx.AsyncClient, tokens: Tokens) -> Node:
    return Node(anonymous, tokens.node)


async def test_the_board_adds_up_queues_over_nodes(node: Node, get: Get) -> None:
    await node.tell(report(2))
    await node.tell(report(3, "talking"), "node2")
    board = (await get("live")).json()
    assert board["queues"] == [{"queue": "sumy", "waiting": 5, "longest_wait_s": 30}]
    assert board["operators"] == {"ready": 1, "talking": 1}
    assert [each["node"] for each in board["nodes"]] == ["node1", "node2"]


async def test_a_node_that_is_silent_does_not_count(node: Node, get: Get, app: FastAPI) -> None:
    await node.tell(report(2))
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE nodes SET received_at = now() - interval '1 minute'"))
    board = (await get("live")).json()
    assert (board["nodes"][0]["is_fresh"], board["queues"], board["operators"]) == (False, [], {})


async def test_a_node_of_before_tells_no_queues(node: Node, get: Get) -> None:
    old = report()
    del old["queues"], old["operators"]
    await node.tell(old)
    assert (await get("live")).json()["nodes"][0]["queues"] is None


async def test_the_board_and_its_stream_tell_of_a_queue_without_operators(
    node: Node, get: Get, client: httpx.AsyncClient, tokens: Tokens
) -> None:
    await node.tell(report(0, unstaffed_queues=[]))
    await node.tell(report(0), "older")
    async with listening(client, tokens) as stream:
        await stream.event()
        await node.tell(report(0, unstaffed_queues=["chernivtsi"]))
        assert json.loads((await stream.event())["data"])["unstaffed_queues"] == ["chernivtsi"]
    board = (await get("live")).json()
    assert board["unstaffed_queues"] == ["chernivtsi"]
    assert [each["unstaffed_queues"] for each in board["nodes"]] == [["chernivtsi"], None]


async def test_a_listener_hears_the_board_at_once_and_then_what_changes(
    node: Node, client: httpx.AsyncClient, tokens: Tokens
) -> None:
    await node.tell(report(1))
    async with listening(client, tokens) as stream:
        board = await stream.event()
        assert board["event"] == "board"
        assert json.loads(board["data"])["queues"][0]["waiting"] == 1
        await node.tell(report(2))
        changed = await stream.event()
    assert changed["event"] == "node"
    assert json.loads(changed["data"])["queues"][0]["waiting"] == 2
    assert changed["id"] != board["id"]


async def test_a_report_that_says_nothing_new_is_no_event(
    node: Node, client: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    await node.tell(report(1))
    async with listening(client, tokens) as stream:
        await stream.event()
        await node.tell(report(1, at="2026-11-24T09:00:03Z"))
        await app.state.live.refresh()
        await node.tell(report(2))
        assert json.loads((await stream.event())["data"])["queues"][0]["waiting"] == 2


async def test_a_listener_who_comes_again_is_told_what_it_missed(
    node: Node, client: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    await node.tell(report(0))
    async with listening(client, tokens) as stream:
        last = (await stream.event())["id"]
    for waiting in (1, 2):
        await node.tell(report(waiting))
        await app.state.live.refresh()
    async with listening(client, tokens, last) as stream:
        heard = [await stream.event() for _ in range(2)]
    assert [json.loads(event["data"])["queues"][0]["waiting"] for event in heard] == [1, 2]


@pytest.mark.parametrize("last", ["0badf00d-1", "garbage", "-", "x" * 100])
async def test_an_id_that_is_no_longer_known_gives_a_gap_and_the_whole_board(
    node: Node, client: httpx.AsyncClient, tokens: Tokens, last: str
) -> None:
    await node.tell(report(1))
    async with listening(client, tokens, last) as stream:
        gap, board = await stream.event(), await stream.event()
    assert (gap["event"], json.loads(gap["data"]), "id" in gap) == ("gap", {"missed": None}, False)
    assert board["event"] == "board"


async def test_events_that_are_no_longer_kept_give_a_gap(
    node: Node, client: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    await node.tell(report(0))
    async with listening(client, tokens) as stream:
        last = (await stream.event())["id"]
    for waiting in range(1, KEPT + 2):
        await node.tell(report(waiting))
        await app.state.live.refresh()
    async with listening(client, tokens, last) as stream:
        assert [(await stream.event())["event"], (await stream.event())["event"]] == ["gap", "board"]


async def test_a_slow_listener_is_let_go_with_a_gap_and_can_go_on_where_it_stopped(node: Node, app: FastAPI) -> None:
    live: LiveWatch = app.state.live
    await node.tell(report(0))
    await live.refresh()
    events = live.events(None)
    last = (await anext(events)).split("id: ")[1].split("\n")[0]
    for waiting in range(1, PENDING + 2):
        await node.tell(report(waiting))
        await live.refresh()
    assert await anext(events) == f'event: gap\ndata: {{"missed": {PENDING + 1}}}\n\n'
    with pytest.raises(StopAsyncIteration):
        await anext(events)
    assert live.listeners == 0
    again = live.events(last)
    heard = [await anext(again) for _ in range(PENDING + 1)]
    assert [f'"waiting":{waiting},' in text for waiting, text in enumerate(heard, start=1)] == [True] * len(heard)
    await again.aclose()


async def test_nobody_is_left_when_a_listener_leaves(
    node: Node, client: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    async with listening(client, tokens) as stream:
        await stream.event()
        assert app.state.live.listeners == 1
    async with asyncio.timeout(10):
        while app.state.live.listeners:  # noqa: ASYNC110  the api has no event for it
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("path", ["live", "live/stream", "operators", "queues"])
async def test_without_a_token_that_may_nothing_is_told(
    anonymous: httpx.AsyncClient, tokens: Tokens, path: str
) -> None:
    assert (await anonymous.get(f"/api/v1/{path}")).status_code == 401
    assert (await anonymous.get(f"/api/v1/{path}", headers=tokens.node)).status_code == 403


@pytest.fixture
async def console(anonymous: httpx.AsyncClient, tokens: Tokens) -> Console:
    console = Console(anonymous, tokens.console)
    assert (await console.publish(document_of(small_plan()), None)).status_code == 201
    return console


async def states(get: Get, **filters: str) -> dict[str, str]:
    answer = await get("operators", **filters)
    assert answer.status_code == 200, answer.text
    return {each["operator"]: each["state"] for each in answer.json()["operators"]}


async def test_operators_have_the_state_that_nodes_tell(console: Console, node: Node, get: Get) -> None:
    assert set((await states(get)).values()) == {"unknown"}
    await node.tell(report(state="paused"))
    assert await states(get) == {"chernivtsi01": "logged_out", "chernivtsi02": "logged_out", "sumy01": "paused"}
    assert await states(get, queue="sumy") == {"sumy01": "paused"}
    assert set(await states(get, office="chernivtsi")) == {"chernivtsi01", "chernivtsi02"}


async def test_queues_tell_who_waits_and_what_is_switched(console: Console, node: Node, get: Get) -> None:
    before = (await get("queues")).json()["queues"]
    assert {each["waiting"] for each in before} == {None}
    await node.tell(report(2))
    override = await made(console)
    chernivtsi, sumy = (await get("queues")).json()["queues"]
    assert (sumy["waiting"], sumy["longest_wait_s"], sumy["operators"]) == (2, 20, {"ready": 1})
    assert (chernivtsi["waiting"], chernivtsi["is_open"], chernivtsi["changes_at"]) == (0, True, None)
    assert (sumy["overrides"], chernivtsi["overrides"]) == ([override["id"]], [])
    assert (sumy["services"], sumy["overflow"]) == (["consultation"], "chernivtsi")


async def test_without_a_plan_there_are_no_operators_and_queues(get: Get) -> None:
    for path in ("operators", "queues", "centres"):
        answer = await get(path)
        assert (answer.status_code, answer.json()["error_id"]) == (404, "no_plan")
