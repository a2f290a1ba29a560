"""The FastAGI server against peers that behave badly, each followed by a call that goes through."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from ivr.agi.errors import CallerHungUp, ProtocolError
from ivr.agi.health_client import UnhealthyError, ask_health
from ivr.agi.protocol import HeadersRead, Succeeded
from ivr.agi.server import AgiServer, ServerLimits
from ivr.agi.session import AgiSession, Deadlines
from tests.contract.ivr.fake_asterisk import FakeCall, facts_payload, header_block

ENTRY = header_block("entry", facts_payload("entry"))


async def _send(port: int, *chunks: bytes, is_ended: bool = False) -> bytes:
    """Sends chunks and gives what came until the server closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
        if is_ended:
            writer.write_eof()
        return await reader.read()
    except ConnectionResetError:
        return b"(reset)"
    finally:
        writer.close()


async def _converse(port: int, *answers: bytes) -> bytes:
    """Begins a session and answers each command in turn; gives all that the server sent until it closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent = b""
    try:
        writer.write(ENTRY)
        for answer in answers:
            sent += await reader.readline()
            writer.write(answer)
        return sent + await reader.read()
    except ConnectionResetError:
        return sent + b"(reset)"
    finally:
        writer.close()


async def _a_call_goes_through(port: int) -> None:
    call = await FakeCall(keys=["2"]).run(port, "entry", facts_payload("entry"))
    assert call.outcome == "queue"


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) + b"\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"no colon\n\n",
        b"a: " + b"x" * 20_000,
        b"".join(b"h%d: v\n" % i for i in range(100)),
        header_block("unknown-script", ""),
        header_block("", ""),
        b"\n",
    ],
)
async def test_garbage_is_closed_at_once_and_the_next_call_goes_through(
    port: int, server: AgiServer, garbage: bytes
) -> None:
    assert await _send(port, garbage) in (b"", b"(reset)")
    assert server.faults == 1
    await _a_call_goes_through(port)


async def test_headers_that_never_end_are_closed_at_the_deadline(port: int, server: AgiServer) -> None:
    assert await _send(port, ENTRY[:-1]) in (b"", b"(reset)")
    assert (server.faults, server.connections) == (1, 0)


async def test_a_connection_that_ends_within_its_headers_is_forgotten(port: int, server: AgiServer) -> None:
    for position in (0, 1, len(ENTRY) // 2, len(ENTRY) - 1):
        assert await _send(port, ENTRY[:position], is_ended=True) == b""
    assert (server.connections, server.sessions) == (0, 0)
    await _a_call_goes_through(port)


async def test_connect_and_close_leaves_nothing_behind(port: int, server: AgiServer) -> None:
    for _ in range(200):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await writer.wait_closed()
    await _a_call_goes_through(port)
    assert server.sessions == 0


async def test_headers_byte_by_byte_are_read(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for position in range(len(ENTRY)):
        writer.write(ENTRY[position : position + 1])
        await writer.drain()
    assert await reader.readline() == b'SET VARIABLE "HOTLINE_DIGITS" ""\n'
    writer.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"200 result=1\n200 result=1\n",
        b"nonsense\n",
        b"200 result=1 (" + b"x" * 70_000,
        b"agi_network: yes\n\n",
        b"520-usage\n" + b"usage\n" * 20_000,
    ],
)
async def test_an_answer_that_is_none_ends_the_session_without_an_outcome(
    port: int, server: AgiServer, answer: bytes
) -> None:
    sent = await _converse(port, answer)
    assert b"HOTLINE_OUTCOME" not in sent
    assert server.faults >= 1
    await _a_call_goes_through(port)


async def test_a_hang_up_line_before_the_reply_is_a_hang_up(port: int, server: AgiServer) -> None:
    sent = await _converse(port, b"HANGUP\n200 result=1\n")
    assert sent == b'SET VARIABLE "HOTLINE_DIGITS" ""\n'
    assert server.faults == 0


async def test_over_the_cap_a_connection_is_closed_at_once_and_others_go_on(held: "Held") -> None:
    first = asyncio.create_task(_send(held.port, header_block("hold", "")))
    await held.entered.wait()
    assert await _send(held.port, header_block("hold", "")) in (b"", b"(reset)")
    assert held.server.refused == 1
    held.release.set()
    assert await first == b""
    assert held.server.completed == 1


async def test_drain_refuses_new_calls_and_lets_an_open_one_finish(held: "Held") -> None:
    open_call = asyncio.create_task(_send(held.port, header_block("hold", "")))
    await held.entered.wait()
    draining = asyncio.create_task(held.server.drain())
    await _wait_refused(held.port)
    held.release.set()
    await draining
    assert await open_call == b""
    assert held.server.completed == 1


async def _wait_refused(port: int) -> None:
    """Waits until nobody listens any more."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            return
        except ConnectionResetError:
            continue
        writer.close()
        await asyncio.sleep(0)


async def test_drain_cancels_a_call_that_does_not_finish_in_time(held: "Held") -> None:
    open_call = asyncio.create_task(_send(held.port, header_block("hold", "")))
    await held.entered.wait()
    await held.server.drain()
    assert await open_call in (b"", b"(reset)")
    assert (held.server.sessions, held.server.connections, held.server.completed) == (0, 0, 0)


class Held:
    """A server with room for one session, whose only flow waits to be released."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.release = asyncio.Event()
        limits = ServerLimits(sessions=1, drain_s=0.2, deadlines=Deadlines())
        self.server = AgiServer({"hold": self._hold}, limits)
        self.port = 0

    async def _hold(self, session: AgiSession) -> None:
        self.entered.set()
        await self.release.wait()


@pytest.fixture
async def held() -> AsyncIterator[Held]:
    made = Held()
    made.port = await made.server.start("127.0.0.1", 0)
    yield made
    await made.server.drain()


async def _with_session(use: Callable[[AgiSession], Awaitable[None]], *answers: bytes) -> bytes:
    """Runs `use` as a flow against an Asterisk that answers so, and gives what it was sent."""
    problems: list[BaseException] = []

    async def flow(session: AgiSession) -> None:
        try:
            await use(session)
        except BaseException as error:
            problems.append(error)
            raise

    server = AgiServer({"entry": flow}, ServerLimits(deadlines=Deadlines(command_s=0.5)))
    port = await server.start("127.0.0.1", 0)
    sent = await _converse(port, *answers)
    await server.drain()
    if problems:
        raise problems[0]
    return sent


async def test_two_commands_at_once_are_refused() -> None:
    async def use(session: AgiSession) -> None:
        first = asyncio.create_task(session.no_operation("1"))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="one command at a time"):
            await session.no_operation("2")
        await first

    assert await _with_session(use, b"200 result=0\n") == b'NOOP "1"\n'


async def test_a_result_of_minus_one_while_waiting_for_a_key_is_a_hang_up() -> None:
    async def use(session: AgiSession) -> None:
        await session.wait_for_key(1.5)

    with pytest.raises(CallerHungUp):
        await _with_session(use, b"200 result=-1\n")


async def test_after_a_hang_up_no_further_command_is_sent() -> None:
    async def use(session: AgiSession) -> None:
        for text in ("1", "2"):
            with pytest.raises(CallerHungUp):
                await session.no_operation(text)

    assert await _with_session(use, b"HANGUP\n511 dead\n") == b'NOOP "1"\n'


def test_an_event_that_answers_nothing_is_a_fault() -> None:
    session = AgiSession(_NoTransport(), {}, Deadlines())
    for event in (HeadersRead(headers={}), Succeeded(result=0, value=None, end_position_samples=None)):
        with pytest.raises(ProtocolError):
            session.receive(event)


class _NoTransport(asyncio.WriteTransport):
    """A transport that nothing is written to."""


async def test_health_is_told_in_the_protocol_itself(port: int, server: AgiServer) -> None:
    await asyncio.to_thread(ask_health, "127.0.0.1", port, 2.0)
    await server.drain()
    assert server.completed == 1
    with pytest.raises(UnhealthyError):
        await asyncio.to_thread(ask_health, "127.0.0.1", port, 2.0)


async def test_a_server_that_speaks_something_else_is_not_healthy() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"220 hello\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        with pytest.raises(UnhealthyError):
            await asyncio.to_thread(ask_health, "127.0.0.1", port, 2.0)


async def test_forty_calls_at_once_each_get_their_own_decision(port: int, server: AgiServer) -> None:
    keys = ["2" if number % 2 else "4" for number in range(40)]
    calls = [FakeCall(keys=[key]).run(port, "entry", facts_payload("entry")) for key in keys]
    done = await asyncio.gather(*calls)
    expected = ["guidance" if key == "2" else "detention" for key in keys]
    assert [call.variables["HOTLINE_SERVICE"] for call in done] == expected
    assert (server.completed, server.faults) == (40, 0)
