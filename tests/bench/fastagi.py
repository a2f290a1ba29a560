"""Ten-command menu sessions, 50 at once: our FastAGI server beside panoramisk's, on one core, the same client.

The client is a plain epoll loop in Python on another core, where there is one. It is slower than both servers, so the
sessions per second that it sees say little; what counts is how many sessions a server gets out of a second of CPU.
"""

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from tests.bench.agi_servers import COMMANDS, ROUTE
from tests.bench.figures import ROOT, Figure
from tests.contract.ivr.fake_asterisk import facts_payload, header_block

SESSIONS = 3_000
WARM_UP = 300
ROUNDS = 3
"""Of each server, in turn; the one with the least CPU counts, because others may use the machine."""
AT_ONCE = 50
RECEIVE_BYTES = 4_096
STUCK_S = 30
_HEADERS = header_block(ROUTE, facts_payload(ROUTE))
REPLIES = {b"ST": b"200 result=0 endpos=8000\n", b"WA": b"200 result=49\n"}
REPLY = b"200 result=1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one server did."""

    sessions_per_s: float
    cpu_us: float
    """Of the server, per session."""


def measure() -> Iterator[Figure]:
    """Measures both servers in turn."""
    rounds = [[_measure_server(name) for name in ("ours", "ours-uvloop", "panoramisk", "bare")] for _ in range(ROUNDS)]
    ours, faster, theirs, bare = (min(runs, key=lambda run: run.cpu_us) for runs in zip(*rounds, strict=True))
    yield Figure(
        subject=f"FastAGI sessions ({len(COMMANDS)} commands, {AT_ONCE} at once) per second of CPU",
        measured=f"{1e6 / ours.cpu_us:,.0f} /s",
        beside=f"panoramisk: {1e6 / theirs.cpu_us:,.0f} /s",
        ratio=theirs.cpu_us / ours.cpu_us,
        goal="≥ 2",
    )
    yield Figure(
        subject="CPU of the FastAGI server per session",
        measured=f"{ours.cpu_us:,.0f} µs",
        beside=f"panoramisk: {theirs.cpu_us:,.0f} µs",
        ratio=ours.cpu_us / theirs.cpu_us,
        goal="≤ 0.5",
    )
    yield Figure(
        subject="FastAGI sessions per second of CPU with uvloop",
        measured=f"{1e6 / faster.cpu_us:,.0f} /s",
        beside=f"panoramisk: {1e6 / theirs.cpu_us:,.0f} /s",
        ratio=theirs.cpu_us / faster.cpu_us,
        goal="≥ 2.5",
    )
    yield Figure(
        subject="CPU per session beside asyncio that parses nothing",
        measured=f"{ours.cpu_us:,.0f} µs",
        beside=f"bare responder: {bare.cpu_us:,.0f} µs",
        ratio=ours.cpu_us / bare.cpu_us,
        goal="-",
    )
    yield Figure(
        subject="FastAGI sessions per second as the slower client sees them",
        measured=f"{ours.sessions_per_s:,.0f} /s",
        beside=f"panoramisk: {theirs.sessions_per_s:,.0f} /s",
        ratio=ours.sessions_per_s / theirs.sessions_per_s,
        goal="-",
    )


def _measure_server(name: str) -> Run:
    with running_server(name) as (port, process):
        _run_sessions(port, WARM_UP)
        cpu_before, begun = _cpu_s(process), time.perf_counter()
        _run_sessions(port, SESSIONS)
        took_s, cpu_s = time.perf_counter() - begun, _cpu_s(process) - cpu_before
    return Run(sessions_per_s=SESSIONS / took_s, cpu_us=cpu_s / SESSIONS * 1e6)


@contextmanager
def running_server(name: str) -> Iterator[tuple[int, psutil.Process]]:
    """Runs one of the servers on a core of its own; gives its port and its process."""
    command = [sys.executable, "-m", "tests.bench.agi_servers", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child, _other_core():
        try:
            assert child.stdout is not None
            yield int(child.stdout.readline()), psutil.Process(child.pid)
        finally:
            child.terminate()


@contextmanager
def _other_core() -> Iterator[None]:
    """Keeps the client off the server's core, where there is another."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores - {min(cores)} or cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _run_sessions(port: int, count: int) -> None:
    """Runs `count` sessions, `AT_ONCE` at a time.

    Raises:
        RuntimeError: A session ended early, or nothing moves any more.
    """
    poll, calls = select.epoll(), dict[int, _Call]()
    begun = ended = 0
    while ended < count:
        while begun < count and len(calls) < AT_ONCE:
            call = _Call(port)
            calls[call.descriptor] = call
            poll.register(call.descriptor, select.EPOLLIN)
            begun += 1
        ready = poll.poll(STUCK_S)
        if not ready:
            raise RuntimeError("no session moves any more")
        for descriptor, _ in ready:
            if not calls[descriptor].answer():
                calls.pop(descriptor).close()
                ended += 1
    poll.close()


class _Call:
    """One call, as Asterisk would speak for it."""

    __slots__ = ("_answered", "_socket", "descriptor")

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(_HEADERS)
        self._answered = 0
        self.descriptor = self._socket.fileno()

    def answer(self) -> bool:
        """Answers the command that came; False when the server has ended the session.

        Raises:
            RuntimeError: It ended before the last command.
        """
        command = self._socket.recv(RECEIVE_BYTES)
        if not command:
            if self._answered != len(COMMANDS):
                raise RuntimeError(f"the session ended after {self._answered} commands")
            return False
        self._answered += 1
        self._socket.sendall(REPLIES.get(command[:2], REPLY))
        return True

    def close(self) -> None:
        self._socket.close()
