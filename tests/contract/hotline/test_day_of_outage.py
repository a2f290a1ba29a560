"""Api and database are away while calls come in; when they are back, every call is in the log, once, without a hand.

The journal ships from the files of a node; the api's own process runs on a real PostgreSQL. The day of 500 calls an
hour is for `make test-full`; the shorter outage still leaves more than the journal ships in order.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from api.ledger.schemas import Ledger
from asterisk_conf.instance import InstancePaths
from asterisk_conf.names import Source
from ivr.journal.evidence_log import BEHIND_BYTES
from ivr.journal.journal import Journal, JournalStatus
from tests.contract.api.scenarios.many import call_id_of, many_calls, samples
from tests.contract.api.scenarios.recorded_day import FILES
from tests.contract.hotline.line_of_api import ApiLine, api_again, running_api
from tests.contract.hotline.test_backup import evidence_paths, journal_of
from tests.live.waiting import until
from tests.postgres import PostgresServer

KYIV = ZoneInfo("Europe/Kyiv")
HOUR_S = 3_600
MINUTE_S = 60
CALLS_AN_HOUR = 500
EVERY_S = HOUR_S / CALLS_AN_HOUR
DAY_OF_CALLS = 24 * CALLS_AN_HOUR
SHORT_CALLS = 600
CALLS_BEFORE = 20
OF_CALLS = (Source.CEL, Source.QUEUE_LOG, Source.CDR)
LIVE_CALLS = 5
PAGE = 200
DEADLINE_S = 300
"""Of one question: the ledger looks at all the evidence of the day's 12,000 calls."""


@dataclass(slots=True, kw_only=True)
class Node:
    """A node whose Asterisk and witness write on, whatever becomes of the rest."""

    paths: InstancePaths
    begin_s: int
    asked_until_s: int
    begun_s: list[int] = field(default_factory=list)

    @property
    def call_ids(self) -> list[str]:
        """Gives the ids of all calls, by time."""
        return [call_id_of(number) for number in range(len(self.begun_s))]

    def write(self, calls: int) -> None:
        """Writes what so many calls leave in the node's files; the witness has asked until the last began."""
        first = len(self.begun_s)
        begin_s = self.begin_s + int(first * EVERY_S)
        self.begun_s += [begin_s + int(order * EVERY_S) for order in range(calls)]
        texts: dict[Source, list[str]] = {source: [] for source in evidence_paths(self.paths)}
        for lines in many_calls(calls, every_s=EVERY_S, begin_s=begin_s, first=first, sources=OF_CALLS):
            for line in lines:
                texts[line.source].append(line.text)
        for source, rows in texts.items():
            self._append(source, rows)
        self._ask(self.begun_s[-1] + 1)

    def rest(self) -> None:
        """Has the witness ask once more, when the last call is over."""
        self._ask(self.begun_s[-1] + 2 * MINUTE_S)

    def _ask(self, before_s: int) -> None:
        self._append(Source.WITNESS, samples(self.begun_s, self.asked_until_s, before_s))
        self.asked_until_s += -(-(before_s - self.asked_until_s) // MINUTE_S) * MINUTE_S

    def _append(self, source: Source, texts: Iterable[str]) -> None:
        path = evidence_paths(self.paths)[source]
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(f"{text}\n" for text in texts)

    def days(self) -> Iterator[date]:
        """Gives the days of Kyiv in which calls began."""
        yield from sorted({datetime.fromtimestamp(at_s, KYIV).date() for at_s in self.begun_s})


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A node that begins half an hour before a midnight of Kyiv, so long ago that what the ledger compares is over."""
    day = datetime.now(KYIV).date() - timedelta(days=2)
    begin = datetime.combine(day, datetime.min.time(), KYIV)
    begin_s = int(begin.timestamp()) - HOUR_S // 2
    return Node(paths=InstancePaths(tmp_path / "node"), begin_s=begin_s, asked_until_s=begin_s)


@pytest.fixture
def url(postgres_server: PostgresServer) -> str:
    """The database of this test."""
    return postgres_server.make_database()


@asynccontextmanager
async def following(paths: InstancePaths) -> AsyncIterator[Journal]:
    """Runs the journal while the block lasts."""
    async with journal_of(paths) as (journal, _):
        task = asyncio.create_task(journal.run())
        try:
            yield journal
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def status_is(journal: Journal, what: str, is_reached: Callable[[JournalStatus], object]) -> None:
    """Waits for a state of the journal; the test's own deadline ends a wait in vain."""

    async def look() -> JournalStatus:
        return journal.status()

    await until(what, look, is_reached, deadline_s=HOUR_S)


def is_stuck(now: JournalStatus) -> bool:
    """Tells whether no source's evidence is taken."""
    return now.problem is not None and all(f"{source.value}: " in now.problem for source in FILES)


async def shipped(journal: Journal) -> None:
    """Waits until all that was written is acknowledged."""
    await status_is(
        journal,
        "all is acknowledged",
        lambda now: now.lag_bytes == 0 and now.problem is None and now.last_ack_at is not None,
    )


class Log:
    """What the api tells."""

    def __init__(self, line: ApiLine, client: httpx.AsyncClient) -> None:
        self._client = client
        headers = {"Authorization": f"Bearer {line.secrets.token_console.get_secret_value()}"}
        client.headers.update(headers)

    async def has_answered(self, call_id: str) -> bool:
        """Tells whether a call is in the log with its end."""
        answer = await self._client.get(f"/api/v1/calls/{call_id}")
        return answer.status_code == httpx.codes.OK and answer.json()["outcome"] == "answered"

    async def answered_ids(self) -> list[str]:
        """Gives the ids of all answered calls, the oldest first."""
        found: list[str] = []
        query: dict[str, str] | None = {"limit": str(PAGE), "outcome": "answered"}
        while query is not None:
            page = (await self._client.get("/api/v1/calls", params=query)).raise_for_status().json()
            found += [call["call_id"] for call in page["calls"]]
            query = query | {"cursor": page["next_cursor"]} if page["next_cursor"] else None
        return found[::-1]

    async def ledger(self, day: date) -> Ledger:
        """Gives the ledger of a day."""
        answer = await self._client.get("/api/v1/ledger", params={"day": day.isoformat()})
        return Ledger.model_validate_json(answer.raise_for_status().content)


@pytest.mark.parametrize(
    "calls",
    [
        SHORT_CALLS,
        pytest.param(
            DAY_OF_CALLS,
            marks=[
                pytest.mark.full,
                pytest.mark.timeout(HOUR_S),
                pytest.mark.skipif(os.environ.get("HOTLINE_TEST_FULL") != "1", reason="make test-full runs it"),
            ],
        ),
    ],
)
async def test_calls_of_an_outage_are_in_the_log_once_and_those_of_now_come_first(
    node: Node, url: str, calls: int
) -> None:
    with running_api(node.paths.root, url) as line:
        node.write(CALLS_BEFORE)
        async with following(node.paths) as journal:
            await shipped(journal)
    async with following(node.paths) as journal:
        node.write(calls)
        await status_is(journal, "the api takes nothing", is_stuck)
        backlog_bytes = journal.status().lag_bytes
        assert backlog_bytes > BEHIND_BYTES
        began_s = time.monotonic()
        with api_again(line, url):
            async with httpx.AsyncClient(base_url=line.url, trust_env=False, timeout=DEADLINE_S) as client:
                log = Log(line, client)
                await status_is(journal, "the first is taken", lambda now: now.lag_bytes < backlog_bytes)
                node.write(LIVE_CALLS)
                await until("the call of now is in the log", lambda: log.has_answered(node.call_ids[-1]))
                assert journal.status().lag_bytes > backlog_bytes / 2, "the call of now did not wait for those of then"
                node.rest()
                await shipped(journal)
                took_s = time.monotonic() - began_s
                assert await log.answered_ids() == node.call_ids
                ledgers = [await log.ledger(day) for day in node.days()]
    assert [ledger.differences for ledger in ledgers] == [[] for _ in ledgers]
    hours = [hour for ledger in ledgers for hour in ledger.hours]
    for said in ([hour.calls for hour in hours], [hour.call_records for hour in hours]):
        assert sum(said) == len(node.call_ids)
    assert sum(hour.processed or 0 for hour in hours) == len(node.call_ids)
    print(f"{calls} calls in {took_s:.1f} s: {calls * EVERY_S / took_s:.0f} times real time")
