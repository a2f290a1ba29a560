"""Ten thousand sessions opened in one burst: all are held, then all are served; and the memory that one needs."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack

from tests.bench.agi_servers import COMMANDS, ROUTE
from tests.bench.fastagi import REPLIES, REPLY, running_server
from tests.bench.figures import Figure
from tests.contract.ivr.fake_asterisk import facts_payload, header_block

TARGET = 10_000
"""Fewer where a process may not open so many descriptors; the table tells how many."""
LONGEST_S = 60.0
RECEIVE_BYTES = 4_096
LIMIT_KIB = 12.0


def measure() -> Iterator[Figure]:
    """Opens the sessions before any is answered, looks at the server's memory, then serves them all."""
    for name in ("ours", "ours-uvloop"):
        yield from _measure(name)


def _measure(name: str) -> Iterator[Figure]:
    sessions = min(TARGET, _descriptors() - 200)
    headers = header_block(ROUTE, facts_payload(ROUTE))
    with running_server(name) as (port, process), ExitStack() as opened:
        _serve(_open(port, headers, opened, 50))
        before_bytes = process.memory_info().rss
        calls = _open(port, headers, opened, sessions)
        first = [call.recv(RECEIVE_BYTES) for call in calls]
        held_bytes = process.memory_info().rss - before_bytes
        served = _serve(calls, first)
    yield Figure(
        subject=f"sessions of one burst that were held and served ({name})",
        measured=f"{served:,}",
        beside=f"{sessions:,} opened",
        ratio=served / sessions,
        goal="= 1",
    )
    yield Figure(
        subject=f"memory of a waiting session ({name})",
        measured=f"{held_bytes / sessions / 1024:.1f} KiB",
        beside=f"limit: {LIMIT_KIB:.0f} KiB",
        ratio=held_bytes / sessions / 1024 / LIMIT_KIB,
        goal="≤ 1",
    )


def _descriptors() -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def _open(port: int, headers: bytes, opened: ExitStack, count: int) -> list[socket.socket]:
    calls = [opened.enter_context(socket.create_connection(("127.0.0.1", port), LONGEST_S)) for _ in range(count)]
    for call in calls:
        call.sendall(headers)
    return calls


def _serve(calls: list[socket.socket], first: list[bytes] | None = None) -> int:
    """Answers every command of every call, in turns; gives how many calls came to their last one."""
    commands = first or [call.recv(RECEIVE_BYTES) for call in calls]
    for _ in COMMANDS[1:]:
        for call, command in zip(calls, commands, strict=True):
            call.sendall(REPLIES.get(command[:2], REPLY))
        commands = [call.recv(RECEIVE_BYTES) for call in calls]
    last = COMMANDS[-1].encode()
    return sum(command.startswith(last) for command in commands)
