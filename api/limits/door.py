"""Counts requests at the door: those of a principal together, those of nobody known by their address.

In one process's memory. Why not in the database: a flood must not reach it. Several api processes let several times as
much through.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from api.kit.exceptions import TooManyRequestsError
from api.limits.buckets import Buckets, Rate
from api.settings import ApiSettings

KEPT_KEYS = 10_000
_HOST_PREFIX_BITS = 64
"""Of an IPv6 address: who has one, has all that begin the same."""
NOWHERE = "-"


class Door:
    """The buckets of this process."""

    def __init__(self, settings: ApiSettings, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that never go back."""
        people = Rate(per_s=settings.requests_per_s, burst=settings.requests_burst)
        instance = Rate(per_s=settings.instance_requests_per_s, burst=settings.instance_requests_burst)
        strangers = Rate(per_s=settings.stranger_requests_per_s, burst=settings.stranger_requests_burst)
        self._clock = clock
        self._people = Buckets(people, kept=KEPT_KEYS)
        self._instance = Buckets(instance, kept=KEPT_KEYS)
        self._strangers = Buckets(strangers, kept=KEPT_KEYS)
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def admit(self, key: str, *, is_instance: bool) -> None:
        """Lets one request of a principal in.

        Raises:
            TooManyRequestsError: Too many came.
        """
        buckets = self._instance if is_instance else self._people
        _refuse_if_early(buckets.take(key, self._clock()))

    def admit_stranger(self, address: str | None, route: str = "") -> None:
        """Lets one request of nobody known in; open routes are counted apart, so that a flood silences no health check.

        Raises:
            TooManyRequestsError: Too many came from this address.
        """
        _refuse_if_early(self._strangers.take(f"{place_of(address)} {route}", self._clock()))

    def check_stranger(self, address: str | None, digest: bytes) -> None:
        """Keeps guesses from the database; what was right before is looked up whatever its neighbours do.

        Raises:
            TooManyRequestsError: Too many wrong ones came from this address, and this one was never right.
        """
        if digest not in self._known and self._strangers.is_empty(f"{place_of(address)} ", self._clock()):
            self.admit_stranger(address)

    def remember(self, digest: bytes) -> None:
        """Notes that a token or session was right."""
        self._known[digest] = None
        self._known.move_to_end(digest)
        if len(self._known) > KEPT_KEYS:
            self._known.popitem(last=False)


def place_of(address: str | None) -> str:
    """Gives what an address is counted by."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return NOWHERE
    if isinstance(parsed, IPv6Address):
        return f"{int(parsed) >> _HOST_PREFIX_BITS:x}::/{_HOST_PREFIX_BITS}"
    return str(parsed)


def _refuse_if_early(wait_s: float) -> None:
    if wait_s > 0:
        raise TooManyRequestsError(math.ceil(wait_s))
