from datetime import datetime, timedelta

import pytest

from api.ledger.counts import CountedStretch, Sample, count_starts, stretches_of
from tests.contract.api.scenarios.tables import moment


def sample(time_of_day: str, processed: int, boot: str = "a") -> Sample:
    at = moment(time_of_day)
    return Sample(asked_at=at - timedelta(milliseconds=5), at=at, boot=boot, processed=processed)


def counted(starts: list[datetime], *samples: Sample) -> CountedStretch:
    (stretch,) = stretches_of(samples)
    return count_starts(stretch, starts)


def test_minutes_of_an_hour_make_one_stretch_and_hours_part() -> None:
    samples = [sample("09:00:00", 0), sample("09:30:00", 3), sample("10:00:00", 5), sample("10:30:00", 9)]
    assert [stretch.processed for stretch in stretches_of(samples)] == [5, 4]


def test_no_stretch_crosses_a_restart() -> None:
    samples = [sample("09:00:00", 7), sample("09:10:00", 9), sample("09:20:00", 0, "b"), sample("09:30:00", 1, "b")]
    assert [stretch.processed for stretch in stretches_of(samples)] == [2, 1]


def test_the_order_of_samples_changes_nothing() -> None:
    samples = [sample("09:00:00", 0), sample("09:30:00", 3), sample("10:00:00", 5)]
    assert stretches_of(reversed(samples)) == stretches_of(samples)


@pytest.mark.parametrize(
    ("starts", "processed", "difference"),
    [
        (["09:10:00", "09:20:00"], 2, 0),
        (["09:10:00", "09:20:00"], 3, 1),
        (["09:10:00", "09:20:00"], 1, -1),
        ([], 0, 0),
        (["09:00:00"], 0, 0),
        (["09:00:00"], 1, 0),
        (["08:59:59", "09:30:01"], 0, 0),
        (["08:59:59", "09:30:01"], 1, 1),
    ],
)
def test_what_asterisk_counted_is_compared_with_the_calls_that_began(
    starts: list[str], processed: int, difference: int
) -> None:
    found = counted([moment(start) for start in starts], sample("09:00:00", 10), sample("09:30:00", 10 + processed))
    assert found.difference == difference
