"""Server-sent events, cut at every byte, with everything that may stand between them."""

import itertools

import pytest

from ivr.desired.errors import StreamError
from ivr.desired.event_stream import EVENT_LIMIT_BYTES, EventStreamReader, ServerEvent

RECORDED = (
    ': привіт\r\n\r\nevent: desired\r\nid: 1\r\ndata: {"a":\r\ndata: "ї"}\r\n\r\n'
    ": heartbeat\n\ndata:x\nretry: 5\n\nevent: empty\n\n"
).encode()
EXPECTED = [ServerEvent("desired", '{"a":\n"ї"}'), ServerEvent("message", "x")]


@pytest.mark.parametrize("position", range(len(RECORDED) + 1))
def test_events_are_the_same_wherever_the_bytes_are_cut(position: int) -> None:
    reader = EventStreamReader()
    parts = (RECORDED[:position], RECORDED[position:])
    assert [event for part in parts for event in reader.feed(part)] == EXPECTED


def test_byte_by_byte_is_the_same() -> None:
    reader = EventStreamReader()
    assert [event for number in RECORDED for event in reader.feed(bytes([number]))] == EXPECTED


def test_an_event_that_is_not_finished_is_none() -> None:
    assert list(EventStreamReader().feed(b"event: desired\ndata: x\n")) == []


@pytest.mark.parametrize("endless", [b"x", b"data: x\n", b": x", b"event: x\n"])
def test_an_event_without_end_is_refused(endless: bytes) -> None:
    reader = EventStreamReader()
    chunk = endless * (65_536 // len(endless))
    chunks = itertools.repeat(chunk, 2 * EVENT_LIMIT_BYTES // len(chunk) + 1)
    with pytest.raises(StreamError):
        list(itertools.chain.from_iterable(map(reader.feed, chunks)))


def test_heartbeats_for_a_year_cost_no_memory() -> None:
    reader = EventStreamReader()
    for _ in range(200):
        assert list(reader.feed(b": heartbeat\n\n" * 1_000)) == []
    assert list(reader.feed(b"data: still here\n\n")) == [ServerEvent("message", "still here")]
