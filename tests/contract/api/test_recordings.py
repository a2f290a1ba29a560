import os
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.settings import ApiSettings
from tests.contract.api.conftest import Get, Post, Tokens
from tests.contract.api.scenarios import ends
from tests.contract.api.scenarios.tables import batch

NAME = "node1-1.7.wav"
SOUND = bytes(range(256)) * 1_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / NAME).write_bytes(SOUND)
    (folder / "node1-1.7-2.wav").write_bytes(b"RIFF")
    (folder / "node1-1.70.wav").write_bytes(b"RIFF")
    (tmp_path / "secret.wav").write_bytes(b"secret")
    (folder / "link.wav").symlink_to(tmp_path / "secret.wav")
    (folder / "sub.wav").mkdir()
    return folder


@pytest.fixture
def settings(settings: ApiSettings, folder: Path) -> ApiSettings:
    return settings.model_copy(update={"recordings_folder": folder})


async def listen(client: httpx.AsyncClient, tokens: Tokens, path: str, **headers: str) -> httpx.Response:
    return await client.get(f"/api/v1/recordings/{path}", headers=tokens.console | headers)


async def heard(app: FastAPI) -> list[tuple[str, dict[str, int]]]:
    async with app.state.database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT subject, details FROM audit_log WHERE action = 'recording.listen' ORDER BY seq")
        )
        return [(row.subject, row.details) for row in rows]


async def test_the_recordings_of_a_call_are_listed_and_no_others(get: Get) -> None:
    found = (await get("recordings", call_id="node1-1.7")).json()["recordings"]
    assert [(each["name"], each["size_bytes"]) for each in found] == [("node1-1.7-2.wav", 4), (NAME, len(SOUND))]
    assert (await get("recordings", call_id="none")).json()["recordings"] == []


async def test_a_recording_is_heard_whole_and_the_audit_knows(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    answer = await listen(anonymous, tokens, NAME)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "audio/wav", SOUND)
    assert answer.headers["accept-ranges"] == "bytes"
    assert await heard(app) == [(f"recording {NAME}", {"from_byte": 0, "to_byte": len(SOUND)})]


async def test_each_range_is_an_event_of_its_own(anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI) -> None:
    first = await listen(anonymous, tokens, NAME, Range="bytes=100-199")
    assert (first.status_code, first.content) == (206, SOUND[100:200])
    assert first.headers["content-range"] == f"bytes 100-199/{len(SOUND)}"
    assert first.headers["content-length"] == "100"
    whole = await listen(anonymous, tokens, NAME, Range="bytes=0-")
    assert (whole.status_code, whole.content) == (206, SOUND)
    assert [details["from_byte"] for _, details in await heard(app)] == [100, 0]


async def test_a_range_behind_the_end_is_refused_and_is_no_listening(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    answer = await listen(anonymous, tokens, NAME, Range=f"bytes={len(SOUND)}-")
    assert (answer.status_code, answer.json()["error_id"]) == (416, "range_invalid")
    assert answer.json()["details"] == {"size_bytes": len(SOUND)}
    assert await heard(app) == []


@pytest.mark.parametrize(
    "path",
    [
        "..%2Fsecret.wav",
        "%2e%2e%2fsecret.wav",
        "..%5csecret.wav",
        "%2Fetc%2Fpasswd",
        "link.wav",
        "sub.wav",
        "none.wav",
        ".wav",
        "node1-1.7.wav%00",
        "node1-1.7.mp3",
    ],
)
async def test_nothing_outside_the_folder_is_heard(anonymous: httpx.AsyncClient, tokens: Tokens, path: str) -> None:
    answer = await listen(anonymous, tokens, path)
    assert answer.status_code in (404, 422)
    assert "secret" not in answer.text.replace("secret.wav", "")


async def test_without_a_token_that_may_nothing_is_heard(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    for path in (f"recordings/{NAME}", "recordings?call_id=node1-1.7"):
        assert (await anonymous.get(f"/api/v1/{path}")).status_code == 401
        assert (await anonymous.get(f"/api/v1/{path}", headers=tokens.node)).status_code == 403


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_no_descriptor_is_left_open(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    before = descriptors()
    for _ in range(5):
        await listen(anonymous, tokens, NAME)
        await listen(anonymous, tokens, NAME, Range="bytes=9999999-")
        await listen(anonymous, tokens, "sub.wav")
    assert descriptors() <= before + 1


async def test_a_call_tells_its_recording_until_retention_takes_the_file(
    anonymous: httpx.AsyncClient, tokens: Tokens, get: Get, post_evidence: Post, folder: Path
) -> None:
    assert (await post_evidence(batch(ends.DETENTION_RECORDED))).status_code == 200
    file = folder / f"{ends.CALL_ID}.wav"
    file.write_bytes(SOUND)
    (told,) = (await get(f"calls/{ends.CALL_ID}")).json()["recordings"]
    assert (told["state"], told["file"]) == ("stopped", file.name)
    assert (told["began_at"], told["stopped_at"]) == ("2026-11-24T13:01:05.100000Z", "2026-11-24T13:05:00.001000Z")
    part = await anonymous.get(told["url"], headers=tokens.console | {"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, SOUND[:10])
    os.utime(file, (0, 0))
    run = await anonymous.post("/api/v1/retention/runs", json={"is_dry": False}, headers=tokens.console)
    assert run.json()["counts"]["audio"] == {"files": 1}
    (told,) = (await get(f"calls/{ends.CALL_ID}")).json()["recordings"]
    assert (told["state"], told["url"]) == ("stopped", None)
