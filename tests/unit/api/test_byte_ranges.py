"""The header Range."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.recordings.ranges import ByteRange, UnsatisfiableRange, read_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-99", (0, 100)),
        ("bytes=0-", (0, 1_000)),
        ("bytes=990-5000", (990, 1_000)),
        ("bytes=-10", (990, 1_000)),
        ("bytes=-5000", (0, 1_000)),
        ("bytes=999-999", (999, 1_000)),
    ],
)
def test_one_range_is_read(header: str, expected: tuple[int, int]) -> None:
    assert read_range(header, 1_000) == ByteRange(start=expected[0], end=expected[1])


@pytest.mark.parametrize(
    "header", [None, "", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,5-6", "lines=0-1", "bytes=٣-٤"]
)
def test_what_is_no_single_range_gives_the_whole(header: str | None) -> None:
    assert read_range(header, 1_000) is None


@pytest.mark.parametrize(("header", "size_bytes"), [("bytes=1000-", 1_000), ("bytes=-0", 1_000), ("bytes=0-", 0)])
def test_a_range_without_a_byte_is_refused(header: str, size_bytes: int) -> None:
    with pytest.raises(UnsatisfiableRange):
        read_range(header, size_bytes)


@given(header=st.from_regex(r"bytes=[0-9]{0,20}-[0-9]{0,20}", fullmatch=True), size_bytes=st.integers(0, 10_000))
def test_a_range_lies_inside_the_file(header: str, size_bytes: int) -> None:
    try:
        found = read_range(header, size_bytes)
    except UnsatisfiableRange:
        return
    assert found is None or 0 <= found.start < found.end <= size_bytes
