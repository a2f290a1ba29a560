"""Token buckets by key, bounded in number. Pure: the moment is an argument.

Source: the token bucket of RFC 2697, 3: it fills at a steady rate up to its size; each request takes one.
"""

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How fast requests may come."""

    per_s: float
    """In the long run."""
    burst: int
    """At once, after a rest."""


@dataclass(slots=True)
class _Bucket:
    level: float
    filled_at_s: float


class Buckets:
    """One bucket a key. The key that was used longest ago is forgotten first: its bucket is most likely full again."""

    def __init__(self, rate: Rate, *, kept: int) -> None:
        """Keeps at most `kept` buckets."""
        self._rate = rate
        self._kept = kept
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        """Gives how many buckets are kept."""
        return len(self._buckets)

    def take(self, key: str, now_s: float) -> float:
        """Takes one request; gives 0, or how many seconds to wait until there is room for it (then none is taken)."""
        bucket = self._filled(key, now_s)
        if bucket.level < 1:
            return (1 - bucket.level) / self._rate.per_s
        bucket.level -= 1
        return 0.0

    def is_empty(self, key: str, now_s: float) -> bool:
        """Tells whether the next request would be refused; takes nothing."""
        return key in self._buckets and self._filled(key, now_s).level < 1

    def _filled(self, key: str, now_s: float) -> _Bucket:
        bucket = self._buckets.setdefault(key, _Bucket(float(self._rate.burst), now_s))
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._kept:
            self._buckets.popitem(last=False)
        gained = max(0.0, now_s - bucket.filled_at_s) * self._rate.per_s
        bucket.level = min(float(self._rate.burst), bucket.level + gained)
        bucket.filled_at_s = now_s
        return bucket
