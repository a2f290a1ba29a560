"""Posts evidence to the api, and finds the line that the api will never take."""

import gzip
import json
import os
from pathlib import Path

import httpx
import structlog

from asterisk_conf.names import Source
from ivr.journal.batches import Batch, Line

EVIDENCE_PATH = "/api/v1/evidence"
REFUSING_STATUSES = frozenset({400, 413, 422})
"""The api will never take what it answers so; anything else may be better later (401: the token is mended)."""

_log = structlog.stdlib.get_logger("ivr.journal")


class ApiUnavailableError(Exception):
    """The api did not take the evidence now; it will be offered again."""


class _RefusedError(Exception):
    """The api will never take this request."""


class Shipper:
    """Ships batches of one node; `client` has the api's address, the token and the deadlines."""

    def __init__(self, client: httpx.AsyncClient, *, node: str, quarantine: Path) -> None:
        self._client = client
        self._node = node
        self._quarantine = quarantine
        self.quarantined = 0
        """Lines that went to the local quarantine file since the start."""

    async def ship(self, source: Source, batch: Batch) -> None:
        """Returns when every line was stored by the api or, if it refused the line for good, put into quarantine.

        Raises:
            ApiUnavailableError: The api did not answer, or not with a decision.
            OSError: The quarantine file cannot be written.
        """
        waiting = [batch.lines]
        while waiting:
            lines = waiting.pop()
            try:
                await self._post([self._envelope(source, batch.generation, line) for line in lines])
            except _RefusedError as error:
                middle = len(lines) // 2
                if middle:
                    waiting += [lines[middle:], lines[:middle]]
                else:
                    self._put_aside(self._envelope(source, batch.generation, lines[0]), str(error))

    def _envelope(self, source: Source, generation: str, line: Line) -> dict[str, object]:
        envelope: dict[str, object] = {
            "node": self._node,
            "source": source.value,
            "generation": generation,
            "offset": line.offset_bytes,
            "line": line.text,
        }
        return envelope | {"cut": True} if line.is_cut else envelope

    async def _post(self, envelopes: list[dict[str, object]]) -> None:
        text = "".join(json.dumps(envelope, ensure_ascii=False) + "\n" for envelope in envelopes)
        headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
        try:
            body = gzip.compress(text.encode("utf-8"), compresslevel=1)
            response = await self._client.post(EVIDENCE_PATH, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise ApiUnavailableError(f"the api does not answer: {type(error).__name__}") from error
        if response.status_code in REFUSING_STATUSES:
            raise _RefusedError(f"HTTP {response.status_code}")
        if response.status_code != httpx.codes.OK:
            raise ApiUnavailableError(f"the api answers HTTP {response.status_code}")

    def _put_aside(self, envelope: dict[str, object], why: str) -> None:
        """Keeps a refused line in a file of its own: it may hold a number, so only its position is logged."""
        self._quarantine.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._quarantine, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps({"why": why} | envelope, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.quarantined += 1
        _log.error("evidence_refused", why=why, generation=envelope["generation"], offset=envelope["offset"])
