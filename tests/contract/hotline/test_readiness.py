"""Questions of readiness, asked of real servers on loopback."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from hotline.readiness import explain_unready, run_quietly, wait_agi, wait_asterisk, wait_http

DEADLINE_S = 10.0


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that gives one answer a connection, the last one for ever; tells its port and what it was asked."""
    left, asked = list(answers), list[bytes]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\n\n" if agi else b"\r\n\r\n"))
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()
        writer.close()

    agi = answers[0].startswith(b"NOOP")
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield str(server.sockets[0].getsockname()[1]), asked


def http(status: str, body: bytes = b"") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


async def test_a_page_is_asked_until_it_answers_200() -> None:
    async with answering(http("503 No"), http("503 No"), http("200 OK")) as (port, asked):
        async with asyncio.timeout(DEADLINE_S):
            await wait_http(f"http://127.0.0.1:{port}/readyz")
        assert len(asked) == 3


async def test_what_is_not_ready_tells_why_in_the_words_of_the_page() -> None:
    async with answering(http("503 No", b'{"reasons":["no AMI"]}')) as (port, _asked):
        assert await explain_unready(f"http://127.0.0.1:{port}/readyz") == '{"reasons":["no AMI"]}'


async def test_a_fastagi_server_is_asked_in_its_own_protocol() -> None:
    async with answering(b'NOOP "something else"\n', b'NOOP "ready"\n') as (port, asked):
        async with asyncio.timeout(DEADLINE_S):
            await wait_agi("127.0.0.1", int(port))
        assert asked == [b"agi_network_script: health\n\n"] * 2


async def test_asterisk_is_ready_when_its_console_says_so() -> None:
    async with asyncio.timeout(DEADLINE_S):
        await wait_asterisk((sys.executable, "-c", "print('Asterisk has fully booted.')"))


async def test_asterisk_that_does_not_run_is_not_ready() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await wait_asterisk(("/bin/sh", "-c", "echo Unable to connect to remote asterisk; exit 1"))


async def test_output_and_exit_code_of_a_command_come_back() -> None:
    assert await run_quietly(("/bin/sh", "-c", "echo out; echo err >&2; exit 3")) == (3, "out\nerr\n")
