"""A short session with Asterisk's manager as user `control`: reload modules, and see that the plan is there.

It lives for one publish only, so that the rights to reload are not held open.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from ivr.ami import transport
from ivr.ami.errors import AmiError
from ivr.ami.frames import Frame
from ivr.ami.protocol import AmiProtocol, FieldValue
from ivr.desired.errors import ReloadRefusedError, TakeDelayedError, TakeRefusedError
from routing.plan import Plan

USER = "control"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAddress:
    """Where the manager listens, and how long it may take."""

    host: str
    port: int
    connect_s: float
    action_s: float
    """A reload of a big configuration takes a second or two."""


OpenControl = Callable[[], AbstractAsyncContextManager["ControlSession"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """An action that answers by a list of events."""

    action: str
    item: str
    name: str
    """Header of an item that holds its name."""
    end: str


_QUEUES = _Listing(action="QueueStatus", item="QueueParams", name="Queue", end="QueueStatusComplete")
_ENDPOINTS = _Listing(action="PJSIPShowEndpoints", item="EndpointList", name="ObjectName", end="EndpointListComplete")


class ControlSession:
    """A session that is logged in. Every method raises `TakeDelayedError` when Asterisk goes away meanwhile."""

    def __init__(self, protocol: AmiProtocol, events: "asyncio.Queue[Frame]", action_s: float) -> None:
        self._protocol = protocol
        self._events = events
        self._action_s = action_s

    async def log_in(self, secret: str) -> None:
        """Logs in.

        Raises:
            TakeDelayedError: Asterisk refuses, now: it may be about to stop, or have an older configuration.
        """
        response = await self._request("Login", {"Username": USER, "Secret": secret, "Events": "off"})
        if not response.is_success:
            raise TakeDelayedError(f"Asterisk's manager refuses user {USER}: {response.message[:100]}")

    async def reload(self, module: str) -> None:
        """Has a module read its configuration anew.

        Raises:
            ReloadRefusedError: Asterisk says that it did not.
            TakeDelayedError: Another reload is running.
        """
        response = await self._request("Reload", {"Module": module})
        if response.is_success:
            return
        told = f"Asterisk did not reload {module}: {response.message[:100]}"
        if "in progress" in response.message or "shutting down" in response.message:
            raise TakeDelayedError(told)
        raise ReloadRefusedError(told)

    async def verify(self, plan: Plan) -> None:
        """Sees that Asterisk has the plan's queues and operators.

        Raises:
            TakeRefusedError: Something is missing.
        """
        missing = [
            *(f"queue {name}" for name in sorted(set(plan.queues) - await self._names(_QUEUES))),
            *(f"operator {name}" for name in sorted(set(plan.operators) - await self._names(_ENDPOINTS))),
        ]
        if missing:
            raise TakeRefusedError(f"after the reload Asterisk lacks {', '.join(missing)}"[:500])

    async def _names(self, listing: _Listing) -> set[str]:
        response = await self._request(listing.action, {})
        if not response.is_success:
            raise TakeDelayedError(f"Asterisk does not answer {listing.action}: {response.message[:100]}")
        found: set[str] = set()
        try:
            async with asyncio.timeout(self._action_s):
                while (frame := await self._events.get()).event != listing.end:
                    if frame.event == listing.item:
                        found.add(frame.first(listing.name) or "")
        except TimeoutError as error:
            raise TakeDelayedError(f"Asterisk did not finish {listing.action}") from error
        return found

    async def _request(self, name: str, fields: dict[str, FieldValue]) -> Frame:
        try:
            async with asyncio.timeout(self._action_s):
                return await self._protocol.request(name, fields)
        except (AmiError, TimeoutError) as error:
            raise TakeDelayedError(f"Asterisk did not answer {name}: {error or type(error).__name__}") from error


@asynccontextmanager
async def open_control(address: ControlAddress, secret: str) -> AsyncIterator[ControlSession]:
    """Holds one session while the block lasts.

    Raises:
        TakeDelayedError: Asterisk is not there, or does not let us in.
    """
    events: asyncio.Queue[Frame] = asyncio.Queue()
    try:
        protocol = await transport.open_session(address.host, address.port, events.put_nowait, address.connect_s)
    except (OSError, TimeoutError) as error:
        raise TakeDelayedError(f"Asterisk's manager does not answer: {error or type(error).__name__}") from error
    try:
        session = ControlSession(protocol, events, address.action_s)
        await session.log_in(secret)
        yield session
    finally:
        protocol.close()
        await asyncio.wait((protocol.lost,), timeout=address.connect_s)
