"""Recorded bytes of Asterisk 22's manager, cut everywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.ami.errors import UnsafeField
from ivr.ami.frames import FRAME_LIMIT_BYTES, Frame, FrameError, FrameReader
from ivr.ami.protocol import write_action

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
RECORDED = (
    BANNER
    + (
        "Response: Success\r\nActionID: hotline-1\r\nMessage: Authentication accepted\r\n\r\n"
        "Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 12\r\nLastReload: 12\r\nStatus: Fully Booted\r\n\r\n"
        "Event: QueueMemberAdded\r\nPrivilege: agent,all\r\nQueue: sumy\r\nMemberName: Юрист 01, Суми\r\n"
        "Interface: PJSIP/s01\r\nPaused: 0\r\n\r\n"
        "Event: UserEvent\r\nVariable: a=1\r\nvariable: b=2\r\nNo colon\r\nEmpty:\r\nColon: a: b\r\n\r\n"
    ).encode()
)


def _read(*chunks: bytes) -> list[Frame]:
    reader = FrameReader()
    return [frame for chunk in chunks for frame in reader.feed(chunk)]


def test_frames_are_read_in_order() -> None:
    response, booted, member, repeated = _read(RECORDED)
    assert (response.is_success, response.action_id, response.event) == (True, "hotline-1", None)
    assert booted.event == "FullyBooted"
    assert member.first("membername") == "Юрист 01, Суми"
    assert repeated.first("Variable") == "a=1"
    assert repeated.every("Variable") == ("a=1", "b=2")
    assert repeated.first("Empty") == ""
    assert repeated.first("Colon") == "a: b"
    assert repeated.first("Missing") is None


def test_a_cut_at_any_position_changes_nothing() -> None:
    expected = _read(RECORDED)
    for position in range(len(RECORDED) + 1):
        assert _read(RECORDED[:position], RECORDED[position:]) == expected, position


def test_byte_by_byte_gives_the_same() -> None:
    assert _read(*(RECORDED[i : i + 1] for i in range(len(RECORDED)))) == _read(RECORDED)


def test_an_end_at_any_position_gives_a_beginning_of_the_frames() -> None:
    expected = _read(RECORDED)
    for position in range(len(RECORDED)):
        frames = _read(RECORDED[:position])
        assert frames == expected[: len(frames)]
        assert len(frames) < len(expected)


@pytest.mark.parametrize("cut", [1, 65_536, 2_000_000])
def test_an_event_of_five_megabytes_is_dropped_and_counted_and_the_next_is_read(cut: int) -> None:
    huge = b"Event: Huge\r\nText: " + b"x" * (5 * FRAME_LIMIT_BYTES) + b"\r\n\r\n"
    after = b"Event: After\r\n\r\n"
    reader = FrameReader()
    chunks = [BANNER, huge[:-cut], huge[-cut:], after]
    frames = [frame for chunk in chunks for frame in reader.feed(chunk)]
    assert [frame.event for frame in frames] == ["After"]
    assert reader.oversized == 1


@pytest.mark.parametrize(
    "beginning", [b"SSH-2.0-x\r\n", b"Asterisk Call Mis\r\n", b"A" * 300, BANNER[:22] + b"9" * 300]
)
def test_a_session_without_the_banner_is_refused(beginning: bytes) -> None:
    with pytest.raises(FrameError):
        _read(beginning)


@given(st.lists(st.binary(max_size=100), max_size=20))
def test_any_bytes_behind_the_banner_give_frames_and_no_fault(chunks: list[bytes]) -> None:
    frames = _read(BANNER, *chunks)
    assert len(frames) <= sum(map(len, chunks)) // 4


@pytest.mark.parametrize("bad", ["a\r\nAction: Originate", "a\nb", "\0", "\ud800"])
def test_a_value_that_would_begin_another_action_is_refused_everywhere(bad: str) -> None:
    for fields in ({"Queue": bad}, {bad: "x"}, {"Variable": ("a", bad)}):
        with pytest.raises(UnsafeField):
            write_action("QueuePause", "id", fields)
    with pytest.raises(UnsafeField):
        write_action(bad, "id", {})


def test_a_name_with_a_colon_is_refused() -> None:
    with pytest.raises(UnsafeField):
        write_action("Ping", "id", {"A: b": "x"})


def test_an_action_is_written_with_its_repeated_headers() -> None:
    written = write_action("Originate", "7", {"Priority": 1, "Variable": ("a=1", "b=2")})
    assert written == b"Action: Originate\r\nActionID: 7\r\nPriority: 1\r\nVariable: a=1\r\nVariable: b=2\r\n\r\n"
