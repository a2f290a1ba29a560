"""A caller made of two UDP sockets, who does what no proper telephone does, at the moment that a test chooses.

SIPp plays a scenario written beforehand; this caller hangs up when the test has seen a state, floods keys, leaves a
dialog half done. It answers what the line asks (BYE), and repeats an ACK that the line has not heard.
"""

import asyncio
import itertools
import os
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.live.dtmf_pcap import PACKET_MS, rtp_of_press
from tests.live.sipp import TRUNK
from tests.live.waiting import until

SILENCE_S = 0.4
"""Without a packet for so long the line is silent: Asterisk sends one every 20 ms while it plays."""
OK = 200
TERMINATED = 487
Address = tuple[str, int]
_names = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A SIP message from the line."""

    start: str
    headers: dict[str, str]
    body: str

    @property
    def status(self) -> int:
        """Gives the code of an answer; 0: it is a request."""
        found = re.match(r"SIP/2\.0 (\d{3})", self.start)
        return int(found[1]) if found else 0

    @property
    def method(self) -> str:
        """Gives what it asks, or what it answers."""
        return self.headers["cseq"].split()[1]


def parse(content: bytes) -> Message:
    """Reads one SIP message; of a header that stands twice the first counts."""
    head, _, body = content.decode("utf-8", "replace").partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return Message(start=start, headers=headers, body=body)


class _Socket(asyncio.DatagramProtocol):
    """Hands every datagram on."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._take(data)


class BareCaller:
    """One caller with one call. Made by `bare_caller`."""

    def __init__(self, number: str, line: Address, address: str = TRUNK) -> None:
        self.number = number
        self.address = address
        self.did = "0800213103"
        self.from_header = f"<sip:{number.replace('+', '%2B')}@{self.address}>"
        self._line = line
        self._dialog = f"bare{os.getpid()}x{next(_names)}"
        self._sip: asyncio.DatagramTransport | None = None
        self._rtp: asyncio.DatagramTransport | None = None
        self._media: Address | None = None
        self._answer: Message | None = None
        self._is_acknowledged = False
        self._cseq = itertools.count(2)
        self._presses = itertools.count()
        self._heard_at: float | None = None
        self.messages: list[Message] = []
        """Everything that the line said."""

    async def open(self) -> None:
        """Opens the sockets."""
        loop = asyncio.get_running_loop()
        address = (self.address, 0)
        self._sip, _ = await loop.create_datagram_endpoint(lambda: _Socket(self._take), local_addr=address)
        self._rtp, _ = await loop.create_datagram_endpoint(lambda: _Socket(self._hear), local_addr=address)

    def close(self) -> None:
        """Closes the sockets."""
        for socket in (self._sip, self._rtp):
            if socket is not None:
                socket.close()

    # --- what the caller says

    def invite(self, *, sdp: str | None = None, headers: Sequence[str] = ()) -> None:
        """Dials; `sdp` replaces the description of the caller's media, an empty one leaves it out."""
        self.send(self._invite(self.sdp() if sdp is None else sdp, headers))

    def acknowledge(self) -> None:
        """Sends the ACK of a 200, which was waited for."""
        self._is_acknowledged = True
        self.send(self.request("ACK", cseq=1))

    async def take_back(self) -> int:
        """Cancels the INVITE; if the line's answer was quicker, hangs up. Gives what the line answered."""
        self.send(self.request("CANCEL", cseq=1, branch="invite", is_in_dialog=False))
        status = await self.wait_status(OK, TERMINATED)
        if status == OK:
            self.acknowledge()
            self.hang_up()
        return status

    def hang_up(self) -> None:
        """Sends BYE; the answer is not waited for."""
        self.send(self.request("BYE"))

    def send_info(self, key: str) -> None:
        """Sends a key as SIP INFO. Source: res/res_pjsip_dtmf_info.c of Asterisk 22."""
        body = f"Signal={key}\r\nDuration=160\r\n"
        self.send(self.request("INFO", body=body, content_type="application/dtmf-relay"))

    async def press(self, key: str) -> None:
        """Presses a key (RFC 4733)."""
        for packet in rtp_of_press(key, next(self._presses)):
            self.send_rtp(packet)
            await asyncio.sleep(PACKET_MS / 1_000)

    async def flood(self, keys: str) -> None:
        """Presses keys as fast as the socket takes them: all packets at once, no pause between two presses."""
        for key in keys:
            for packet in rtp_of_press(key, next(self._presses)):
                self.send_rtp(packet)
            await asyncio.sleep(0)

    def send_rtp(self, packet: bytes) -> None:
        """Sends one datagram to the line's media port."""
        assert self._rtp is not None
        assert self._media is not None, "no answer told where the media goes"
        self._rtp.sendto(packet, self._media)

    def send(self, text: str) -> None:
        """Sends one message as it stands."""
        assert self._sip is not None
        self._sip.sendto(text.encode("utf-8", "surrogateescape"), self._line)

    def sdp(self) -> str:
        """Gives the description of the caller's media."""
        assert self._rtp is not None
        port = self._rtp.get_extra_info("sockname")[1]
        rows = ("v=0", f"o=caller 1 1 IN IP4 {self.address}", "s=-", f"c=IN IP4 {self.address}", "t=0 0")
        media = (f"m=audio {port} RTP/AVP 8 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000")
        return "\r\n".join((*rows, *media, "a=fmtp:101 0-16", ""))

    def request(  # the parts of a SIP message, all by name
        self,
        method: str,
        *,
        cseq: int | None = None,
        branch: str | None = None,
        is_in_dialog: bool = True,
        headers: Sequence[str] = (),
        body: str = "",
        content_type: str = "",
    ) -> str:
        """Gives a message of this call."""
        assert self._sip is not None
        number = next(self._cseq) if cseq is None else cseq
        host = f"{self.address}:{self._sip.get_extra_info('sockname')[1]}"
        target = f"sip:{self.did}@{self._line[0]}:{self._line[1]}"
        to = self._answer.headers["to"] if self._answer is not None and is_in_dialog else f"<{target}>"
        rows = [
            f"{method} {target} SIP/2.0",
            f"Via: SIP/2.0/UDP {host};branch=z9hG4bK{self._dialog}{branch or f'{method}{number}'}",
            f"From: {self.from_header};tag={self._dialog}",
            f"To: {to}",
            f"Call-ID: {self._dialog}@{self.address}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:caller@{host}>",
            "Max-Forwards: 70",
            *headers,
            *([f"Content-Type: {content_type}"] if body else []),
            f"Content-Length: {len(body.encode())}",
        ]
        return "\r\n".join([*rows, "", body])

    def _invite(self, sdp: str, headers: Sequence[str]) -> str:
        return self.request(
            "INVITE",
            cseq=1,
            branch="invite",
            is_in_dialog=False,
            headers=headers,
            body=sdp,
            content_type="application/sdp",
        )

    # --- what the caller waits for

    async def answered(self) -> None:
        """Waits for the line's 200, and acknowledges it."""
        await self.wait_status(OK)
        self.acknowledge()

    async def wait_status(self, *codes: int) -> int:
        """Waits for one of these answers to the INVITE."""

        async def look() -> list[int]:
            return [each.status for each in self.messages if each.method == "INVITE" and each.status in codes]

        return (await until(f"{self.number}: one of {codes} comes", look))[0]

    async def hears(self) -> None:
        """Waits until the line plays something."""

        async def look() -> float | None:
            return self._heard_at

        await until(f"{self.number} hears something", look, lambda at: at is not None)

    async def hears_nothing(self) -> None:
        """Waits until the line, which played something, has fallen silent."""
        loop = asyncio.get_running_loop()

        async def look() -> float:
            return loop.time() - (self._heard_at or loop.time())

        await until(f"{self.number} hears nothing", look, lambda quiet_s: quiet_s > SILENCE_S)

    async def is_hung_up(self) -> None:
        """Waits until the line has hung up."""

        async def look() -> bool:
            return any(each.method == "BYE" and not each.status for each in self.messages)

        await until(f"the line hangs up on {self.number}", look)

    # --- what comes

    def _hear(self, _packet: bytes) -> None:
        self._heard_at = asyncio.get_running_loop().time()

    def _take(self, content: bytes) -> None:
        if not content.strip():
            return
        message = parse(content)
        self.messages.append(message)
        if not message.status:
            self._reply(message)
        elif message.method == "INVITE" and message.status >= OK:
            self._take_final(message)

    def _take_final(self, message: Message) -> None:
        if message.status != OK:
            self._answer = message
            self.send(self.request("ACK", cseq=1, branch="invite"))
            return
        if self._is_acknowledged:
            self.acknowledge()
        self._answer = message
        port = re.search(r"^m=audio (\d+)", message.body, re.MULTILINE)
        host = re.search(r"^c=IN IP4 (\S+)", message.body, re.MULTILINE)
        if port and host:
            self._media = (host[1], int(port[1]))

    def _reply(self, message: Message) -> None:
        names = ("via", "from", "to", "call-id", "cseq")
        rows = [f"{name}: {message.headers[name]}" for name in names if name in message.headers]
        if message.method != "ACK":
            self.send("\r\n".join(["SIP/2.0 200 OK", *rows, "Content-Length: 0", "", ""]))


@asynccontextmanager
async def bare_caller(number: str, sip_port: int, address: str = TRUNK) -> AsyncIterator[BareCaller]:
    """Gives a caller of the self-test trunk while the block lasts; the sockets are closed, the call is not ended."""
    caller = BareCaller(number, ("127.0.0.1", sip_port), address)
    await caller.open()
    try:
        yield caller
    finally:
        caller.close()
