"""The link to Asterisk's manager interface: logs in, watches, reconnects, and never sends an action twice.

AMI has no replay: what happens while the link is down is not told later. It is a live hint, never the record; `gaps`
counts how often something may have been missed.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import structlog

from ivr.ami import transport
from ivr.ami.errors import ActionOverdue, AmiError, LoginRefused, NotConnected
from ivr.ami.frames import Frame
from ivr.ami.protocol import AmiProtocol, FieldValue
from ivr.ami.pump import EventPump
from ivr.backoff import Backoff

_log = structlog.stdlib.get_logger("ivr.ami")


class LinkState(StrEnum):
    """Where the link stands; the values are those of the live report."""

    CONNECTING = "connecting"
    LOGGING_IN = "logging_in"
    UP = "up"
    REFUSED = "refused"
    """Asterisk refused the login: one alarm, then attempts far apart."""
    DRAINING = "draining"
    """Asterisk is about to stop: it refuses every action until its last call is over."""
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTimings:
    """Deadlines and intervals, in seconds."""

    connect_s: float = 5.0
    action_s: float = 5.0
    booted_s: float = 60.0
    """How long Asterisk may take to boot after it accepted the login."""
    ping_every_s: float = 5.0
    backoff: Backoff = field(default_factory=lambda: Backoff(first_s=0.5, longest_s=5.0))
    refused_wait_s: float = 60.0


class AmiLink:
    """One link, run by one task (`run`); other tasks send actions with `action`."""

    def __init__(self, *, host: str, port: int, user: str, secret: str, timings: LinkTimings) -> None:
        self._host = host
        self._port = port
        self._user = user
        self._secret = secret
        self._timings = timings
        self._protocol: AmiProtocol | None = None
        self._is_booted = asyncio.Event()
        self._state = LinkState.DOWN
        self._changed = asyncio.Condition()
        self._failures = 0
        self._has_been_up = False
        self._is_known_refused = False
        self.pump = EventPump()
        """Events of the session, for one reader."""
        self.gaps = 0
        """How often the link came back after it had been up: events in between were missed."""
        self.on_up: Callable[[], None] = lambda: None
        """Called after each login, before anything else is sent; must not block."""

    @property
    def state(self) -> LinkState:
        """Where the link stands now."""
        return self._state

    async def wait_for(self, *states: LinkState) -> LinkState:
        """Waits until the link is in one of `states`."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._state in states)
            return self._state

    async def action(self, name: str, **fields: FieldValue) -> Frame:
        """Sends an action once and gives its response, which may be an error of Asterisk's.

        Raises:
            NotConnected: The link is not up; nothing was sent.
            LinkLost: The connection ended before the response; it is not sent again.
            ActionOverdue: No response within the deadline.
            UnsafeField: A field cannot be written.
        """
        if self._protocol is None or self._state not in (LinkState.UP, LinkState.DRAINING):
            raise NotConnected(f"the link to Asterisk is {self._state.value}")
        return await self._request(self._protocol, name, fields)

    async def run(self) -> None:
        """Keeps the link up until cancelled."""
        try:
            while True:
                wait_s = await self._run_once()
                await asyncio.sleep(wait_s)
        finally:
            await self._leave()
            await self._move(LinkState.DOWN)

    async def _run_once(self) -> float:
        """Holds one session from connecting to its end; gives how long to wait before the next."""
        try:
            await self._hold()
        except LoginRefused:
            await self._refused()
            return self._timings.refused_wait_s
        except (OSError, AmiError) as error:
            self._log_lost(error)
        finally:
            await self._leave()
        await self._move(LinkState.DOWN)
        self._failures += 1
        return self._timings.backoff.wait_s(self._failures)

    def _log_lost(self, error: Exception) -> None:
        if self._failures == 0:
            _log.warning("ami_down", problem=str(error) or type(error).__name__)

    async def _refused(self) -> None:
        if not self._is_known_refused:
            _log.error("ami_login_refused", user=self._user, mend="compare secrets.json with manager.conf")
        self._is_known_refused = True
        await self._move(LinkState.REFUSED)

    async def _hold(self) -> None:
        await self._move(LinkState.CONNECTING)
        self._is_booted.clear()
        protocol = await transport.open_session(self._host, self._port, self._take, self._timings.connect_s)
        self._protocol = protocol
        await self._move(LinkState.LOGGING_IN)
        await self._log_in(protocol)
        await self._wait_booted(protocol)
        await self._arrive()
        while not protocol.lost.done():
            await self._ping(protocol)
            await asyncio.wait((protocol.lost,), timeout=self._timings.ping_every_s)
        raise ConnectionError("Asterisk ended the session")

    async def _log_in(self, protocol: AmiProtocol) -> None:
        fields: dict[str, FieldValue] = {"Username": self._user, "Secret": self._secret, "Events": "on"}
        response = await self._request(protocol, "Login", fields)
        if response.is_success:
            return
        if "shutting down" in response.message.lower():
            await self._move(LinkState.DRAINING)
            raise ConnectionError("Asterisk is shutting down")
        raise LoginRefused(response.message)

    async def _wait_booted(self, protocol: AmiProtocol) -> None:
        booted = asyncio.create_task(self._is_booted.wait(), name="ami-booted")
        try:
            await asyncio.wait(
                (booted, protocol.lost), timeout=self._timings.booted_s, return_when=asyncio.FIRST_COMPLETED
            )
            if not booted.done():
                raise ConnectionError("Asterisk did not tell that it has booted")
        finally:
            booted.cancel()

    async def _arrive(self) -> None:
        self._failures = 0
        self._is_known_refused = False
        if self._has_been_up:
            self.gaps += 1
        self._has_been_up = True
        await self._move(LinkState.UP)
        _log.info("ami_up", gaps=self.gaps)
        self.on_up()

    async def _ping(self, protocol: AmiProtocol) -> None:
        response = await self._request(protocol, "Ping", {})
        await self._move(LinkState.UP if response.is_success else LinkState.DRAINING)

    async def _request(self, protocol: AmiProtocol, name: str, fields: dict[str, FieldValue]) -> Frame:
        try:
            async with asyncio.timeout(self._timings.action_s):
                return await protocol.request(name, fields)
        except TimeoutError as error:
            raise ActionOverdue(f"no response to {name} within {self._timings.action_s} s") from error

    def _take(self, frame: Frame) -> None:
        if frame.event == "FullyBooted":
            self._is_booted.set()
        self.pump.put(frame)

    async def _leave(self) -> None:
        protocol, self._protocol = self._protocol, None
        if protocol is not None:
            protocol.close()
            await asyncio.wait((protocol.lost,), timeout=self._timings.action_s)

    async def _move(self, state: LinkState) -> None:
        async with self._changed:
            if state is not self._state:
                self._state = state
                self._changed.notify_all()
