"""Trunks asked by SIP OPTIONS, against peers that answer, answer wrongly and are silent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network

import pytest

from asterisk_conf.instance import InstancePaths
from asterisk_conf.site import SiteSettings, Trunk, write_site
from asterisk_conf.state_files import read_trunk_checks, write_clock
from ivr.clock import Clock
from ivr.plans import PlanStore
from ivr.trunks.keeper import TrunkKeeper, TrunkSources, TrunkTimings, is_due
from ivr.trunks.options import OptionsError, SipAddress, address_of, ask_options
from tests.plans import small_plan

ANSWER_S = 5.0
GIVE_UP_S = 0.8
Answers = Callable[[bytes], list[bytes]]


def answer(request: bytes, status: str = "200 OK") -> bytes:
    kept = (
        row for row in request.split(b"\r\n") if row.split(b":")[0] in {b"Via", b"From", b"To", b"Call-ID", b"CSeq"}
    )
    return b"\r\n".join((f"SIP/2.0 {status}".encode(), *kept, b"Content-Length: 0", b"", b""))


class Peer(asyncio.DatagramProtocol):
    """Answers each datagram with what it is told to."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.requests: list[bytes] = []
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # the only kind here
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.requests.append(data)
        assert self._transport is not None
        for each in self._answers(data):
            self._transport.sendto(each, addr)


@asynccontextmanager
async def peer(answers: Answers) -> AsyncIterator[tuple[Peer, str]]:
    """Runs a peer; gives it and its SIP address."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(lambda: Peer(answers), local_addr=("127.0.0.1", 0))
    try:
        yield protocol, f"sip:127.0.0.1:{transport.get_extra_info('sockname')[1]}"
    finally:
        transport.close()


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "405 Method Not Allowed", "503"])
async def test_any_final_answer_shows_that_the_trunk_is_there(status: str) -> None:
    async with peer(lambda request: [answer(request, "100 Trying"), answer(request, status)]) as (asked, uri):
        assert await ask_options(uri, deadline_s=ANSWER_S) == status
    assert asked.requests[0].startswith(f"OPTIONS {uri} SIP/2.0\r\n".encode())
    assert asked.requests[0].endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda _request: [],
        lambda request: [answer(request, "180 Ringing")],
        lambda request: [answer(request)[:40]],
        lambda _request: [
            b"",
            b"\xff\x00SIP/2.0",
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"SIP/2.0 200 OK\r\nCall-ID: another\r\n\r\n",
        ],
    ],
)
async def test_what_is_no_answer_to_the_question_is_none(wrong: Answers) -> None:
    async with peer(wrong) as (asked, uri):
        with pytest.raises(OptionsError, match=r"no answer within 0\.8 s"):
            await ask_options(uri, deadline_s=GIVE_UP_S)
    assert len(asked.requests) == 2
    assert asked.requests[0] == asked.requests[1]


async def test_the_second_request_is_enough() -> None:
    seen: list[bytes] = []

    def late(request: bytes) -> list[bytes]:
        seen.append(request)
        return [answer(request)] if len(seen) > 1 else []

    async with peer(late) as (_, uri):
        assert await ask_options(uri, deadline_s=ANSWER_S) == "200 OK"


@pytest.mark.parametrize(
    ("uri", "host", "port"),
    [
        ("sip:10.0.0.1:5080", "10.0.0.1", 5080),
        ("sip:gate.example", "gate.example", 5060),
        ("sip:line@10.0.0.1;transport=udp", "10.0.0.1", 5060),
        ("sip:[::1]:5070", "::1", 5070),
    ],
)
def test_an_address_is_read(uri: str, host: str, port: int) -> None:
    assert address_of(uri) == SipAddress(host=host, port=port)


@pytest.mark.parametrize("uri", ["", "tel:+380", "sip:", "sip:a:b:c", "sip:a\r\nX: y"])
async def test_what_is_no_address_is_not_asked(uri: str) -> None:
    with pytest.raises(OptionsError):
        await ask_options(uri, deadline_s=ANSWER_S)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        ("2026-11-24T01:59:00", "2026-11-24T01:59:59", False),
        ("2026-11-24T01:59:00", "2026-11-24T02:00:00", True),
        ("2026-11-24T02:00:00", "2026-11-25T01:59:59", False),
        ("2026-11-20T02:00:00", "2026-11-24T00:00:00", True),
        ("2026-11-24T12:00:00", "2026-11-20T12:00:00", False),
        ("2026-07-01T00:59:00", "2026-07-01T01:00:00", True),
        ("2026-03-29T00:59:00", "2026-03-29T01:00:00", True),
        ("2026-10-25T01:59:00", "2026-10-25T02:00:00", True),
    ],
)
def test_trunks_are_asked_at_four_in_the_morning_of_kyiv(last: str, now: str, due: bool) -> None:
    before, after = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (last, now))
    assert is_due(small_plan().calendar, before, after, 4) is due


def keeper(paths: InstancePaths) -> TrunkKeeper:
    clock = Clock(paths.state, is_test=True)
    sources = TrunkSources(site_file=paths.site_file, state=paths.state, plans=PlanStore(paths.state), clock=clock)
    return TrunkKeeper(sources, TrunkTimings(hour=4, poll_s=0.01, answer_s=GIVE_UP_S))


async def test_the_answers_of_a_night_are_kept_and_the_next_night_asks_again(paths: InstancePaths) -> None:
    async with peer(lambda request: [answer(request)]) as (asked, there), peer(lambda _: []) as (_, silent):
        here = (IPv4Network("127.0.0.1/32"),)
        trunks = (
            Trunk(name="there", match=here, sip_uri=there),
            Trunk(name="silent", match=here, sip_uri=silent),
            Trunk(name="inbound", match=here),
        )
        write_site(paths.site_file, SiteSettings(trunks=trunks))
        write_clock(paths.state, 0)
        kept = keeper(paths)
        await kept.keep()
        assert read_trunk_checks(paths.state) == ()
        for night in (1, 2):
            write_clock(paths.state, timedelta(days=night).total_seconds())
            await kept.keep()
            await kept.keep()
            assert len(asked.requests) == night
        found = {each.trunk: (each.is_answering, each.status) for each in read_trunk_checks(paths.state)}
        assert found == {"there": (True, "200 OK"), "silent": (False, "no answer within 0.8 s")}
        write_clock(paths.state, timedelta(days=3).total_seconds())
        await keeper(paths).keep()
        assert len(asked.requests) == 3
