import asyncio
import gzip
import json
import random
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.evidence.months import LOCK
from api.kit.answers import DATABASE_ERRORS, is_unavailable
from api.settings import ApiSettings
from tests.contract.api.conftest import Get, Post, Tokens
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import Line, batch
from tests.postgres import PostgresServer

MANY = [*calls.OPERATOR_LOGS_IN, *calls.ANSWERED, *calls.OVERFLOW, *calls.ABANDONED_IN_MENU, *calls.ABANDONED_RINGING]
NUMBERS = ("0501234567", "501234567", "+380671112233", "671112233")


async def rows(app: FastAPI, statement: str) -> list[Any]:
    async with app.state.database.transaction() as connection:
        return list(await connection.execute(text(statement)))


def envelope(line: str, **changes: object) -> bytes:
    fields = {"node": "node1", "source": "cel", "generation": "g", "offset": 0, "line": line}
    return json.dumps(fields | changes).encode()


async def everything(get: Get) -> list[dict[str, Any]]:
    found = (await get("calls", limit=200)).json()["calls"]
    return [(await get(f"calls/{call['call_id']}")).json() for call in found]


async def test_a_batch_sent_twice_is_stored_once(post_evidence: Post, get: Get) -> None:
    await post_evidence(batch(MANY))
    before = await everything(get)
    answer = await post_evidence(batch(MANY))
    assert answer.json() == {"stored": 0, "repeated": len(MANY), "quarantined": 0}
    assert await everything(get) == before
    assert len(before) == 4


async def test_a_line_twice_in_one_batch_is_stored_once(post_evidence: Post) -> None:
    answer = await post_evidence(batch([calls.ANSWERED[0], calls.ANSWERED[0]]))
    assert answer.json() == {"stored": 1, "repeated": 1, "quarantined": 0}


@pytest.mark.parametrize("seed", range(5))
async def test_the_order_of_arrival_changes_nothing(post_evidence: Post, get: Get, app: FastAPI, seed: int) -> None:
    await post_evidence(batch(MANY))
    expected = await everything(get)
    await rows_deleted(app)
    chance = random.Random(seed)
    shuffled = chance.sample(MANY, len(MANY))
    while shuffled:
        size = chance.randint(1, 7)
        await post_evidence(batch(shuffled[:size]))
        shuffled = shuffled[size:]
    assert await everything(get) == expected


async def rows_deleted(app: FastAPI) -> None:
    async with app.state.database.transaction() as connection:
        await connection.execute(LOCK)  # a month made beside a TRUNCATE can end in a deadlock
        await connection.execute(text("TRUNCATE evidence, calls CASCADE"))


async def test_a_gzip_batch_is_unpacked(post_evidence: Post) -> None:
    answer = await post_evidence(gzip.compress(batch(calls.ANSWERED)), **{"Content-Encoding": "gzip"})
    assert answer.json()["stored"] == len(calls.ANSWERED)


async def test_an_unreadable_line_is_kept_apart_and_encrypted(post_evidence: Post, app: FastAPI) -> None:
    body = b"\n".join([envelope('{"eventtype":"X 0501234567'), batch(calls.ANSWERED)])
    answer = await post_evidence(body)
    assert answer.json() == {"stored": len(calls.ANSWERED), "repeated": 0, "quarantined": 1}
    ((reason, sealed),) = await rows(app, "SELECT reason, line_encrypted FROM quarantine")
    assert reason == "it is not JSON"
    assert b"0501234567" not in sealed
    assert app.state.vault.open(sealed) == '{"eventtype":"X 0501234567'
    again = await post_evidence(body)
    assert again.json() == {"stored": 0, "repeated": len(calls.ANSWERED) + 1, "quarantined": 0}


async def test_no_number_stands_anywhere_in_the_clear(post_evidence: Post, app: FastAPI) -> None:
    await post_evidence(batch(MANY))
    tables = ("evidence", "quarantine", "caller_numbers", "calls", "call_legs", "menu_steps", "queue_visits")
    for table in tables:
        for (row,) in await rows(app, f"SELECT to_jsonb(t)::text FROM {table} t"):
            assert not [number for number in NUMBERS if number in row], table


async def test_forms_of_one_number_have_one_pseudonym_and_open_again(post_evidence: Post, app: FastAPI) -> None:
    await post_evidence(batch(MANY))
    stored = await rows(app, "SELECT pseudonym, number_encrypted FROM caller_numbers")
    opened = sorted(app.state.vault.open(sealed) for _, sealed in stored)
    assert opened == ["+380671112233", "0501234567"]
    from_queue_log = await rows(
        app, "SELECT payload->>'number' FROM evidence WHERE type = 'ENTERQUEUE' AND uniqueid = 'node1-1.1'"
    )
    from_cel = await rows(app, "SELECT number_pseudonym FROM calls WHERE call_id = 'node1-1.1'")
    assert from_queue_log == from_cel


async def test_a_restart_of_asterisk_closes_the_calls_it_took_down(post_evidence: Post, get: Get) -> None:
    await post_evidence(batch(calls.STATIC))
    assert (await get("calls/node1-1.10")).json()["outcome"] == "in_progress"
    restart = envelope("1795516000|NONE|NONE|NONE|QUEUESTART|", source="queue_log", generation="after")
    await post_evidence(restart)
    told = (await get("calls/node1-1.10")).json()
    assert (told["outcome"], told["ended_at"]) == ("lost_node", "2026-11-24T10:20:08.300000Z")
    assert [visit["ending"] for visit in told["queue_visits"]] == ["lost"]


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        envelope("", node="Bad Node"),
        envelope("", source="tape"),
        envelope("", offset=-1),
        envelope("", offset=2**63),
        envelope("", generation="a b"),
        envelope("x" * 200_000),
        b'{"node":"node1"}',
        b"[" * 10_000,
        b"\xff\xfe",
    ],
)
async def test_a_malformed_envelope_is_refused_and_nothing_is_stored(
    post_evidence: Post, app: FastAPI, body: bytes
) -> None:
    answer = await post_evidence(batch(calls.ANSWERED) + b"\n" + body)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "malformed_envelope")
    assert await rows(app, "SELECT 1 FROM evidence") == []


async def test_a_body_over_the_limit_is_refused(post_evidence: Post, settings: ApiSettings) -> None:
    answer = await post_evidence(b"x" * (settings.batch_limit_bytes + 1))
    assert (answer.status_code, answer.json()["error_id"]) == (413, "body_too_large")


async def test_a_gzip_bomb_is_refused(post_evidence: Post, settings: ApiSettings) -> None:
    bomb = gzip.compress(b"\n" * (settings.batch_unpacked_limit_bytes + 1))
    answer = await post_evidence(bomb, **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["error_id"]) == (413, "body_too_large")


async def test_too_many_lines_are_refused(post_evidence: Post, settings: ApiSettings) -> None:
    answer = await post_evidence(envelope("x") + b"\n" + b"\n".join([b"{}"] * settings.batch_limit_lines))
    assert (answer.status_code, answer.json()["error_id"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    "body", [b"plain", gzip.compress(b"{}", mtime=0)[:-4], gzip.compress(b"{}", mtime=0) + b"more"]
)
async def test_what_is_not_one_whole_gzip_is_refused(post_evidence: Post, body: bytes) -> None:
    answer = await post_evidence(body, **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_request")


async def test_an_unknown_encoding_is_refused(post_evidence: Post) -> None:
    answer = await post_evidence(b"{}", **{"Content-Encoding": "br"})
    assert (answer.status_code, answer.json()["error_id"]) == (415, "unsupported_encoding")


async def test_an_empty_batch_stores_nothing(post_evidence: Post) -> None:
    assert (await post_evidence(b"")).json() == {"stored": 0, "repeated": 0, "quarantined": 0}


async def test_a_commit_that_fails_is_never_a_200(post_evidence: Post, app: FastAPI) -> None:
    await rows_affected(
        app,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused at commit'; END $$",
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON evidence DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    try:
        answer = await post_evidence(batch(calls.ANSWERED))
    finally:
        await rows_affected(app, "DROP TRIGGER refuse ON evidence", "DROP FUNCTION refuse")
    assert (answer.status_code, answer.json()["error_id"]) == (500, "internal_error")
    assert await rows(app, "SELECT 1 FROM evidence") == []


async def rows_affected(app: FastAPI, *statements: str) -> None:
    async with app.state.database.transaction() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def test_a_batch_needs_the_nodes_token(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    for headers, status, error_id in (
        ({}, 401, "unauthorised"),
        ({"Authorization": "Bearer wrong"}, 401, "unauthorised"),
        ({"Authorization": "Basic wrong"}, 401, "unauthorised"),
        (tokens.console, 403, "forbidden"),
    ):
        answer = await anonymous.post("/api/v1/evidence", content=b"not json", headers=headers)
        assert (answer.status_code, answer.json()["error_id"]) == (status, error_id)


async def test_hostile_numbers_in_payloads_do_not_stop_a_batch(post_evidence: Post, get: Get) -> None:
    hostile = [
        replace(
            line,
            text=line.text.replace('hangupcause\\":16', f'hangupcause\\":{10**30}').replace("attempt=1", "attempt=9e9"),
        )
        for line in calls.ABANDONED_IN_MENU
    ]
    assert sum(new != old for new, old in zip(hostile, calls.ABANDONED_IN_MENU, strict=True)) == 2
    answer = await post_evidence(batch(hostile))
    assert answer.json()["stored"] == len(hostile)
    told = (await get("calls/node1-1.3")).json()
    assert (told["menu_steps"][0]["attempt"], told["hangup_cause"]) == (None, None)


async def test_batches_at_once_fold_to_the_same_calls(post_evidence: Post, get: Get, app: FastAPI) -> None:
    await post_evidence(batch(MANY))
    expected = await everything(get)
    await rows_deleted(app)
    answers = await asyncio.gather(*(post_evidence(batch(MANY[place::8])) for place in range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert await everything(get) == expected


async def test_one_call_that_cannot_be_written_holds_up_no_other(post_evidence: Post, get: Get, app: FastAPI) -> None:
    await rows_affected(app, "ALTER TABLE calls ADD CONSTRAINT refused CHECK (call_id <> 'node1-1.1')")
    try:
        answer = await post_evidence(batch(MANY))
    finally:
        await rows_affected(app, "ALTER TABLE calls DROP CONSTRAINT refused")
    assert answer.json()["stored"] == len(MANY)
    assert [call["call_id"] for call in await everything(get)] == ["node1-1.7", "node1-1.4", "node1-1.3"]
    again = Line(calls.ANSWERED[0].source, 10**6, calls.ANSWERED[0].text, "later")
    await post_evidence(batch([again]))
    assert (await get("calls/node1-1.1")).json()["outcome"] == "answered"


async def test_a_value_longer_than_an_index_holds_is_cut(post_evidence: Post, get: Get) -> None:
    chance = random.Random(1)
    queue = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9_000))
    lines = [replace(line, text=line.text.replace("queue=chernivtsi", f"queue={queue}")) for line in calls.STATIC[:5]]
    assert (await post_evidence(batch(lines))).json()["stored"] == 5
    assert (await get("calls/node1-1.10")).json()["queue"] == queue[:600]


async def test_a_database_that_goes_away_is_a_503(
    post_evidence: Post, app: FastAPI, postgres_server: PostgresServer
) -> None:
    await post_evidence(b"")
    alone = app.state.database.engine.execution_options(isolation_level="AUTOCOMMIT")  # nothing to roll back later
    async with alone.connect() as connection:
        pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        await asyncio.to_thread(postgres_server.execute, f"SELECT pg_terminate_backend({pid})")
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        with pytest.raises(DATABASE_ERRORS) as caught:
            await raw.driver_connection.copy_records_to_table("evidence", records=[(1,)], columns=["id"])
        await connection.invalidate()
    assert is_unavailable(caught.value)
    assert (await post_evidence(batch(calls.ANSWERED))).status_code == 200
