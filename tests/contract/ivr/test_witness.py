"""The witness of the ledger against a fake Asterisk: what it writes, and that it stops no one."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from api.evidence.witness_lines import parse_witness_line
from ivr.ami.frames import Frame
from ivr.ami.link import AmiLink, LinkState
from ivr.journal import witness
from ivr.journal.witness import CallWitness, Why, read_count
from tests.contract.ivr.fake_ami import FakeAmi
from tests.contract.ivr.test_ami_link import QUICK


@asynccontextmanager
async def running(ami: FakeAmi, path: Path, every_s: float = 60.0) -> AsyncIterator[tuple[AmiLink, CallWitness]]:
    link = AmiLink(host="127.0.0.1", port=await ami.start(), user="ivr", secret="right", timings=QUICK)
    watching = CallWitness(link, path, every_s=every_s)
    tasks = [asyncio.create_task(link.run()), asyncio.create_task(watching.run())]
    try:
        await link.wait_for(LinkState.UP)
        yield link, watching
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await ami.stop()


def rows(path: Path) -> list[dict[str, object]]:
    with contextlib.suppress(FileNotFoundError):
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return []


async def test_a_sample_is_written_as_the_api_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "journal" / "witness.jsonl"
    async with running(FakeAmi(processed=17), path) as (_, watching):
        assert await watching.sample(Why.STOP)
    line = path.read_text("utf-8").splitlines()[-1]
    parsed = parse_witness_line(line)
    assert (parsed.payload["processed"], parsed.payload["current"], parsed.payload["why"]) == (17, 1, "stop")
    assert parsed.payload["boot"] == "2026-11-24T11:00:00"
    assert path.stat().st_mode & 0o777 == 0o640


async def test_it_samples_when_the_link_comes_up_and_then_again_and_again(tmp_path: Path) -> None:
    ami, path = FakeAmi(), tmp_path / "witness.jsonl"
    async with running(ami, path, every_s=0.01):
        await ami.wait_for("CoreStatus", 5)
    assert [row["why"] for row in rows(path)][:3] == ["start", "minute", "minute"]


async def test_after_a_cut_it_begins_again_with_a_start(tmp_path: Path) -> None:
    ami, path = FakeAmi(), tmp_path / "witness.jsonl"
    async with running(ami, path) as (link, _):
        await ami.wait_for("CoreStatus", 1)
        ami.cut()
        await link.wait_for(*(state for state in LinkState if state is not LinkState.UP))
        await ami.wait_for("CoreStatus", 2)
    assert {row["why"] for row in rows(path)} == {"start"}


async def test_a_link_that_is_down_or_a_disk_that_is_full_leaves_no_line_and_no_exception(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    async with running(FakeAmi(), tmp_path / "folder") as (_, watching):
        assert not await watching.sample(Why.MINUTE)
    assert not await watching.sample(Why.STOP)


async def test_a_long_file_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "ROTATE_BYTES", 1)
    path = tmp_path / "witness.jsonl"
    async with running(FakeAmi(), path) as (_, watching):
        assert await watching.sample(Why.STOP)
    assert not path.exists()
    assert rows(tmp_path / "witness.jsonl.1")


@pytest.mark.parametrize("missing", ["CoreStartupDate", "CoreStartupTime", "CoreProcessedCalls", "CoreCurrentCalls"])
def test_a_response_without_one_of_its_fields_is_no_count(missing: str) -> None:
    fields = {
        "CoreStartupDate": "2026-11-24",
        "CoreStartupTime": "11:00:00",
        "CoreProcessedCalls": "3",
        "CoreCurrentCalls": "1",
    }
    whole = tuple(fields.items())
    part = tuple((name, value) for name, value in whole if name != missing)
    assert read_count(Frame(whole), 1.0, 2.0) is not None
    assert read_count(Frame(part), 1.0, 2.0) is None
