"""Asks the api to set and clear overrides; they come back to the node by its stream."""

from datetime import datetime

import httpx

from routing.overrides import OverrideAction, OverrideScope
from routing.plan import QueueName

OVERRIDES_PATH = "/api/v1/overrides"


class SwitchError(Exception):
    """The api did not do it."""


class SwitchClient:
    """`client` has the api's address and the node's token; each request may take `deadline_s`."""

    def __init__(self, client: httpx.AsyncClient, *, deadline_s: float) -> None:
        self._client = client
        self._deadline_s = deadline_s

    async def switch_queue(
        self, queue: QueueName, action: OverrideAction, *, until: datetime, reason: str, author: str
    ) -> None:
        """Opens or closes a queue until a moment.

        Raises:
            SwitchError: The api refuses, or does not answer.
        """
        body = {
            "scope": OverrideScope.QUEUE.value,
            "target": queue,
            "action": action.value,
            "destination": None,
            "until": until.isoformat(),
            "reason": reason,
            "author": author,
        }
        await self._ask(self._client.build_request("POST", OVERRIDES_PATH, json=body, timeout=self._deadline_s))

    async def clear(self, override_id: str, *, author: str) -> None:
        """Ends an override before its time; one that is over already is fine.

        Raises:
            SwitchError: The api refuses, or does not answer.
        """
        path, query = f"{OVERRIDES_PATH}/{override_id}", {"author": author}
        gone = (httpx.codes.NOT_FOUND, httpx.codes.CONFLICT)
        await self._ask(self._client.build_request("DELETE", path, params=query, timeout=self._deadline_s), *gone)

    async def _ask(self, request: httpx.Request, *fine: int) -> None:
        try:
            response = await self._client.send(request)
        except httpx.HTTPError as error:
            raise SwitchError(f"the api does not answer: {type(error).__name__}") from error
        if not response.is_success and response.status_code not in fine:
            raise SwitchError(f"the api answers HTTP {response.status_code}")
