"""A small api on a real socket: stores evidence once, streams wishes, gives plans, and fails as it is told."""

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
    plans: dict[str, object] = field(default_factory=dict)
    """Answers of `GET /api/v1/plans/{version}` by version: `{version, document}` or whatever a test wants."""
    plan_status: int = 200
    switches: list[dict[str, object]] = field(default_factory=list)
    """Overrides that stand; `POST /api/v1/overrides` adds to them."""
    switch_status: int = 201
    wishes: list[str] = field(default_factory=list)
    """Data of the events of the node's stream; a new connection gets the last one."""
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self, port: int = 0) -> int:
        """Begins to listen; gives the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        address: tuple[str, int] = self._server.sockets[0].getsockname()
        return address[1]

    async def stop(self) -> None:
        """Stops listening and cuts every connection."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def wish(self, plan_version: str | None, overrides: list[object] | None = None, revision: str = "1") -> None:
        """Tells every stream what is wanted."""
        document = {"plan_version": plan_version, "overrides": overrides or [], "revision": revision}
        await self.wish_raw(json.dumps(document))

    async def wish_raw(self, data: str) -> None:
        """Tells every stream something."""
        async with self.changed:
            self.wishes.append(data)
            self.changed.notify_all()

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
        self._writers.add(writer)
        try:
            while (request := await _read_request(connection, reader)) is not None:
                if request[0].target.endswith(b"/stream"):
                    await self._stream(connection, reader, writer)
                    break
                status, answer = await self._answer(*request)
                if not status:
                    break
                await _write_response(connection, writer, status, answer)
                connection.start_next_cycle()
        except (ConnectionError, h11.ProtocolError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _stream(
        self, connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        headers = [("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")]
        writer.write(connection.send(h11.Response(status_code=200, headers=headers)) or b"")
        gone = asyncio.create_task(reader.read(1))
        told = 0
        while not gone.done():
            if len(self.wishes) > told:
                told = len(self.wishes)
                text = f": heartbeat\n\nevent: desired\nid: {told}\ndata: {self.wishes[-1]}\n\n"
                writer.write(connection.send(h11.Data(data=text.encode())) or b"")
            more = asyncio.create_task(self._more_wishes(told))
            await asyncio.wait({gone, more}, return_when=asyncio.FIRST_COMPLETED)
            more.cancel()
            await asyncio.gather(more, return_exceptions=True)

    async def _more_wishes(self, told: int) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.wishes) > told)

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
        match path.split("/")[3]:
            case "nodes":
                self.reports.append(json.loads(body))
                return 200, {}
            case "plans":
                return self._give_plan(path.rpartition("/")[2])
            case "overrides":
                return self._switch(method, path, body)
            case _:
                return self._take_evidence(headers, body)

    def _take_evidence(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, object]]:
        text = (gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body).decode()
        if self.poison is not None and self.poison in text:
            return 422, {"error_id": "poisoned"}
        self._store([json.loads(line) for line in text.splitlines()])
        if self.loses_answers:
            self.loses_answers -= 1
            return 0, {}
        return 200, {"stored": 0, "repeated": 0, "quarantined": 0}

    def _give_plan(self, version: str) -> tuple[int, dict[str, object]]:
        answer = self.plans.get(version)
        if self.plan_status != 200 or not isinstance(answer, dict):
            return (self.plan_status if self.plan_status != 200 else 404), {"error_id": "told_so"}
        return 200, answer

    def _switch(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, object]]:
        if self.switch_status >= 400:
            return self.switch_status, {"error_id": "told_so"}
        match method:
            case "POST":
                self.switches.append(json.loads(body) | {"id": f"o{len(self.switches) + 1}"})
                return 201, self.switches[-1]
            case "DELETE":
                wanted = path.rpartition("/")[2].partition("?")[0]
                self.switches = [each for each in self.switches if each["id"] != wanted]
                return 200, {}
            case _:
                return 200, {"overrides": self.switches}

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
