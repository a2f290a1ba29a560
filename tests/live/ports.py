"""Free ports for one test worker: each pytest-xdist worker has its own range, so that two never race for one."""

import os
import socket
from collections.abc import Iterator

FIRST_PORT = 20_000
PORTS_PER_WORKER = 4_000
LOOPBACK = "127.0.0.1"


def _worker_index() -> int:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    return int(worker.removeprefix("gw")) % 3


def _is_free(address: str, port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def _candidates() -> Iterator[int]:
    first = FIRST_PORT + PORTS_PER_WORKER * _worker_index()
    while True:
        yield from range(first, first + PORTS_PER_WORKER)


_next = _candidates()


def free_ports(count: int, *, address: str = LOOPBACK) -> tuple[int, ...]:
    """Gives `count` ports in a row that are free on `address`, for UDP and for TCP; the first one is even.

    Raises:
        RuntimeError: The worker's whole range is in use.
    """
    run: list[int] = []
    for _ in range(2 * PORTS_PER_WORKER):
        port = next(_next)
        if run and port != run[-1] + 1:
            run = []
        if (run or port % 2 == 0) and _is_free(address, port):
            run.append(port)
        else:
            run = []
        if len(run) == count:
            return tuple(run)
    raise RuntimeError(f"no {count} free ports in a row on {address}")
