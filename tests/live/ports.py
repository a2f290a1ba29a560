"""Free ports for one test process: each holds a range of its own while it lives, so that two never race for a port."""

import fcntl
import functools
import socket
import tempfile
from pathlib import Path

FIRST_PORT = 20_000
PORTS_IN_RANGE = 1_200
RANGES = 10
LOOPBACK = "127.0.0.1"


@functools.cache
def _claimed_range() -> range:
    """Gives the range that this process holds; the kernel lets go of the lock when the process ends."""
    for number in range(RANGES):
        # Why no `with`: the lock is held until the process ends.
        lock = (Path(tempfile.gettempdir()) / f"hotline-test-ports-{number}").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        _held.append(lock)
        first = FIRST_PORT + PORTS_IN_RANGE * number
        return range(first, first + PORTS_IN_RANGE)
    raise RuntimeError(f"all {RANGES} ranges of test ports are held by other test runs")


_held: list[object] = []
_next_offset = [0]


def _is_free(address: str, port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:
                # Why: as servers do; a port whose last connections wait out their time is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def free_ports(count: int, *, address: str = LOOPBACK) -> tuple[int, ...]:
    """Gives `count` ports in a row that are free on `address`, for UDP and for TCP; the first one is even.

    Raises:
        RuntimeError: The whole range is in use.
    """
    ports = _claimed_range()
    run: list[int] = []
    for _ in range(2 * PORTS_IN_RANGE):
        port = ports[_next_offset[0] % PORTS_IN_RANGE]
        _next_offset[0] += 1
        if run and port != run[-1] + 1:
            run = []
        is_usable = (bool(run) or port % 2 == 0) and _is_free(address, port)
        run = [*run, port] if is_usable else []
        if len(run) == count:
            return tuple(run)
    raise RuntimeError(f"no {count} free ports in a row on {address}")
