"""The hour: how much of it is left, and how long things took, in the buckets of the statistics. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

_HOUR_S = 3_600


class Bucket(StrEnum):
    """How long something took."""

    WITHIN_1H = "within_1h"
    FROM_1H_TO_2H = "1h_to_2h"
    FROM_2H_TO_4H = "2h_to_4h"
    OVER_4H = "over_4h"
    UNKNOWN = "unknown"
    """One of the two moments is not known, or the second came before the first."""


_LIMITS = ((_HOUR_S, Bucket.WITHIN_1H), (2 * _HOUR_S, Bucket.FROM_1H_TO_2H), (4 * _HOUR_S, Bucket.FROM_2H_TO_4H))


@dataclass(frozen=True, slots=True, kw_only=True)
class Countdown:
    """What is left until a lawyer must be named."""

    due_at: datetime
    remaining_s: int
    """Below 0: overdue for so long."""
    is_overdue: bool


def countdown(received_at: datetime, name_lawyer_s: int, now: datetime) -> Countdown:
    """Gives the countdown at `now`."""
    due_at = received_at + timedelta(seconds=name_lawyer_s)
    remaining_s = int((due_at - now).total_seconds())
    return Countdown(due_at=due_at, remaining_s=remaining_s, is_overdue=now > due_at)


def seconds_between(first: datetime | None, second: datetime | None) -> int | None:
    """Gives whole seconds from `first` to `second`; None: one is not known."""
    return None if first is None or second is None else int((second - first).total_seconds())


def bucket_of(seconds: int | None) -> Bucket:
    """Gives the bucket; exactly one hour is still within the first."""
    if seconds is None or seconds < 0:
        return Bucket.UNKNOWN
    return next((bucket for limit_s, bucket in _LIMITS if seconds <= limit_s), Bucket.OVER_4H)


def count_buckets(durations_s: Iterable[int | None]) -> dict[Bucket, int]:
    """Counts durations; every bucket is there."""
    counted = Counter(map(bucket_of, durations_s))
    return {bucket: counted[bucket] for bucket in Bucket}
