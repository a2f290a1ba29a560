"""A small api on a real socket: stores evidence by position, once, and fails as it is told."""

import asyncio
import gzip
import json
from dataclasses import dataclass, field

import h11

Position = tuple[str, str, str, int]


@dataclass(kw_only=True)
class FakeApi:
    """What was sent, and how to answer."""

    statuses: list[int] = field(default_factory=list)
    """Answers of the next requests instead of 200; nothing is stored then. 0 cuts the connection."""
    poison: str | None = None
    """Text of lines that make a batch be refused with 422."""
    loses_answers: int = 0
    """So many next batches are stored and then not acknowledged: the connection is cut."""
    rows: dict[Position, str] = field(default_factory=dict)
    repeated: int = 0
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    reports: list[dict[str, object]] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> int:
        """Begins to listen; gives the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        address: tuple[str, int] = self._server.sockets[0].getsockname()
        return address[1]

    async def stop(self) -> None:
        """Stops listening."""
        if self._server is not None:
            self._server.close()

    def lines(self) -> list[str]:
        """Gives the stored lines in the order in which they came."""
        return list(self.rows.values())

    async def wait_for_lines(self, count: int) -> None:
        """Waits until `count` lines are stored."""
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.rows) >= count)

    async def wait_for_requests(self, count: int) -> None:
        """Waits until `count` requests have come."""
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.requests) >= count)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        try:
            while (request := await _read_request(connection, reader)) is not None:
                status, answer = await self._answer(*request)
                if not status:
                    break
                await _write_response(connection, writer, status, answer)
                connection.start_next_cycle()
        except (ConnectionError, h11.ProtocolError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: h11.Request, body: bytes) -> tuple[int, dict[str, object]]:
        headers = {name.decode(): value.decode() for name, value in request.headers}
        status, answer = self._decide(request.method.decode(), request.target.decode(), headers, body)
        async with self.changed:
            self.requests.append((request.method.decode(), request.target.decode(), headers))
            self.changed.notify_all()
        return status, answer

    def _decide(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, object]]:
        status = self.statuses.pop(0) if self.statuses else 200
        if status != 200:
            return status, {"error_id": "told_so"}
        if method == "PUT":
            self.reports.append(json.loads(body))
            return 200, {}
        text = (gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body).decode()
        if self.poison is not None and self.poison in text:
            return 422, {"error_id": "poisoned"}
        self._store([json.loads(line) for line in text.splitlines()])
        if self.loses_answers:
            self.loses_answers -= 1
            return 0, {}
        return 200, {"stored": 0, "repeated": 0, "quarantined": 0}

    def _store(self, envelopes: list[dict[str, object]]) -> None:
        for row in envelopes:
            position = (str(row["node"]), str(row["source"]), str(row["generation"]), int(str(row["offset"])))
            if position in self.rows:
                assert self.rows[position] == row["line"]
                self.repeated += 1
            self.rows[position] = str(row["line"])


async def _read_request(connection: h11.Connection, reader: asyncio.StreamReader) -> tuple[h11.Request, bytes] | None:
    request, body = None, b""
    while True:
        event = connection.next_event()
        match event:
            case h11.NEED_DATA:
                connection.receive_data(await reader.read(65_536))
            case h11.Request():
                request = event
            case h11.Data():
                body += event.data
            case h11.EndOfMessage() if request is not None:
                return request, body
            case _:
                return None


async def _write_response(
    connection: h11.Connection, writer: asyncio.StreamWriter, status: int, answer: dict[str, object]
) -> None:
    body = json.dumps(answer).encode()
    headers = [("Content-Length", str(len(body))), ("Content-Type", "application/json")]
    for event in (h11.Response(status_code=status, headers=headers), h11.Data(data=body), h11.EndOfMessage()):
        writer.write(connection.send(event) or b"")
    await writer.drain()
