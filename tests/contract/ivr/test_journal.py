"""The journal against a real HTTP server that fails, dies, forgets to answer and refuses lines."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from asterisk_conf.names import Source
from ivr.backoff import Backoff
from ivr.journal.evidence_log import EvidenceLog
from ivr.journal.journal import Journal, JournalStatus, JournalTimings
from ivr.journal.shipper import ApiUnavailableError, Shipper
from tests.contract.ivr.fake_api import FakeApi

TIMINGS = JournalTimings(poll_s=0.01, backoff=Backoff(first_s=0.01, longest_s=0.02))


class Node:
    """One node's evidence folder and the api that it ships to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cel = folder / "cel.jsonl"
        self.queue_log = folder / "queue_log"
        self.quarantine = folder / "journal" / "quarantine.ndjson"
        self.api = FakeApi()
        self.port = 0

    def write(self, *lines: str) -> None:
        with self.cel.open("a") as file:
            file.writelines(f"{line}\n" for line in lines)

    def logs(self) -> dict[Source, EvidenceLog]:
        return {
            Source.CEL: EvidenceLog(self.cel, self.folder / "journal" / "cel.json"),
            Source.QUEUE_LOG: EvidenceLog(self.queue_log, self.folder / "journal" / "queue_log.json"),
        }

    @asynccontextmanager
    async def journal(self) -> AsyncIterator[Journal]:
        """Runs a journal, and kills it at the end."""
        async with self.client() as client:
            journal = Journal(self.logs(), Shipper(client, node="node1", quarantine=self.quarantine), TIMINGS)
            task = asyncio.create_task(journal.run())
            try:
                yield journal
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": "Bearer t"},
            trust_env=False,
            timeout=5.0,
        )


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    made = Node(tmp_path)
    made.port = await made.api.start()
    yield made
    await made.api.stop()


async def test_both_sources_arrive_as_gzipped_lines_with_their_positions(node: Node) -> None:
    node.write('{"eventtype":"CHAN_START"}', "a2")
    node.queue_log.write_text("1790000000|NONE|NONE|NONE|QUEUESTART|\n")
    async with node.journal() as journal:
        await node.api.wait_for_lines(3)
        await _acknowledged(journal)
    rows = {(source, offset): line for (_, source, _, offset), line in node.api.rows.items()}
    assert rows == {
        ("cel", 0): '{"eventtype":"CHAN_START"}',
        ("cel", 27): "a2",
        ("queue_log", 0): "1790000000|NONE|NONE|NONE|QUEUESTART|",
    }
    method, path, headers = node.api.requests[0]
    assert (method, path) == ("POST", "/api/v1/evidence")
    assert headers["content-type"] == "application/x-ndjson"
    assert headers["content-encoding"] == "gzip"
    assert headers["authorization"] == "Bearer t"


async def _until(journal: Journal, is_reached: Callable[[JournalStatus], bool]) -> None:
    """Waits for a state of the journal; the test's own deadline ends a wait in vain."""
    while not is_reached(journal.status()):  # noqa: ASYNC110  a status is asked for, as the live report does
        await asyncio.sleep(0.001)


async def _acknowledged(journal: Journal) -> None:
    """Waits until everything that was written is acknowledged."""
    await _until(journal, lambda now: now.lag_bytes == 0 and now.problem is None and now.last_ack_at is not None)


async def test_lines_keep_their_order_over_many_batches(node: Node) -> None:
    expected = [f"line {number}" for number in range(1_234)]
    node.write(*expected)
    async with node.journal():
        await node.api.wait_for_lines(len(expected))
    assert node.api.lines() == expected


@pytest.mark.parametrize("status", [0, 302, 401, 403, 404, 408, 429, 500, 503])
async def test_an_api_that_fails_loses_nothing_and_quarantines_nothing(node: Node, status: int) -> None:
    node.api.statuses = [status] * 3
    node.write("a1", "a2")
    with capture_logs() as logs:
        async with node.journal() as journal:
            await node.api.wait_for_requests(1)
            await node.api.wait_for_lines(2)
            await _acknowledged(journal)
    assert node.api.lines() == ["a1", "a2"]
    assert not node.quarantine.exists()
    assert [row["event"] for row in logs] == ["journal_stuck", "journal_works"]


async def test_an_api_that_is_not_there_is_a_problem_until_it_is(node: Node) -> None:
    await node.api.stop()
    node.write("a1")
    async with node.journal() as journal:
        await _until(journal, lambda now: now.problem is not None)
        assert journal.status().lag_bytes == len("a1\n")
        assert journal.status().last_ack_at is None
        await node.api.start(node.port)
        await _acknowledged(journal)
    assert node.api.lines() == ["a1"]


async def test_a_batch_whose_answer_was_lost_is_sent_again_and_stored_once(node: Node) -> None:
    node.api.loses_answers = 1
    node.write("a1", "a2")
    async with node.journal() as journal:
        await node.api.wait_for_requests(2)
        await _acknowledged(journal)
    assert node.api.lines() == ["a1", "a2"]
    assert node.api.repeated == 2


async def test_a_journal_killed_between_post_and_checkpoint_loses_and_doubles_nothing(node: Node) -> None:
    node.write("a1", "a2")
    log = node.logs()[Source.CEL]
    async with node.client() as client:
        shipper = Shipper(client, node="node1", quarantine=node.quarantine)
        batch = log.next_batch()
        assert batch is not None
        await shipper.ship(Source.CEL, batch)
    log.close()
    node.write("a3")
    async with node.journal():
        await node.api.wait_for_lines(3)
    assert node.api.lines() == ["a1", "a2", "a3"]
    assert node.api.repeated == 2


async def test_rotation_under_way_loses_and_doubles_nothing(node: Node) -> None:
    expected = []
    async with node.journal() as journal:
        for turn in range(1, 8):
            lines = [f"turn {turn} line {number}" for number in range(50)]
            expected += lines
            node.write(*lines[:25])
            await node.api.wait_for_lines(len(expected) - 25)
            node.write(*lines[25:])
            node.cel.rename(node.folder / f"cel.jsonl.{turn}")
        await node.api.wait_for_lines(len(expected))
        await _acknowledged(journal)
    assert sorted(node.api.lines()) == sorted(expected)
    assert node.api.repeated == 0


@pytest.mark.parametrize("place", [0, 1, 499, 750, 999])
async def test_a_poisoned_line_goes_into_quarantine_and_holds_nobody_up(node: Node, place: int) -> None:
    node.api.poison = "poison"
    lines = [f"line {number}" for number in range(1_000)]
    lines[place] = "poison +380"
    node.write(*lines)
    with capture_logs() as logs:
        async with node.journal() as journal:
            await node.api.wait_for_lines(999)
            await _acknowledged(journal)
    assert node.api.lines() == [line for line in lines if "poison" not in line]
    kept = [json.loads(row) for row in node.quarantine.read_text().splitlines()]
    assert [(row["line"], row["why"]) for row in kept] == [("poison +380", "HTTP 422")]
    assert node.quarantine.stat().st_mode & 0o077 == 0
    assert "poison" not in str(logs)


async def test_an_api_that_fails_while_the_poison_is_searched_makes_the_batch_wait(node: Node) -> None:
    node.write("a1", "a2")
    batch = node.logs()[Source.CEL].next_batch()
    assert batch is not None
    node.api.statuses = [422, 200, 503]
    async with node.client() as client:
        with pytest.raises(ApiUnavailableError):
            await Shipper(client, node="node1", quarantine=node.quarantine).ship(Source.CEL, batch)
    assert not node.quarantine.exists()


async def test_a_checkpoint_that_cannot_be_written_is_a_problem_and_no_loss(node: Node) -> None:
    blocker = node.folder / "journal"
    blocker.write_text("in the way")
    node.write("a1")
    async with node.journal() as journal:
        await _until(journal, lambda now: now.problem is not None)
        assert node.api.lines() == []
        blocker.unlink()
        await _acknowledged(journal)
    assert node.api.lines() == ["a1"]
    assert node.api.repeated == 0


async def test_after_an_outage_lines_of_now_arrive_before_the_old_ones_are_through(node: Node) -> None:
    old = [f"old {number} ".ljust(1_000, "x") for number in range(3_500)]
    node.write(*old)
    async with node.journal() as journal:
        await node.api.wait_for_requests(2)
        node.write("now")
        await node.api.wait_for_lines(len(old) + 1)
        await _acknowledged(journal)
    arrived = node.api.lines()
    assert old[-1] in arrived[:500]
    assert arrived.index("now") < arrived.index(old[2_500])
    assert sorted(arrived) == sorted([*old, "now"])
    assert node.api.repeated == 0


async def test_a_journal_killed_again_and_again_while_it_catches_up_loses_and_doubles_nothing(node: Node) -> None:
    old = [f"old {number} ".ljust(1_000, "x") for number in range(3_500)]
    node.write(*old)
    for turn in range(1, 5):
        async with node.journal():
            await node.api.wait_for_lines(turn * 500)
        node.write(f"now {turn}")
    async with node.journal() as journal:
        await node.api.wait_for_lines(len(old) + 4)
        await _acknowledged(journal)
    assert sorted(node.api.lines()) == sorted([*old, *(f"now {turn}" for turn in range(1, 5))])
