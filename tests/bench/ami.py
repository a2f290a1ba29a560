"""Events of Asterisk's manager per second: our link's protocol beside panoramisk's Manager, on the same bytes.

The bytes are what Asterisk 22 sends while callers come into a queue and are answered. A process of its own sends them;
each reader takes every event into a callback that counts.
"""

import asyncio
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import panoramisk

from ivr.ami import transport
from ivr.ami.frames import Frame
from tests.bench.figures import ROOT, Figure

ROUNDS = 6_000
DEADLINE_S = 120
RECEIVE_BYTES = 4_096
_BANNER = b"Asterisk Call Manager/11.0.0\r\n"
_CHANNEL = (
    "Channel: PJSIP/trunk-000000{n:02x}\r\nChannelState: 6\r\nChannelStateDesc: Up\r\nCallerIDNum: <unknown>\r\n"
    "CallerIDName: <unknown>\r\nConnectedLineNum: <unknown>\r\nConnectedLineName: <unknown>\r\nLanguage: uk\r\n"
    "AccountCode: \r\nContext: handover\r\nExten: s\r\nPriority: 9\r\nUniqueid: node1-1795510790.{n}\r\n"
    "Linkedid: node1-1795510790.{n}\r\n"
)
_MEMBER = (
    "Queue: chernivtsi\r\nMemberName: Оператор 01, Чернівці\r\nInterface: PJSIP/c01\r\nStateInterface: PJSIP/c01\r\n"
    "Membership: dynamic\r\nPenalty: 0\r\nCallsTaken: {n}\r\nLastCall: 1795510790\r\nLastPause: 0\r\nInCall: 0\r\n"
    "Status: 6\r\nPaused: 0\r\nPausedReason: \r\nRinginuse: 0\r\nWrapuptime: 5\r\n"
)
_EVENTS = (
    "Event: QueueCallerJoin\r\nPrivilege: agent,all\r\n"
    + _CHANNEL
    + "Queue: chernivtsi\r\nPosition: 1\r\nCount: 1\r\n",
    "Event: DeviceStateChange\r\nPrivilege: call,all\r\nDevice: PJSIP/c01\r\nState: RINGING\r\n",
    "Event: QueueMemberStatus\r\nPrivilege: agent,all\r\n" + _MEMBER,
    "Event: AgentConnect\r\nPrivilege: agent,all\r\n" + _CHANNEL + "Queue: chernivtsi\r\nMemberName: Оператор 01\r\n"
    "Interface: PJSIP/c01\r\nRingTime: 3\r\nHoldTime: 7\r\n",
    "Event: QueueCallerLeave\r\nPrivilege: agent,all\r\n"
    + _CHANNEL
    + "Queue: chernivtsi\r\nCount: 0\r\nPosition: 1\r\n",
    "Event: Hangup\r\nPrivilege: call,all\r\n" + _CHANNEL + "Cause: 16\r\nCause-txt: Normal Clearing\r\n",
)
EVENTS = ROUNDS * len(_EVENTS)


@dataclass(kw_only=True)
class _Counter:
    """Counts events, and the CPU between the first and the last."""

    seen: int = 0
    begun_s: float = 0.0
    cpu_s: float = 0.0
    is_over: asyncio.Event = field(default_factory=asyncio.Event)

    def count(self) -> None:
        if not self.seen:
            self.begun_s = time.process_time()
        self.seen += 1
        if self.seen == EVENTS:
            self.cpu_s = time.process_time() - self.begun_s
            self.is_over.set()


def measure() -> Iterator[Figure]:
    """Measures both readers, one after the other."""
    ours, theirs = (_events_per_s(read) for read in (_read_ours, _read_theirs))
    yield Figure(
        subject=f"AMI events per second of CPU ({EVENTS:,} events)",
        measured=f"{ours:,.0f} /s",
        beside=f"panoramisk Manager: {theirs:,.0f} /s",
        ratio=ours / theirs,
        goal="≥ 2.5",
    )


def _events_per_s(read: Callable[[int, _Counter], Awaitable[None]]) -> float:
    logging.disable(logging.CRITICAL)
    with _sender() as port:
        counter = asyncio.run(_counted(read, port))
    logging.disable(logging.NOTSET)
    return EVENTS / counter.cpu_s


async def _counted(read: Callable[[int, _Counter], Awaitable[None]], port: int) -> _Counter:
    counter = _Counter()
    async with asyncio.timeout(DEADLINE_S):
        await read(port, counter)
    return counter


async def _read_ours(port: int, counter: _Counter) -> None:
    def take(frame: Frame) -> None:
        assert frame.event
        counter.count()

    protocol = await transport.open_session("127.0.0.1", port, take, DEADLINE_S)
    protocol.request("Ping", {}).cancel()
    await counter.is_over.wait()
    protocol.close()
    await protocol.lost


async def _read_theirs(port: int, counter: _Counter) -> None:
    def take(manager: object, event: object) -> None:
        del manager, event
        counter.count()

    manager = panoramisk.Manager(host="127.0.0.1", port=port, loop=asyncio.get_running_loop())
    manager.register_event("*", take)
    await manager.connect()
    manager.send_action({"Action": "Ping"})
    await counter.is_over.wait()
    manager.close()


@contextmanager
def _sender() -> Iterator[int]:
    command = [sys.executable, "-m", "tests.bench.ami"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        try:
            assert child.stdout is not None
            yield int(child.stdout.readline())
        finally:
            child.terminate()


def _send() -> None:
    """Gives one peer all events once it has sent its first action, and waits until it has gone.

    Why the action: panoramisk 1.4 fails on events that come before its connection callback has run.
    """
    rounds = ("".join(f"{event.format(n=number % 256)}\r\n" for event in _EVENTS).encode() for number in range(ROUNDS))
    content = b"".join(rounds)
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        peer, _ = server.accept()
        with peer:
            peer.sendall(_BANNER)
            peer.recv(RECEIVE_BYTES)
            peer.sendall(content)
            peer.recv(RECEIVE_BYTES)


if __name__ == "__main__":
    _send()
