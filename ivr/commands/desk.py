"""Takes commands from the stream, does each once and in order, and tells the api what became of it."""

import asyncio
from collections import deque
from datetime import UTC, datetime

import httpx
import structlog

from ivr.backoff import Backoff
from ivr.commands.documents import Command, CommandError, command_of
from ivr.commands.executor import Ending, Executor, Result

WAITING_LIMIT = 100
REMEMBERED = 1_000
"""Ids of commands that came; one that comes again is not done again, whatever the api thinks."""
TELL_TRIES = 5

_log = structlog.stdlib.get_logger("ivr.commands")


class CommandDesk:
    """Keeps what is to be done. `take` never waits."""

    def __init__(self, client: httpx.AsyncClient, executor: Executor, *, node: str, backoff: Backoff) -> None:
        """`client` has the api's address and the node's token; `backoff` waits between tries to tell a result."""
        self._client = client
        self._executor = executor
        self._path = f"/api/v1/nodes/{node}/commands"
        self._backoff = backoff
        self._waiting: asyncio.Queue[Command] = asyncio.Queue(WAITING_LIMIT)
        self._seen: deque[str] = deque(maxlen=REMEMBERED)

    def take(self, text: str) -> None:
        """Takes the data of one event; what is no command, comes again, or is one too many, is not done."""
        try:
            command = command_of(text)
        except CommandError as error:
            _log.error("command_not_read", problem=str(error))
            return
        if command.id in self._seen:
            _log.warning("command_repeated", command=command.id, then="it is not done again")
            return
        self._seen.append(command.id)
        try:
            self._waiting.put_nowait(command)
        except asyncio.QueueFull:
            _log.error("command_dropped", command=command.id, waiting=WAITING_LIMIT)

    async def run(self) -> None:
        """Does commands until cancelled."""
        while True:
            command = await self._waiting.get()
            result = await self._do(command)
            _log.info("command_over", command=command.id, ending=result.ending.value, told=result.told)
            await self._tell(command.id, result)

    async def _do(self, command: Command) -> Result:
        late_s = (datetime.now(UTC) - command.expires_at).total_seconds()
        if late_s >= 0:
            return Result(ending=Ending.EXPIRED, told=f"it came {late_s:.0f} s too late and was not done")
        return await self._executor.execute(command.order)

    async def _tell(self, command_id: str, result: Result) -> None:
        """Tells the result, some times if need be: the api keeps the first and takes a repeated one for the same."""
        body = {"state": result.ending.value, "result": result.told}
        for attempt in range(1, TELL_TRIES + 1):
            try:
                response = await self._client.put(f"{self._path}/{command_id}/result", json=body)
                if not response.is_server_error:
                    return
            except httpx.HTTPError as error:
                _log.debug("result_not_told", command=command_id, problem=type(error).__name__)
            await asyncio.sleep(self._backoff.wait_s(attempt))
        _log.warning("result_not_told", command=command_id, tries=TELL_TRIES)
