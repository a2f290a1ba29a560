"""The tools of the live tests themselves: what they promise must be so, or other tests prove nothing."""

import struct
from pathlib import Path

import pytest

from tests.live import dtmf_pcap
from tests.live.ports import free_ports
from tests.live.promises import Promises
from tests.live.sipp import Dtmf, ExpectFailure, Invite, Result, Scenario
from tests.live.waiting import until

RTP_AT = 24 + 16 + 14 + 20 + 8
"""File header, packet header, Ethernet, IP, UDP."""


def test_a_promise_that_nobody_redeems_is_named() -> None:
    promises = Promises()
    kept = promises.make("the caller reaches chernivtsi")
    promises.make("the caller hears music")
    kept.redeem()
    assert promises.broken() == ("the caller hears music",)


async def test_waiting_ends_with_what_was_seen_last() -> None:
    async def look() -> int:
        return 41

    with pytest.raises(AssertionError, match="the answer; seen last: 41"):
        await until("the answer", look, lambda seen: seen == 42, deadline_s=0)
    assert await until("the answer", look) == 41


@pytest.mark.parametrize(("key", "event"), [("0", 0), ("9", 9), ("*", 10), ("#", 11), ("D", 15)])
def test_a_press_is_written_as_its_telephone_event(tmp_path: Path, key: str, event: int) -> None:
    dtmf_pcap.write_press(tmp_path / "press.pcap", key, 0)
    rtp = (tmp_path / "press.pcap").read_bytes()[RTP_AT:]
    assert rtp[1] & 0x7F == dtmf_pcap.EVENT_PAYLOAD_TYPE
    assert rtp[12] == event


def test_later_presses_have_later_timestamps(tmp_path: Path) -> None:
    stamps = []
    for order in range(3):
        dtmf_pcap.write_press(tmp_path / "press.pcap", "1", order)
        content = (tmp_path / "press.pcap").read_bytes()
        stamps.append(struct.unpack_from("!HI", content, RTP_AT + 2))
    assert stamps == sorted(set(stamps))


def test_ports_are_never_given_twice() -> None:
    first, second = free_ports(4), free_ports(4)
    assert first[0] % 2 == 0
    assert set(first).isdisjoint(second)
    assert list(first) == list(range(first[0], first[0] + 4))


@pytest.mark.parametrize(
    "result",
    [
        Result(exit_code=1, successful=1, failed=0, errors="unexpected 404"),
        Result(exit_code=0, successful=1, failed=1, errors="unexpected 404"),
        Result(exit_code=0, successful=0, failed=0, errors="unexpected 404"),
    ],
)
def test_a_failed_caller_is_told_in_sipps_own_words(result: Result) -> None:
    with pytest.raises(AssertionError, match="unexpected 404"):
        result.assert_all_succeeded()


def test_steps_become_a_scenario(tmp_path: Path) -> None:
    xml = Scenario(tmp_path).xml([Invite(did="123", name="A"), Dtmf("1"), ExpectFailure(404)])
    assert "INVITE sip:123@[remote_ip]" in xml
    assert f'play_pcap_audio="{tmp_path}/press0.pcap"' in xml
    assert '<recv response="404"' in xml
