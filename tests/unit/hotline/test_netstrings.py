import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.netstrings import NetstringError, NetstringReader, encode_message

MESSAGES = [{"event": "так"}, {"type": "CALL_CLOSED", "param": "a,b:c"}, {}]
STREAM = b"".join(encode_message(message) for message in MESSAGES)


@pytest.mark.parametrize("cut", range(len(STREAM) + 1))
def test_messages_survive_a_cut_at_every_position(cut: int) -> None:
    reader = NetstringReader()
    assert [*reader.feed(STREAM[:cut]), *reader.feed(STREAM[cut:])] == MESSAGES


def test_messages_survive_byte_by_byte() -> None:
    reader = NetstringReader()
    assert [message for at in range(len(STREAM)) for message in reader.feed(STREAM[at : at + 1])] == MESSAGES


@pytest.mark.parametrize("garbage", [b"x", b":{},", b"2:{};", b"99999999", b"3:abc,", b"2:[],", b"-1:,"])
def test_garbage_is_refused(garbage: bytes) -> None:
    with pytest.raises(NetstringError):
        list(NetstringReader().feed(garbage))


@given(st.binary(max_size=40))
def test_any_bytes_end_in_objects_or_a_refusal(chunk: bytes) -> None:
    with contextlib.suppress(NetstringError):
        assert all(isinstance(message, dict) for message in NetstringReader().feed(chunk))
