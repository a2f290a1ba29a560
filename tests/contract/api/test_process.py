import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from asterisk_conf.instance_secrets import InstanceSecrets
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import batch

PROJECT = Path(__file__).parents[3]
DEADLINE_S = 30


def environment(**values: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_API_")}
    return kept | {f"HOTLINE_API_{name}": value for name, value in values.items()}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(port: int, database_url: str, secrets_file: Path) -> Iterator[subprocess.Popen[str]]:
    values = environment(DATABASE_URL=database_url, SECRETS_FILE=str(secrets_file), PORT=str(port))
    process = subprocess.Popen(
        [sys.executable, "-m", "api"],
        env=values,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_answering(port, process)
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_answering(port: int, process: subprocess.Popen[str]) -> None:
    ends_at = time.monotonic() + DEADLINE_S
    while time.monotonic() < ends_at and process.poll() is None:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz").raise_for_status()
        except httpx.TransportError:
            continue
        return
    pytest.fail("the api did not answer")


def test_the_process_stores_and_tells_calls_and_logs_no_number(
    database_url: str, secrets_file: Path, secrets: InstanceSecrets
) -> None:
    port = free_port()
    with running(port, database_url, secrets_file) as process:
        base = f"http://127.0.0.1:{port}/api/v1"
        node = {"Authorization": f"Bearer {secrets.token_node.get_secret_value()}"}
        console = {"Authorization": f"Bearer {secrets.token_console.get_secret_value()}"}
        body = batch(calls.ANSWERED) + b'\n{"node":"n","source":"cel","generation":"g","offset":0,"line":"0501234567"}'
        assert httpx.post(f"{base}/evidence", content=body, headers=node).json()["quarantined"] == 1
        assert httpx.get(f"{base}/calls/node1-1.1", headers=console).json()["operator"] == "s01"
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0
    assert errors == ""
    events = [json.loads(line)["event"] for line in output.splitlines()]
    assert "evidence_quarantined" in events
    assert "501234567" not in output


def test_a_stream_does_not_hold_up_the_end_of_the_process(
    database_url: str, secrets_file: Path, secrets: InstanceSecrets
) -> None:
    port = free_port()
    headers = {"Authorization": f"Bearer {secrets.token_node.get_secret_value()}"}
    with running(port, database_url, secrets_file) as process:
        address = f"http://127.0.0.1:{port}/api/v1/nodes/node1/stream"
        with httpx.stream("GET", address, headers=headers, timeout=DEADLINE_S) as stream:
            lines = stream.iter_lines()
            assert next(lines) == "event: desired"
            process.send_signal(signal.SIGTERM)
            assert list(lines)[-1] == ""
        output, errors = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, errors) == (0, "")
    assert not any(json.loads(line)["level"] == "error" for line in output.splitlines())


def run(values: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "api"]
    return subprocess.run(command, env=values, cwd=PROJECT, capture_output=True, text=True, check=False)


URL = "postgresql+asyncpg://postgres@/x?host=/nowhere"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"DATABASE_URL": ""}, "HOTLINE_API_DATABASE_URL: Value error, cannot be read"),
        ({"DATABASE_URL": "mysql://hush@x"}, "HOTLINE_API_DATABASE_URL: Value error, cannot be read"),
        ({"SECRETS_FILE": "/nowhere/secrets.json"}, "/nowhere/secrets.json: No such file"),
        ({"PORT": "99999"}, "HOTLINE_API_PORT: Input should be less than"),
    ],
)
def test_a_setting_that_does_not_fit_gives_one_line_and_2(
    secrets_file: Path, changes: dict[str, str], message: str
) -> None:
    done = run(environment(**{"DATABASE_URL": URL, "SECRETS_FILE": str(secrets_file)} | changes))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert message in done.stderr
    assert "hush" not in done.stderr


def test_without_settings_the_missing_ones_are_named() -> None:
    done = run(environment())
    assert done.returncode == 2
    assert "HOTLINE_API_DATABASE_URL" in done.stderr
    assert "HOTLINE_API_SECRETS_FILE" in done.stderr


def test_a_port_in_use_gives_one_line_and_2(secrets_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = run(environment(DATABASE_URL=URL, SECRETS_FILE=str(secrets_file), PORT=port))
    assert (done.returncode, done.stderr) == (2, f"the api cannot listen on 127.0.0.1:{port}: Address already in use\n")
