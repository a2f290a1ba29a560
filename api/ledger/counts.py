"""What Asterisk counted beside what the log has: deltas of `CoreProcessedCalls` over stretches of time. Pure.

Asterisk counts a call when its dialplan begins for a channel: calls from a trunk, and the codes that operators dial.
Source: ast_processed_calls() and increase_call_count() in main/pbx.c of Asterisk 22; action_corestatus() in manager.c.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

BETWEEN_START_AND_COUNT = timedelta(milliseconds=200)
"""A channel is made, CEL writes of it, then its dialplan begins and Asterisk counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One answer of Asterisk."""

    asked_at: datetime
    at: datetime
    boot: str
    """Another one: Asterisk was started anew, its count began at 0."""
    processed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The time between two samples of one run of Asterisk."""

    begin: Sample
    end: Sample

    @property
    def processed(self) -> int:
        """Gives how many calls Asterisk counted in it."""
        return self.end.processed - self.begin.processed


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedStretch:
    """A stretch with what the log has in it."""

    stretch: Stretch
    fewest: int
    """Calls that certainly began in it."""
    most: int
    """Those and the calls that began while Asterisk was asked."""

    @property
    def difference(self) -> int:
        """Gives how many calls Asterisk counted that the log has not; negative: the log has more."""
        processed = self.stretch.processed
        if processed > self.most:
            return processed - self.most
        return min(0, processed - self.fewest)


def hour_of(moment: datetime) -> datetime:
    """Gives the beginning of the hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def stretches_of(samples: Iterable[Sample]) -> list[Stretch]:
    """Gives stretches of up to an hour, none across a restart of Asterisk.

    Why not minute by minute: a call that begins while Asterisk is asked may stand on either side; the fewer borders,
    the fewer of those.
    """
    ordered = sorted(samples, key=lambda sample: sample.at)
    kept = [sample for place, sample in enumerate(ordered) if _is_border(ordered, place)]
    return [
        Stretch(begin=begin, end=end)
        for begin, end in pairwise(kept)
        if begin.boot == end.boot and end.processed >= begin.processed
    ]


def _is_border(ordered: Sequence[Sample], place: int) -> bool:
    if place in (0, len(ordered) - 1):
        return True
    before, this, after = ordered[place - 1 : place + 2]
    return before.boot != this.boot or after.boot != this.boot or hour_of(before.at) != hour_of(this.at)


def count_starts(stretch: Stretch, starts: Sequence[datetime]) -> CountedStretch:
    """Counts the calls of the log (their beginnings, ascending) in a stretch."""
    slack = BETWEEN_START_AND_COUNT
    fewest = bisect_left(starts, stretch.end.asked_at - slack) - bisect_right(starts, stretch.begin.at)
    most = bisect_right(starts, stretch.end.at) - bisect_left(starts, stretch.begin.asked_at - slack)
    return CountedStretch(stretch=stretch, fewest=max(0, fewest), most=max(0, most))
