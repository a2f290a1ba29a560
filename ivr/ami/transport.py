"""The only module that imports panoramisk: its Manager opens the connection, everything after that is ours.

Left out on purpose (panoramisk 1.4): its reconnect every 2 s (it knows no refused login), its pinger (it does not
notice missing answers), its sending again of unanswered actions, and its event dispatch (an exception in a callback
drops the connection). `tests/contract/ivr/test_ami_link.py` shows what must not happen.
"""

import asyncio

import panoramisk

from ivr.ami.protocol import AmiProtocol, EventSink


class _Connector(panoramisk.Manager):  # type: ignore[misc]  # panoramisk ships no types
    """A Manager that connects once and then leaves the session alone."""

    def connection_made(self, f: object) -> None:
        """Takes the place of panoramisk's login and pinger; `f` is the finished attempt."""
        del f


async def open_session(host: str, port: int, sink: EventSink, deadline_s: float) -> AmiProtocol:
    """Connects to Asterisk's manager and waits for its banner; nobody is logged in yet.

    Raises:
        OSError: Nothing listens there.
        TimeoutError: No connection or no banner within `deadline_s`.
        ConnectionError: The session ended before the banner.
    """
    async with asyncio.timeout(deadline_s):
        protocol = await _connect(host, port, sink)
        try:
            await _wait_banner(protocol)
        except BaseException:
            protocol.close()
            raise
    return protocol


async def _wait_banner(protocol: AmiProtocol) -> None:
    await asyncio.wait((protocol.banner_read, protocol.lost), return_when=asyncio.FIRST_COMPLETED)
    if not protocol.banner_read.done() or protocol.banner_read.cancelled():
        raise ConnectionError("the session ended before Asterisk's banner")


async def _connect(host: str, port: int, sink: EventSink) -> AmiProtocol:
    connector = _Connector(
        host=host, port=port, loop=asyncio.get_running_loop(), protocol_factory=lambda: AmiProtocol(sink)
    )
    attempt: asyncio.Task[tuple[asyncio.Transport, AmiProtocol]] = connector.connect()
    _, protocol = await attempt
    return protocol
