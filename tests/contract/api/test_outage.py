"""What was written while the api or the database was away comes later, at once and again: it is in the log once."""

import random
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.settings import ApiSettings
from asterisk_conf.names import Source
from tests.contract.api.conftest import Post
from tests.contract.api.scenarios.many import many_calls
from tests.contract.api.scenarios.tables import Line, batch

CALLS = 240
BATCH_LINES = 500


def batches(lines: list[Line]) -> Iterator[list[Line]]:
    for start in range(0, len(lines), BATCH_LINES):
        yield lines[start : start + BATCH_LINES]


@pytest.fixture
def settings(database_url: str, secrets_file: Path) -> ApiSettings:
    given = {"database_url": database_url, "secrets_file": secrets_file, "lock_deadline_s": 0.5}
    return ApiSettings.model_validate(given)


async def counted(app: FastAPI) -> tuple[int, int, int]:
    async with app.state.database.snapshot() as connection:
        found = await connection.execute(
            text(
                "SELECT (SELECT count(*) FROM calls WHERE outcome = 'answered' AND talk_s = 3), "
                "(SELECT count(*) FROM queue_visits WHERE ending = 'completed_by_caller'), "
                "(SELECT count(*) FROM evidence)"
            )
        )
        calls, visits, evidence = found.one()
        return calls, visits, evidence


async def test_evidence_of_an_outage_is_in_the_log_once_whichever_source_comes_first(
    app: FastAPI, post_evidence: Post
) -> None:
    everything = list(chain.from_iterable(many_calls(CALLS)))
    cel = [line for line in everything if line.source is Source.CEL]
    queue_log = [line for line in everything if line.source is Source.QUEUE_LOG]
    for lines in (*batches(queue_log), *batches(cel), *random.Random(1).sample([*batches(everything)], 3)):
        assert (await post_evidence(batch(lines))).status_code == 200
    assert await counted(app) == (CALLS, CALLS, len(everything))


async def test_a_batch_that_the_database_refused_changes_nothing_and_is_taken_later(
    app: FastAPI, post_evidence: Post
) -> None:
    lines = list(chain.from_iterable(many_calls(3)))
    async with app.state.database.transaction() as connection:
        await connection.execute(text("LOCK TABLE evidence IN ACCESS EXCLUSIVE MODE"))
        refused = await post_evidence(batch(lines))
    assert (refused.status_code, refused.json()["error_id"]) == (503, "database_unavailable")
    assert await counted(app) == (0, 0, 0)
    assert (await post_evidence(batch(lines))).json()["stored"] == len(lines)
    assert await counted(app) == (3, 3, len(lines))
