import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from hotline.child import Program, as_json_line
from hotline.errors import StartError
from hotline.supervisor import Supervisor, describe_exit
from tests.unit.hotline.waiting import is_running, until


def program(
    folder: Path, name: str, script: str, *, ready: Callable[[], Awaitable[object]] | None = None, stop_s: float = 5.0
) -> Program:
    """A shell script that counts as ready once the file `<name>.ready` is there."""

    async def file_is_there() -> None:
        await until((folder / f"{name}.ready").exists, f"{name} is ready")

    return Program(
        name=name,
        argv=("/bin/sh", "-c", script),
        wait_ready=ready or file_is_there,
        ready_s=5,
        stop_s=stop_s,
        environment={"FOLDER": str(folder), "NAME": name},
    )


READY = 'echo $$ >> "$FOLDER/$NAME.pids"; : > "$FOLDER/$NAME.ready"; '
SERVE = READY + "exec sleep 60"


def rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


async def test_what_a_process_says_becomes_json_lines(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, lambda _line: None)
    speaking = """echo 'plain "text"'; echo '{"event": "its own"}'; printf '\\377 no utf-8\\n'; """
    await supervisor.start(program(tmp_path, "talker", speaking + SERVE))
    await supervisor.stop()
    said = rows(tmp_path / "talker.jsonl")
    assert [row["event"] for row in said] == ['plain "text"', "its own", "\ufffd no utf-8"]
    assert said[0]["process"] == "talker"


async def test_processes_stop_in_the_opposite_order_of_their_start(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, lambda _line: None)
    trap = 'trap \'echo "$NAME" >> "$FOLDER/order"; exit 0\' TERM; ' + READY + "while :; do sleep 0.05; done"
    for name in ("first", "second", "third"):
        await supervisor.start(program(tmp_path, name, trap))
    pids = supervisor.pids()
    await supervisor.stop()
    assert (tmp_path / "order").read_text().split() == ["third", "second", "first"]
    assert not any(is_running(pid) for pid in pids.values())


async def test_a_process_that_ignores_the_signal_is_killed_with_its_children(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, lambda _line: None)
    stubborn = "trap '' TERM; sleep 61 & echo $! > \"$FOLDER/grandchild\"; " + READY + "while :; do sleep 0.05; done"
    await supervisor.start(program(tmp_path, "stubborn", stubborn, stop_s=0.2))
    pid = supervisor.pids()["stubborn"]
    await supervisor.stop()
    grandchild = int((tmp_path / "grandchild").read_text())
    await until(lambda: not is_running(pid) and not is_running(grandchild), "both are gone")


async def test_a_process_that_dies_is_started_again_and_a_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotline.supervisor.BACKOFF_S", (0.01, 0.02))
    said: list[str] = []
    supervisor = Supervisor(tmp_path, said.append)
    await supervisor.start(program(tmp_path, "ivr", SERVE))
    first = supervisor.pids()["ivr"]
    os.kill(first, signal.SIGKILL)
    await until(lambda: any("runs again" in line for line in said), "it runs again")
    second = supervisor.pids()["ivr"]
    await supervisor.stop()
    assert said == ["ivr ended (signal SIGKILL); starting it again in 0.01 s", f"ivr runs again (pid {second})"]
    assert first != second
    assert not is_running(second)


async def test_pauses_between_starts_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline.supervisor.BACKOFF_S", (0.01, 0.02, 0.03))
    said: list[str] = []
    supervisor = Supervisor(tmp_path, said.append)
    once = READY + '[ "$(wc -l < "$FOLDER/$NAME.pids")" = 1 ] && exec sleep 60; exit 7'
    await supervisor.start(program(tmp_path, "api", once))
    (tmp_path / "api.ready").unlink()
    never = program(tmp_path, "api", once, ready=asyncio.Event().wait)
    supervisor._kept["api"].program = never
    os.kill(supervisor.pids()["api"], signal.SIGTERM)
    await until(lambda: len(said) >= 4, "four deaths are told")
    await supervisor.stop()
    assert [line.rpartition(" in ")[2] for line in said[:4]] == ["0.01 s", "0.02 s", "0.03 s", "0.03 s"]
    assert "exit code 7" in said[1]


async def test_a_process_that_ends_while_starting_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, lambda _line: None)
    with pytest.raises(StartError, match=r"api ended while starting \(exit code 3\)[\s\S]*no database today"):
        await supervisor.start(program(tmp_path, "api", "echo no database today; exit 3"))
    assert supervisor.pids() == {}


async def test_a_process_that_does_not_get_ready_is_stopped(tmp_path: Path) -> None:
    late = program(tmp_path, "late", 'echo $$ > "$FOLDER/pid"; exec sleep 60', ready=asyncio.Event().wait)
    supervisor = Supervisor(tmp_path, lambda _line: None)
    impatient = Program(
        name="late", argv=late.argv, wait_ready=late.wait_ready, ready_s=0.3, stop_s=5, environment=late.environment
    )
    with pytest.raises(StartError, match=r"late was not ready within 0\.3 s"):
        await supervisor.start(impatient)
    pid_file = tmp_path / "pid"
    assert not pid_file.exists() or not is_running(int(pid_file.read_text()))


async def test_a_program_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, lambda _line: None)
    gone = Program(name="gone", argv=("/nowhere/program",), wait_ready=asyncio.Event().wait, ready_s=5, stop_s=5)
    with pytest.raises(StartError, match="gone ended while starting"):
        await supervisor.start(gone)


async def test_an_endless_line_does_not_fill_the_memory(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, lambda _line: None)
    await supervisor.start(program(tmp_path, "flood", "head -c 300000 /dev/zero | tr '\\0' x; " + SERVE))
    await supervisor.stop()
    assert max(len(row["event"]) for row in rows(tmp_path / "flood.jsonl")) <= 2 * 65_536


async def test_children_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    parent = """
import asyncio, pathlib, sys
from hotline.supervisor import Supervisor
from tests.unit.hotline.test_supervisor import SERVE, program

async def main():
    folder = pathlib.Path(sys.argv[1])
    supervisor = Supervisor(folder, print)
    await supervisor.start(program(folder, "ward", SERVE))
    print(supervisor.pids()["ward"], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", parent, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    ward = int(await process.stdout.readline())
    assert is_running(ward)
    process.kill()
    await process.communicate()
    await until(lambda: not is_running(ward), "the ward is gone")


@pytest.mark.parametrize(("code", "words"), [(0, "exit code 0"), (2, "exit code 2"), (-9, "signal SIGKILL")])
def test_exit_codes_are_told_in_words(code: int, words: str) -> None:
    assert describe_exit(code) == words


def test_a_json_text_that_is_no_object_is_wrapped() -> None:
    assert json.loads(as_json_line("api", "{not json"))["event"] == "{not json"
    assert json.loads(as_json_line("api", "[1]"))["event"] == "[1]"
