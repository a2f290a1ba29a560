"""A manager interface on a real socket that behaves as it is told."""

import asyncio
from dataclasses import dataclass, field

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
BOOTED = b"Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted\r\n\r\n"


@dataclass(kw_only=True)
class FakeAmi:
    """Answers logins, pings, CoreStatus, reloads and two lists; notes every action."""

    secret: str = "right"
    control_secret: str = "control"
    """Of the user `control`."""
    refused_reloads: dict[str, str] = field(default_factory=dict)
    """What Asterisk says in place of reloading, by module."""
    queues: tuple[str, ...] = ()
    """What QueueStatus tells."""
    endpoints: tuple[str, ...] = ()
    """What PJSIPShowEndpoints tells."""
    unanswered: frozenset[str] = frozenset()
    """Actions that get no response."""
    processed: int = 0
    """How many calls CoreStatus says were processed."""
    is_draining: bool = False
    """True: every action is refused, as while Asterisk restarts gracefully."""
    actions: list[dict[str, str]] = field(default_factory=list)
    connections: int = 0
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self, port: int = 0) -> int:
        """Begins to listen; gives the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        address: tuple[str, int] = self._server.sockets[0].getsockname()
        return address[1]

    async def stop(self) -> None:
        """Stops listening and cuts every session."""
        if self._server is not None:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """Cuts every session."""
        for writer in self._writers:
            writer.transport.abort()

    def send(self, raw: bytes) -> None:
        """Sends bytes to every session."""
        for writer in self._writers:
            writer.write(raw)

    def names(self) -> list[str]:
        """Gives the names of the actions that came, in order."""
        return [action["Action"] for action in self.actions]

    async def wait_for(self, name: str, count: int = 1) -> None:
        """Waits until an action has come `count` times."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: self.names().count(name) >= count)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            writer.write(BANNER)
            while True:
                await self._answer(await reader.readuntil(b"\r\n\r\n"), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, raw: bytes, writer: asyncio.StreamWriter) -> None:
        action = dict(line.split(": ", 1) for line in raw.decode().strip().split("\r\n"))
        async with self.arrived:
            self.actions.append(action)
            self.arrived.notify_all()
        if action["Action"] in self.unanswered:
            return
        writer.write(self._response(action))
        if action["Action"] == "Login" and self._is_let_in(action):
            writer.write(BOOTED)
        writer.write(self._list_of(action))

    def reloads(self) -> list[str]:
        """Gives the modules that were asked to reload, in order."""
        return [action["Module"] for action in self.actions if action["Action"] == "Reload"]

    def _is_let_in(self, action: dict[str, str]) -> bool:
        return action["Secret"] == (self.control_secret if action["Username"] == "control" else self.secret)

    def _list_of(self, action: dict[str, str]) -> bytes:
        lists = {
            "QueueStatus": ("QueueParams", "Queue", self.queues),
            "PJSIPShowEndpoints": ("EndpointList", "ObjectName", self.endpoints),
        }
        if action["Action"] not in lists:
            return b""
        event, header, names = lists[action["Action"]]
        rows = [f"Event: {event}\r\n{header}: {name}\r\n\r\n" for name in names]
        end = {"QueueParams": "QueueStatusComplete", "EndpointList": "EndpointListComplete"}[event]
        return "".join([*rows, f"Event: {end}\r\n\r\n"]).encode()

    def _response(self, action: dict[str, str]) -> bytes:
        rows = {"Response": "Success", "ActionID": action["ActionID"]}
        if self.is_draining:
            rows |= {"Response": "Error", "Message": "Asterisk is shutting down"}
        elif action["Action"] == "Reload" and action["Module"] in self.refused_reloads:
            rows |= {"Response": "Error", "Message": self.refused_reloads[action["Module"]]}
        elif action["Action"] == "Login" and not self._is_let_in(action):
            rows |= {"Response": "Error", "Message": "Authentication failed"}
        elif action["Action"] == "CoreStatus":
            rows |= {"CoreStartupDate": "2026-11-24", "CoreStartupTime": "11:00:00"}
            rows |= {"CoreCurrentCalls": "1", "CoreProcessedCalls": str(self.processed)}
        return "".join(f"{name}: {value}\r\n" for name, value in rows.items()).encode() + b"\r\n"
