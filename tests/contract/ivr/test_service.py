"""The service as a process of its own, between a fake Asterisk and a fake api."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import InstanceSecrets, ensure_secrets
from asterisk_conf.names import CEL_FILE
from tests.contract.ivr.fake_ami import FakeAmi
from tests.contract.ivr.fake_api import FakeApi
from tests.contract.ivr.fake_asterisk import FakeCall, facts_payload, header_block
from tests.plans import PLAN_VERSION

CALLER = "+380441234567"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Running:
    """A running service and what stands around it."""

    def __init__(self, paths: InstancePaths) -> None:
        self.paths = paths
        self.secrets: InstanceSecrets = ensure_secrets(paths.secrets_file, [])
        self.ami = FakeAmi(secret=self.secrets.ami.get_secret_value())
        self.api = FakeApi()
        self.agi_port = _free_port()
        self.lines: list[dict[str, object]] = []
        self._environment: dict[str, str] | None = None

    async def environment(self) -> dict[str, str]:
        if self._environment is None:
            self._environment = await self._begin()
        return self._environment

    async def _begin(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONWARNINGS": "error",
            "HOTLINE_IVR_INSTANCE": str(self.paths.root),
            "HOTLINE_IVR_AGI_PORT": str(self.agi_port),
            "HOTLINE_IVR_AMI_PORT": str(await self.ami.start()),
            "HOTLINE_IVR_API_URL": f"http://127.0.0.1:{await self.api.start()}",
            "HOTLINE_IVR_LIVE_EVERY_S": "0.05",
            "HOTLINE_IVR_DRAIN_S": "5",
            "HOTLINE_IVR_TEST_CLOCK": "true",
        }

    async def run(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "ivr", *arguments),
            env=await self.environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def close(self) -> None:
        await self.ami.stop()
        await self.api.stop()


@asynccontextmanager
async def _service(running: Running) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await running.run()
    try:
        assert process.stdout is not None
        async for line in process.stdout:
            running.lines.append(json.loads(line))
            if running.lines[-1]["event"] == "serving":
                break
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        rest, errors = await process.communicate()
        running.lines += [json.loads(line) for line in rest.splitlines()]
        await running.close()
        assert errors == b""


async def test_a_call_its_evidence_and_the_live_report_come_through(paths: InstancePaths) -> None:
    running = Running(paths)
    paths.asterisk_log.mkdir(parents=True)
    (paths.asterisk_log / CEL_FILE).write_text(f'{{"number":"{CALLER}"}}\n')
    async with _service(running) as process:
        call = await FakeCall(keys=["4"]).run(running.agi_port, "entry", facts_payload("entry", plan=PLAN_VERSION))
        await running.api.wait_for_lines(1)
        await running.ami.wait_for("CoreStatus")
        while not (report := running.api.reports[-1:]) or (report[0]["ami"], report[0]["boot_id"]) != (
            "up",
            "2026-11-24T11:00:00",
        ):
            await running.api.wait_for_requests(len(running.api.requests) + 1)
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    assert call.variables["HOTLINE_SERVICE"] == "detention"
    last = running.api.reports[-1]
    assert (last["plan_version"], last["sessions"]) == (PLAN_VERSION, 0)
    journal = last["journal"]
    assert isinstance(journal, dict)
    assert (journal["lag_bytes"], journal["problem"]) == (0, None)
    decided = [row for row in running.lines if row["event"] == "decided"]
    assert [(row["call_id"], row["queue"]) for row in decided] == [("node1-1790000000.1", "chernivtsi")]
    assert CALLER not in json.dumps(running.lines)
    for secret in (running.secrets.ami, running.secrets.token_node):
        assert secret.get_secret_value() not in json.dumps(running.lines)


async def test_at_sigterm_an_open_menu_finishes_and_new_calls_are_refused(paths: InstancePaths) -> None:
    running = Running(paths)
    async with _service(running) as process:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.agi_port)
        writer.write(header_block("after-queue", facts_payload("after-queue", service="operator", tried="sumy")))
        commands = [await reader.readline()]
        process.send_signal(signal.SIGTERM)
        await _wait_refused(running.agi_port)
        while commands[-1]:
            writer.write(b"200 result=1\n")
            commands.append(await reader.readline())
        writer.close()
        assert await process.wait() == 0
    assert commands[-2] == b'SET VARIABLE "HOTLINE_OUTCOME" "queue"\n'


async def _wait_refused(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            return
        except ConnectionResetError:
            continue
        writer.close()
        await asyncio.sleep(0)


async def test_health_asks_a_running_service_and_tells_of_a_missing_one(paths: InstancePaths) -> None:
    running = Running(paths)
    async with _service(running):
        asking = await running.run("health")
        assert (await asking.communicate(), asking.returncode) == ((b"", b""), 0)
    asking = await running.run("health")
    _, errors = await asking.communicate()
    assert asking.returncode == 1
    assert errors.count(b"\n") == 1
    await running.close()


async def test_a_port_in_use_is_one_clear_line_and_exit_2(paths: InstancePaths) -> None:
    running = Running(paths)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", running.agi_port))
        taken.listen()
        process = await running.run()
        _, errors = await process.communicate()
    assert process.returncode == 2
    assert errors.startswith(f"FastAGI on 127.0.0.1:{running.agi_port}: ".encode())
    assert errors.count(b"\n") == 1
    await running.close()


@pytest.mark.parametrize("what", ["secrets", "argument"])
async def test_a_service_that_is_not_set_up_says_so_and_exits_2(paths: InstancePaths, what: str) -> None:
    running = Running(paths)
    if what == "secrets":
        paths.secrets_file.unlink()
    process = await running.run(*([] if what == "secrets" else ["nonsense"]))
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert what in errors.decode()
    assert errors.count(b"\n") == 1
    await running.close()


async def test_settings_that_do_not_fit_are_named_and_exit_2() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "ivr"),
        env={"PATH": os.environ["PATH"], "HOTLINE_IVR_AGI_PORT": "x"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert b"HOTLINE_IVR_INSTANCE" in errors
    assert b"HOTLINE_IVR_AGI_PORT" in errors
