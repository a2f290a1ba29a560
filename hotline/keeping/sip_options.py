"""Asks a SIP server whether it is there: one OPTIONS request over UDP.

Source: RFC 3261, sections 11 (OPTIONS) and 17.1.2 (retransmission over UDP).
"""

import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass

from hotline.errors import HotlineError

FIRST_WAIT_S = 0.5
"""T1; each wait is twice as long as the one before."""
TRIES = 4
ANSWER_LIMIT_BYTES = 65_535
MAGIC_COOKIE = "z9hG4bK"


class NoAnswerError(HotlineError):
    """Nobody answered as a SIP server does; the text says what to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SipAnswer:
    """What a server answered. Any answer shows that it is there and reached."""

    status: int
    reason: str


def ask_options(address: str, port: int, *, own_address: str, first_wait_s: float = FIRST_WAIT_S) -> SipAnswer:
    """Sends OPTIONS from `own_address` (any port) and waits for the answer, in all 15 times `first_wait_s`.

    Raises:
        NoAnswerError: None came.
    """
    call_id = secrets.token_hex(8)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.bind((own_address, 0))
            client.connect((address, port))
            request = _request(address, port, client.getsockname(), call_id)
            for attempt in range(TRIES):
                client.settimeout(first_wait_s * 2**attempt)
                client.send(request)
                with suppress(TimeoutError):
                    return _wait(client, call_id)
    except OSError as error:
        raise NoAnswerError(f"{address}:{port}: {error.strerror or error}") from error
    raise NoAnswerError(
        f"{address}:{port} did not answer OPTIONS from {own_address}: look at the address, at the firewall on the way, "
        "and whether the provider knows this machine's address"
    )


def parse_answer(datagram: bytes, call_id: str) -> SipAnswer | None:
    """Reads a final answer to the request with this Call-ID; None: it is something else."""
    lines = datagram.decode("utf-8", errors="replace").split("\r\n")
    version, _, rest = lines[0].partition(" ")
    status, _, reason = rest.partition(" ")
    ids = [row.partition(":")[2].strip() for row in lines[1:] if row.lower().startswith(("call-id:", "i:"))]
    is_ours = version == "SIP/2.0" and call_id in ids
    if not is_ours or not status.isascii() or not status.isdigit() or not 200 <= int(status) <= 699:  # noqa: PLR2004  RFC 3261, 7.2
        return None
    return SipAnswer(status=int(status), reason="".join(filter(str.isprintable, reason)))


def _wait(client: socket.socket, call_id: str) -> SipAnswer:
    """Waits for the answer within the socket's timeout; what is none of ours is passed over."""
    while True:
        answer = parse_answer(client.recv(ANSWER_LIMIT_BYTES), call_id)
        if answer is not None:
            return answer


def _request(address: str, port: int, own: tuple[str, int], call_id: str) -> bytes:
    own_address, own_port = own
    rows = (
        f"OPTIONS sip:{address}:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP {own_address}:{own_port};rport;branch={MAGIC_COOKIE}{secrets.token_hex(8)}",
        "Max-Forwards: 70",
        f"From: <sip:hotline@{own_address}>;tag={secrets.token_hex(4)}",
        f"To: <sip:{address}:{port}>",
        f"Call-ID: {call_id}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:hotline@{own_address}:{own_port}>",
        "Accept: application/sdp",
        "Content-Length: 0",
    )
    return ("\r\n".join(rows) + "\r\n\r\n").encode()
