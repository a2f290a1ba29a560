"""Recorded bytes of Asterisk 22's FastAGI, cut everywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.agi.errors import ProtocolError
from ivr.agi.protocol import (
    HEADER_LIMIT_BYTES,
    HEADER_LINES_LIMIT,
    REPLY_LIMIT_BYTES,
    AgiEvent,
    AgiReader,
    HeadersRead,
    HungUp,
    Refused,
    Succeeded,
)

HEADERS = (
    "agi_network: yes\n"
    "agi_network_script: entry\n"
    "agi_request: agi://127.0.0.1:4573/entry\n"
    "agi_channel: PJSIP/selftest-00000001\n"
    "agi_calleridname: Олена\n"
    "agi_uniqueid: node1-1790000000.1\n"
    "agi_arg_1: route=entry;did=+380800213103;plan=;keys=\n"
    "agi_empty: \n"
    "\n"
).encode()

USAGE = "Usage: SET VARIABLE <variablename> <value>\n\tSets a variable to the current channel.\n"
REPLIES = (
    "200 result=0\n"
    "200 result=49 endpos=8000\n"
    "200 result=0 endpos=0\n"
    "200 result=\n"
    "200 result=-1\n"
    "200 result= (timeout)\n"
    "200 result=1 (a (b) c)\n"
    "200 result=1 (two\nlines)\n"
    "HANGUP\n"
    "510 Invalid or unknown command\n"
    "511 Command Not Permitted on a dead channel or intercept routine\n"
    f"520-Invalid command syntax.  Proper usage follows:\n{USAGE}520 End of proper usage.\n"
    "520 Invalid command syntax.  Proper usage not available.\n"
).encode()


def _ok(result: int | None, value: str | None = None, samples: int | None = None) -> Succeeded:
    return Succeeded(result=result, value=value, end_position_samples=samples)


EXPECTED_REPLIES: list[AgiEvent] = [
    _ok(0),
    _ok(49, samples=8000),
    _ok(0, samples=0),
    _ok(None),
    _ok(-1),
    _ok(None, "timeout"),
    _ok(1, "a (b) c"),
    _ok(1, "two\nlines"),
    HungUp(),
    Refused(code=510, text="Invalid or unknown command"),
    Refused(code=511, text="Command Not Permitted on a dead channel or intercept routine"),
    Refused(code=520, text=f"Invalid command syntax.  Proper usage follows:\n{USAGE}".rstrip("\n")),
    Refused(code=520, text="Invalid command syntax.  Proper usage not available."),
]


def _read(*chunks: bytes) -> list[AgiEvent]:
    reader = AgiReader()
    return [event for chunk in chunks for event in reader.feed(chunk)]


def test_headers_and_replies_are_read_in_order() -> None:
    events = _read(HEADERS + REPLIES)
    first = events[0]
    assert isinstance(first, HeadersRead)
    assert first.headers["agi_calleridname"] == "Олена"
    assert first.headers["agi_arg_1"] == "route=entry;did=+380800213103;plan=;keys="
    assert first.headers["agi_empty"] == ""
    assert events[1:] == EXPECTED_REPLIES


def test_a_cut_at_any_position_changes_nothing() -> None:
    whole = HEADERS + REPLIES
    expected = _read(whole)
    for position in range(len(whole) + 1):
        assert _read(whole[:position], whole[position:]) == expected, position


def test_byte_by_byte_gives_the_same() -> None:
    whole = HEADERS + REPLIES
    assert _read(*(whole[i : i + 1] for i in range(len(whole)))) == _read(whole)


def test_an_end_at_any_position_gives_a_beginning_of_the_events_and_nothing_else() -> None:
    whole = HEADERS + REPLIES
    expected = _read(whole)
    for position in range(len(whole)):
        events = _read(whole[:position])
        assert events == expected[: len(events)], position
        assert len(events) < len(expected)


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        (b"no colon here\n\n", "a line without a name"),
        (b": value\n\n", "an empty name"),
        (b"agi_arg_1: a\nagi_arg_1: b\n\n", "a name that stands twice"),
        (b"agi_x: " + b"y" * HEADER_LIMIT_BYTES, "an endless line"),
        (b"a: b\n" * (HEADER_LIMIT_BYTES // 5 + 1), "an endless block"),
        (b"".join(b"h%d: v\n" % i for i in range(HEADER_LINES_LIMIT + 1)), "too many lines"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "another protocol"),
    ],
)
def test_bad_headers_are_refused(headers: bytes, why: str) -> None:
    with pytest.raises(ProtocolError):
        _read(headers)


def test_a_header_block_of_exactly_the_limit_is_taken() -> None:
    lines = b"".join(b"h%d: v\n" % i for i in range(HEADER_LINES_LIMIT))
    assert len(_read(lines + b"\n")) == 1


def test_bytes_that_are_no_text_do_not_end_the_session() -> None:
    events = _read(b"agi_calleridname: \x00\xff\xd0\n\n")
    assert events == [HeadersRead(headers={"agi_calleridname": "\x00��"})]


@pytest.mark.parametrize("line", [b"\n", b"hello\n", b"200 nothing\n", b"20 result=0\n", b"HANGUP now\n"])
def test_a_line_that_is_no_reply_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        _read(HEADERS, line)


@pytest.mark.parametrize("endless", [b"200 result=1 (", b"520-Invalid\n"])
def test_an_endless_reply_is_refused(endless: bytes) -> None:
    with pytest.raises(ProtocolError):
        _read(HEADERS, endless + b"x\n" * REPLY_LIMIT_BYTES)


def test_a_result_of_a_thousand_digits_is_refused_and_not_computed() -> None:
    with pytest.raises(ProtocolError):
        _read(HEADERS, b"200 result=" + b"9" * 5_000 + b"\n")


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_any_bytes_give_headers_first_and_once_or_a_protocol_error(chunks: list[bytes]) -> None:
    reader = AgiReader()
    events: list[AgiEvent] = []
    try:
        for chunk in chunks:
            events += reader.feed(chunk)
    except ProtocolError:
        pass
    assert [isinstance(event, HeadersRead) for event in events] == [True, *[False] * (len(events) - 1)][: len(events)]
