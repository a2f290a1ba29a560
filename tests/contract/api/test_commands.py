"""Commands to nodes: given by supervisors, told once on the node's stream, over when they are old."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from tests.contract.api.conftest import Tokens
from tests.contract.api.people import People, audited, people
from tests.contract.api.plan_documents import document_of
from tests.contract.api.test_health import REPORT
from tests.contract.api.test_plans import Console
from tests.contract.api.test_streams import address, client, listening, settings, until_streams
from tests.plans import small_plan

__all__ = ["address", "client", "people", "settings"]

COMMANDS = "nodes/node1/commands"
PAUSE = {"action": "pause", "operator": "sumy01", "reason": "3"}


@pytest.fixture
async def console(anonymous: httpx.AsyncClient, tokens: Tokens) -> Console:
    console = Console(anonymous, tokens.console)
    assert (await console.publish(document_of(small_plan()), None)).status_code == 201
    answer = await anonymous.put("/api/v1/nodes/node1/live", json=REPORT, headers=tokens.node)
    assert answer.status_code == 204
    return console


async def given(console: Console, body: dict[str, Any] = PAUSE) -> dict[str, Any]:
    answer = await console.post(COMMANDS, body)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def state_of(console: Console, command: dict[str, Any]) -> str:
    state: str = (await console.get(f"{COMMANDS}/{command['id']}")).json()["state"]
    return state


async def tell(client: httpx.AsyncClient, tokens: Tokens, command_id: str, **body: str) -> httpx.Response:
    return await client.put(f"/api/v1/{COMMANDS}/{command_id}/result", json=body, headers=tokens.node)


async def test_a_command_is_told_once_and_its_result_is_seen(
    console: Console, client: httpx.AsyncClient, tokens: Tokens
) -> None:
    async with listening(client, tokens) as stream:
        await stream.event()
        command = await given(console)
        assert (command["state"], command["author"]) == ("queued", "console")
        event = await stream.event()
        assert (event.name, event.id) == ("command", command["id"])
        assert event.data == {
            "id": command["id"],
            "action": "pause",
            "arguments": {"operator": "sumy01", "queues": ["sumy", "chernivtsi"], "reason": "3"},
            "expires_at": command["expires_at"],
        }
        assert await state_of(console, command) == "sent"
        assert (await tell(client, tokens, command["id"], state="done", result="paused")).status_code == 204
        with pytest.raises(TimeoutError):
            await stream.event(0.5)
    (listed,) = (await console.get(COMMANDS)).json()["commands"]
    assert (listed["state"], listed["result"]) == ("done", "paused")


async def test_a_command_waits_for_its_node_and_is_told_to_no_other(
    console: Console, client: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    command = await given(console)
    async with listening(client, tokens, "node2") as other:
        await other.event()
        with pytest.raises(TimeoutError):
            await other.event(0.5)
    assert await state_of(console, command) == "queued"
    async with listening(client, tokens) as first:
        await first.event()
        assert (await first.event()).id == command["id"]
    await until_streams(app, 0)
    async with listening(client, tokens) as again:
        await again.event()
        with pytest.raises(TimeoutError):
            await again.event(0.5)
    assert await state_of(console, command) == "sent"


async def test_only_the_newest_stream_of_a_node_is_told(
    console: Console, client: httpx.AsyncClient, tokens: Tokens
) -> None:
    async with listening(client, tokens) as older, listening(client, tokens) as newer:
        await older.event()
        await newer.event()
        command = await given(console)
        assert (await newer.event()).id == command["id"]
        with pytest.raises(TimeoutError):
            await older.event(0.5)


async def test_a_command_that_is_too_old_is_never_told(
    console: Console, client: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    command = await given(console)
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE node_commands SET expires_at = now()"))
    assert await state_of(console, command) == "expired"
    async with listening(client, tokens) as stream:
        await stream.event()
        with pytest.raises(TimeoutError):
            await stream.event(0.5)
    assert (await tell(client, tokens, command["id"], state="done", result="")).status_code == 404


async def test_the_first_result_stands(console: Console, client: httpx.AsyncClient, tokens: Tokens) -> None:
    async with listening(client, tokens) as stream:
        await stream.event()
        command = await given(console)
        await stream.event()
    for state in ("failed", "done"):
        assert (await tell(client, tokens, command["id"], state=state, result=state)).status_code == 204
    assert await state_of(console, command) == "failed"
    assert (await tell(client, tokens, command["id"], state="sent", result="")).status_code == 422
    assert (await tell(client, tokens, "k0", state="done", result="")).status_code == 404


async def test_a_supervisor_is_the_author_and_the_audit_tells_it(
    console: Console, people: People, anonymous: httpx.AsyncClient, tokens: Tokens
) -> None:
    supervisor = await people.of_role("supervisor")
    answer = await supervisor.post(f"/api/v1/{COMMANDS}", json={"action": "log-out", "operator": "sumy01"})
    assert (answer.status_code, answer.json()["author"]) == (201, "supervisor")
    (row,) = await audited(anonymous, tokens, action="command.give")
    assert (row["actor_name"], row["subject"]) == ("supervisor", answer.json()["id"])
    assert row["details"] == {"action": "log-out", "node": "node1", "operator": "sumy01"}


@pytest.mark.parametrize(
    ("body", "status", "error_id"),
    [
        (PAUSE | {"operator": "nobody"}, 422, "unknown_operator"),
        (PAUSE | {"operator": "a\r\nb"}, 422, "invalid_request"),
        (PAUSE | {"reason": "a b"}, 422, "invalid_request"),
        ({"action": "unpause", "operator": "sumy01", "reason": "3"}, 422, "invalid_request"),
        ({"action": "pause"}, 422, "invalid_request"),
        ({"action": "move", "operator": "sumy01"}, 422, "invalid_request"),
        ({"action": "originate", "operator": "sumy01"}, 422, "invalid_request"),
        ({"action": "move", "call_id": "node1-1.1"}, 409, "not_waiting"),
    ],
)
async def test_what_does_not_fit_is_refused(console: Console, body: dict[str, Any], status: int, error_id: str) -> None:
    answer = await console.post(COMMANDS, body)
    assert (answer.status_code, answer.json()["error_id"]) == (status, error_id)


async def test_a_node_that_never_reported_is_not_found(console: Console) -> None:
    assert (await console.post("nodes/other/commands", PAUSE)).status_code == 404
