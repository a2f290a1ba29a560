"""Asks a SIP address whether it is there. One request by UDP, from a port of its own; nothing else of SIP.

Source: RFC 3261, sections 11 (OPTIONS) and 17.1.2.2 (retransmission of a request that is no INVITE); RFC 3581 (rport).
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from secrets import token_hex

_ADDRESS = re.compile(
    r"sips?:(?:[^@;?]+@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^:;?@\[\]]+)(?::(?P<port>[0-9]{1,5}))?(?:[;?].*)?"
)
_STATUS = re.compile(r"SIP/2\.0 (?P<status>[2-6][0-9]{2}[^\r\n]*)\r?\n")
_PORT = 5060
_FIRST_WAIT_S = 0.5
"""T1, which doubles up to T2."""
_LONGEST_WAIT_S = 4.0
_LONGEST_STATUS_CHARS = 60


class OptionsError(Exception):
    """The address gave no answer; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SipAddress:
    """Where requests go."""

    host: str
    port: int


def address_of(uri: str) -> SipAddress:
    """Reads `sip:10.0.0.1:5060`.

    Raises:
        OptionsError: It is no SIP address.
    """
    found = _ADDRESS.fullmatch(uri)
    if found is None:
        raise OptionsError("not a SIP address")
    return SipAddress(host=found["host"].strip("[]"), port=int(found["port"] or _PORT))


class _Answer(asyncio.DatagramProtocol):
    """Takes datagrams until one is the final answer to the request."""

    def __init__(self, call_id: str) -> None:
        self._call_id = call_id
        self.status: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _addr: object) -> None:
        text = data.decode("utf-8", "replace")
        found = _STATUS.match(text)
        if found is not None and self._call_id in text and not self.status.done():
            shown = "".join(char for char in found["status"] if char.isprintable())
            self.status.set_result(shown[:_LONGEST_STATUS_CHARS].strip())

    def error_received(self, exc: Exception) -> None:
        if not self.status.done():
            self.status.set_exception(OptionsError(f"nobody is there ({type(exc).__name__})"))


async def ask_options(uri: str, *, deadline_s: float, from_address: str = "0.0.0.0") -> str:  # noqa: S104  any way out
    """Gives the final answer of a SIP address, status and words: `200 OK`. Any answer shows that it is there.

    Args:
        uri: The address, `sip:10.0.0.1:5060`.
        deadline_s: How long an answer is waited for.
        from_address: The address that it is asked from.

    Raises:
        OptionsError: There was none.
    """
    address = address_of(uri)
    call_id = token_hex(16)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(deadline_s):
            transport, answer = await loop.create_datagram_endpoint(
                lambda: _Answer(call_id), local_addr=(from_address, 0), remote_addr=(address.host, address.port)
            )
            try:
                return await _ask(transport, answer, _request(uri, call_id, *transport.get_extra_info("sockname")[:2]))
            finally:
                transport.close()
    except TimeoutError:
        raise OptionsError(f"no answer within {deadline_s:g} s") from None
    except OSError as error:
        raise OptionsError(f"not reached ({error.strerror or type(error).__name__})") from error


async def _ask(transport: asyncio.DatagramTransport, answer: _Answer, request: bytes) -> str:
    for wait_s in _waits_s():
        transport.sendto(request)
        await asyncio.wait((answer.status,), timeout=wait_s)
        if answer.status.done():
            break
    return answer.status.result()


def _waits_s() -> Iterator[float]:
    """Gives how long each request waits before the next one, without end."""
    wait_s = _FIRST_WAIT_S
    while True:
        yield wait_s
        wait_s = min(wait_s * 2, _LONGEST_WAIT_S)


def _request(uri: str, call_id: str, host: str, port: int) -> bytes:
    rows = (
        f"OPTIONS {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{call_id}",
        f"From: <sip:check@{host}>;tag={call_id[:8]}",
        f"To: <{uri}>",
        f"Call-ID: {call_id}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:check@{host}:{port}>",
        "Max-Forwards: 70",
        "Accept: application/sdp",
        "Content-Length: 0",
    )
    return ("\r\n".join((*rows, "", ""))).encode()
