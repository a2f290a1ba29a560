"""What nodes hear on their streams, over real sockets."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import text

from api.nodes.watch import DesiredWatch
from api.settings import ApiSettings
from tests.contract.api.conftest import Tokens
from tests.contract.api.people import People, people
from tests.contract.api.plan_documents import document_of, evening_plan
from tests.contract.api.test_overrides import age, clear, made
from tests.contract.api.test_plans import EVENING, SMALL, Console
from tests.plans import small_plan

__all__ = ["people"]

QUIET_S = 0.3
HEARTBEAT_S = 0.2


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    id: str
    data: dict[str, Any]


class Stream:
    """An open stream, read piece by piece."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._pieces = self._read()
        self.heartbeats = 0

    async def _read(self) -> AsyncIterator[list[str]]:
        lines: list[str] = []
        async for line in self.response.aiter_lines():
            if line:
                lines.append(line)
            else:
                yield lines
                lines = []

    async def event(self, within_s: float = 10.0) -> Event:
        """Waits for the next event, passing heartbeats over."""
        async with asyncio.timeout(within_s):
            async for lines in self._pieces:
                if lines[0].startswith(":"):
                    self.heartbeats += 1
                    continue
                fields = dict(line.split(": ", 1) for line in lines)
                return Event(fields["event"], fields["id"], json.loads(fields["data"]))
        raise EOFError

    async def ended(self) -> bool:
        """Reads to the end; tells that it came in good order."""
        try:
            await self.event()
        except EOFError:
            return True
        return False


@pytest.fixture
def settings(settings: ApiSettings) -> ApiSettings:
    return settings.model_copy(
        update={"stream_heartbeat_s": HEARTBEAT_S, "desired_poll_s": 0.1, "stream_recheck_s": 0.1}
    )


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """The api on a real socket."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=5))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        app.state.watch.stop()
        server.should_exit = True
        await task


@pytest.fixture
async def client(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
async def console(anonymous: httpx.AsyncClient, tokens: Tokens) -> Console:
    console = Console(anonymous, tokens.console)
    assert (await console.publish(document_of(small_plan()), None)).status_code == 201
    return console


@asynccontextmanager
async def listening(client: httpx.AsyncClient, tokens: Tokens, node: str = "node1") -> AsyncIterator[Stream]:
    async with client.stream("GET", f"/api/v1/nodes/{node}/stream", headers=tokens.node) as response:
        assert response.status_code == 200
        yield Stream(response)


async def until_streams(app: FastAPI, expected: int, node: str = "node1") -> None:
    watch: DesiredWatch = app.state.watch
    async with asyncio.timeout(10):
        while watch.count(node) != expected:  # noqa: ASYNC110  the api has no event for it
            await asyncio.sleep(0.01)


async def test_a_node_hears_at_once_what_to_have_in_force(
    console: Console, client: httpx.AsyncClient, tokens: Tokens
) -> None:
    override = await made(console)
    async with listening(client, tokens) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        event = await stream.event()
    assert (event.name, event.id) == ("desired", event.data["revision"])
    assert event.data["plan_version"] == SMALL
    (told,) = event.data["overrides"]
    kept = ("id", "scope", "target", "action", "destination", "reason", "author")
    assert {key: told[key] for key in kept} == {key: override[key] for key in kept}


async def test_before_the_first_publication_a_node_hears_that_there_is_no_plan(
    client: httpx.AsyncClient, tokens: Tokens
) -> None:
    async with listening(client, tokens) as stream:
        event = await stream.event()
    assert (event.data["plan_version"], event.data["overrides"]) == (None, [])


async def test_every_change_is_told_once(
    console: Console, client: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    async with listening(client, tokens) as stream:
        first = await stream.event()
        await console.publish(document_of(evening_plan()), SMALL)
        published = await stream.event()
        override = await made(console)
        set_ = await stream.event()
        await clear(console, override["id"])
        cleared = await stream.event()
        second = await made(console)
        again = await stream.event()
        await age(app, second["id"])
        ended = await stream.event()
        await console.roll_back(EVENING)
        back = await stream.event()
    events = (first, published, set_, cleared, again, ended, back)
    assert [event.data["plan_version"] for event in events] == [SMALL, *[EVENING] * 5, SMALL]
    assert [len(event.data["overrides"]) for event in events] == [0, 0, 1, 0, 1, 0, 0]
    assert published.id == cleared.id == ended.id
    assert first.id == back.id
    assert len({event.id for event in events}) == 4


async def test_while_nothing_changes_only_heartbeats_come(
    console: Console, client: httpx.AsyncClient, tokens: Tokens
) -> None:
    async with listening(client, tokens) as stream:
        await stream.event()
        with pytest.raises(TimeoutError):
            await stream.event(3 * HEARTBEAT_S)
        assert stream.heartbeats >= 1


def test_the_state_is_read_often_enough_to_tell_a_change_within_a_second() -> None:
    fields = ApiSettings.model_fields
    assert fields["desired_poll_s"].default <= 0.5
    assert fields["stream_heartbeat_s"].default == 5.0


async def test_every_node_hears_a_change(console: Console, client: httpx.AsyncClient, tokens: Tokens) -> None:
    async with listening(client, tokens) as one, listening(client, tokens, "node2") as two:
        assert await one.event() == await two.event()
        await made(console)
        assert await one.event() == await two.event()


async def test_who_leaves_is_forgotten(client: httpx.AsyncClient, tokens: Tokens, app: FastAPI) -> None:
    for _ in range(10):
        async with listening(client, tokens) as stream:
            await stream.event()
            await until_streams(app, 1)
        await until_streams(app, 0)


async def test_a_node_with_too_many_streams_loses_its_oldest(
    client: httpx.AsyncClient, tokens: Tokens, app: FastAPI, settings: ApiSettings
) -> None:
    async with listening(client, tokens) as oldest, listening(client, tokens) as second:
        await oldest.event()
        await second.event()
        async with listening(client, tokens) as third, listening(client, tokens) as fourth:
            await third.event()
            await fourth.event()
            await until_streams(app, settings.streams_per_node)
            async with listening(client, tokens) as newest, listening(client, tokens, "node2") as other:
                await newest.event()
                await other.event()
                assert await oldest.ended()
                await until_streams(app, settings.streams_per_node)
                with pytest.raises(TimeoutError):
                    await second.event(QUIET_S)


async def test_a_reader_that_was_away_hears_the_newest_state_only(
    console: Console, client: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    watch: DesiredWatch = app.state.watch
    events = watch.events("node1", await watch.refresh())
    assert "event: desired" in await anext(events)
    for _ in range(5):
        await made(console)
        newest = await watch.refresh()
    assert f"id: {newest.revision}\n" in await anext(events)
    assert (await anext(events)).startswith(":")
    await events.aclose()
    assert watch.count("node1") == 0


async def test_streams_outlive_a_database_that_goes_away(
    console: Console, client: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    others = text("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    async with listening(client, tokens) as stream:
        await stream.event()
        async with app.state.database.engine.connect() as connection:
            await connection.execute(others)
        await made(console)
        assert len((await stream.event()).data["overrides"]) == 1


async def test_when_the_api_stops_streams_end_in_good_order(
    client: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    async with listening(client, tokens) as stream:
        await stream.event()
        app.state.watch.stop()
        assert await stream.ended()


async def test_a_stream_needs_a_token_with_its_scope(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    path = "/api/v1/nodes/node1/stream"
    assert (await anonymous.get(path)).status_code == 401
    app.state.token_rules = tuple(
        replace(rule, principal=replace(rule.principal, scopes=frozenset())) for rule in app.state.token_rules
    )
    refused = await anonymous.get(path, headers=tokens.node)
    assert (refused.status_code, refused.json()["error_id"]) == (403, "forbidden")


async def test_a_name_that_is_no_nodes_gets_no_stream(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    assert (await anonymous.get("/api/v1/nodes/Bad%00/stream", headers=tokens.node)).status_code == 422


async def test_a_stream_ends_when_its_token_is_revoked(
    console: Console, client: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    made = (await console.post("tokens", {"name": "board", "scopes": ["plans:read"], "life_days": 1})).json()
    headers = {"Authorization": f"Bearer {made['secret']}"}
    async with client.stream("GET", "/api/v1/nodes/node1/stream", headers=headers) as response:
        stream = Stream(response)
        await stream.event()
        answer = await console.client.delete(f"/api/v1/tokens/{made['id']}", headers=console.headers)
        assert answer.status_code == 200
        assert await stream.ended()
    await until_streams(app, 0)


async def test_a_stream_ends_with_its_session(people: People, client: httpx.AsyncClient, app: FastAPI) -> None:
    browser = await people.of_role("operator")
    cookie = {"Cookie": f"hotline_session={browser.cookies['hotline_session']}"}
    async with client.stream("GET", "/api/v1/live/stream", headers=cookie) as response:
        assert response.status_code == 200
        lines = response.aiter_lines()
        assert await anext(lines) == "event: board"
        assert (await browser.delete("/api/v1/sessions/current")).status_code == 204
        async with asyncio.timeout(10):
            assert [line async for line in lines][-1] == ""
    app.state.live.stop()
