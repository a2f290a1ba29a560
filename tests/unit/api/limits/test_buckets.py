import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.limits.buckets import Buckets, Rate
from api.limits.door import place_of

RATE = Rate(per_s=2.0, burst=3)


def test_a_bucket_lets_a_burst_through_and_then_its_rate() -> None:
    buckets = Buckets(RATE, kept=10)
    assert [buckets.take("a", 100.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert buckets.take("a", 100.4) > 0
    assert buckets.take("a", 100.5) == 0.0
    assert buckets.take("a", 100.5) == 0.5


def test_one_key_takes_nothing_from_another() -> None:
    buckets = Buckets(RATE, kept=10)
    assert [buckets.take("a", 1.0) for _ in range(4)][-1] > 0
    assert buckets.take("b", 1.0) == 0.0


def test_looking_takes_nothing() -> None:
    buckets = Buckets(Rate(per_s=1.0, burst=1), kept=10)
    assert not buckets.is_empty("a", 1.0)
    assert buckets.take("a", 1.0) == 0.0
    assert buckets.is_empty("a", 1.0)
    assert not buckets.is_empty("a", 2.0)


def test_the_key_of_the_oldest_use_is_forgotten_first() -> None:
    buckets = Buckets(Rate(per_s=0.001, burst=1), kept=2)
    for key in ("a", "b", "a", "c"):
        buckets.take(key, 1.0)
    assert len(buckets) == 2
    assert buckets.take("a", 1.0) > 0
    assert buckets.take("b", 1.0) == 0.0


@given(st.lists(st.floats(min_value=0, max_value=100), max_size=200))
def test_never_more_pass_than_the_burst_and_the_rate(moments: list[float]) -> None:
    buckets = Buckets(RATE, kept=10)
    passed = [moment for moment in sorted(moments) if buckets.take("a", moment) == 0.0]
    assert len(passed) <= RATE.burst + RATE.per_s * (max(moments, default=0) - min(moments, default=0)) + 1e-6


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    buckets = Buckets(Rate(per_s=1.0, burst=1), kept=10)
    assert buckets.take("a", 10.0) == 0.0
    assert buckets.take("a", 5.0) > 0


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "20010db800010002::/64"),
        ("2001:db8:1:2:ffff::1", "20010db800010002::/64"),
        (None, "-"),
        ("testclient", "-"),
    ],
)
def test_an_address_is_counted_by_who_has_it(address: str | None, place: str) -> None:
    assert place_of(address) == place
