"""Backoff, lengths of prompts, settings, plan store, supervision."""

import asyncio
import os
import wave
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from asterisk_conf.state_files import StateError, snapshot_file, write_current, write_snapshot
from ivr.backoff import Backoff
from ivr.plans import KEPT_PLANS, PlanStore
from ivr.prompt_lengths import PromptLengths
from ivr.settings import IvrSettings
from ivr.supervision import run_until
from routing.languages import Language
from routing.plan import PlanVersion
from tests.plans import small_plan


@pytest.mark.parametrize(("failures", "ceiling_s"), [(0, 1.0), (1, 1.0), (2, 2.0), (4, 8.0), (5, 10.0), (10_000, 10.0)])
def test_waits_double_up_to_the_longest_and_are_drawn_from_the_upper_half(failures: int, ceiling_s: float) -> None:
    backoff = Backoff(first_s=1.0, longest_s=10.0)
    waits = [backoff.wait_s(failures) for _ in range(100)]
    assert all(ceiling_s / 2 <= wait_s <= ceiling_s for wait_s in waits)
    assert len(set(waits)) > 1


def _write_sound(path: Path, seconds: float) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(b"\0\0" * int(8_000 * seconds))


def test_the_length_of_a_prompt_follows_its_file(tmp_path: Path) -> None:
    lengths = PromptLengths(lambda language: tmp_path / language.value)
    path = tmp_path / "uk" / "greeting.wav"
    path.parent.mkdir()
    _write_sound(path, 2.5)
    assert lengths.length_s("greeting", Language.UK) == 2.5
    assert lengths.length_s("greeting", Language.EN) == 0
    _write_sound(path, 4)
    os.utime(path, ns=(1, 1))
    assert lengths.length_s("greeting", Language.UK) == 4


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not a sound at all, but long enough to look like one"])
def test_a_broken_sound_has_no_length(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "greeting.wav").write_bytes(content)
    assert PromptLengths(lambda _: tmp_path).length_s("greeting", Language.UK) == 0


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOTLINE_IVR_INSTANCE", str(tmp_path))
    monkeypatch.setenv("HOTLINE_IVR_AGI_PORT", "4999")
    monkeypatch.setenv("HOTLINE_IVR_TEST_CLOCK", "true")
    settings = IvrSettings()
    assert (settings.agi_port, settings.test_clock, settings.node) == (4999, True, "node1")
    assert settings.secrets_path == tmp_path / "secrets.json"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INSTANCE", "relative"),
        ("AGI_PORT", "0"),
        ("AGI_HOST", "8.8.8.8"),
        ("AGI_HOST", "::"),
        ("NODE", "Node 1"),
        ("DRAIN_S", "-1"),
        ("SESSIONS_LIMIT", "0"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    monkeypatch.setenv("HOTLINE_IVR_INSTANCE", str(tmp_path))
    monkeypatch.setenv(f"HOTLINE_IVR_{name}", value)
    with pytest.raises(ValidationError):
        IvrSettings()


def test_the_plan_store_reads_a_version_once_and_keeps_a_few(tmp_path: Path) -> None:
    versions = [PlanVersion(f"{number:016x}") for number in range(KEPT_PLANS + 1)]
    for version in versions:
        write_snapshot(tmp_path, replace(small_plan(), version=version))
    write_current(tmp_path, versions[0])
    store = PlanStore(tmp_path)
    kept = store.plan_of_call(versions[1])
    assert store.plan_of_call(versions[1]) is kept
    for version in (*versions[2:], versions[0]):
        store.plan_of_call(version)
    assert store.plan_of_call(versions[1]) is not kept


def test_a_plan_in_use_outlives_its_snapshot(tmp_path: Path) -> None:
    plan = small_plan()
    write_snapshot(tmp_path, plan)
    write_current(tmp_path, plan.version)
    store = PlanStore(tmp_path)
    store.plan_of_call(None)
    snapshot_file(tmp_path, plan.version).unlink()
    assert store.plan_of_call(plan.version) == plan
    with pytest.raises(StateError):
        PlanStore(tmp_path).plan_of_call(plan.version)


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def _fail() -> None:
    raise ZeroDivisionError


async def test_a_side_task_that_ends_stops_the_rest_after_the_drain() -> None:
    steps: list[str] = []

    async def drain() -> None:
        steps.append("drained")

    async def last() -> None:
        try:
            await _for_ever()
        finally:
            steps.append("cancelled")

    with capture_logs() as logs:
        ended = await run_until(asyncio.Event(), {"broken": _fail(), "whole": last()}, drain)
    assert ended == ("broken",)
    assert steps == ["drained", "cancelled"]
    assert [(row["event"], row["task"]) for row in logs] == [("side_task_ended", "broken")]


async def test_a_stop_that_was_asked_for_names_nobody() -> None:
    async def drain() -> None:
        assert stop.is_set()

    stop = asyncio.Event()
    asyncio.get_running_loop().call_soon(stop.set)
    assert await run_until(stop, {"whole": _for_ever()}, drain) == ()
