"""Asks the call log over HTTP, with the token of this machine's commands."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from api.calls.schemas import CallJourney, CallPage, CallSummary
from asterisk_conf.instance_secrets import InstanceSecrets
from hotline.errors import LogApiError
from hotline.http_api import HttpApi, open_api, parse

ASK_AGAIN_S = 0.3
RECENT_CALLS = 50
PAGE_CALLS = 200
"""The most that the api gives at once."""
Found = TypeVar("Found")
CLOCK_SLACK = timedelta(seconds=2)
"""Between our clock at dialling and Asterisk's time of the call's beginning."""


class LogApi:
    """The call log of one line. Made by `open_log`."""

    def __init__(self, http: HttpApi) -> None:
        self._http = http

    async def calls(self, limit: int) -> list[CallSummary]:
        """Gives the newest calls.

        Raises:
            LogApiError: The api does not answer as agreed.
        """
        return parse(CallPage, await self._http.get("/api/v1/calls", {"limit": str(limit)})).calls

    async def calls_since(self, since: datetime) -> AsyncIterator[CallSummary]:
        """Gives every call that began at `since` or later, the newest first, asking page by page.

        Raises:
            LogApiError: The api does not answer as agreed.
        """
        query = {"from": since.isoformat(), "limit": str(PAGE_CALLS)}
        while True:
            page = parse(CallPage, await self._http.get("/api/v1/calls", query))
            for call in page.calls:
                yield call
            if page.next_cursor is None:
                return
            query["cursor"] = page.next_cursor

    async def journey(self, call_id: str) -> CallJourney:
        """Gives one call's whole way.

        Raises:
            LogApiError: There is no such call, or the api does not answer as agreed.
        """
        return parse(CallJourney, await self._http.get(f"/api/v1/calls/{call_id}"))

    async def find_call(self, pseudonym: str, since: datetime, deadline_s: float) -> CallJourney:
        """Waits until the log has a call of this number that began after `since`.

        Raises:
            LogApiError: It did not come in time.
        """

        async def look() -> CallJourney | None:
            for call in await self.calls(RECENT_CALLS):
                if call.caller.pseudonym == pseudonym and call.started_at >= since - CLOCK_SLACK:
                    return await self.journey(call.call_id)
            return None

        return await _ask_until(look, deadline_s, "the call did not come into the log")

    async def wait_journey(
        self, call_id: str, is_there: Callable[[CallJourney], bool], deadline_s: float, what: str
    ) -> CallJourney:
        """Waits until a call's way has what `is_there` looks for; `what` names it for the error.

        Raises:
            LogApiError: It did not come in time.
        """

        async def look() -> CallJourney | None:
            journey = await self.journey(call_id)
            return journey if is_there(journey) else None

        return await _ask_until(look, deadline_s, what)


@asynccontextmanager
async def open_log(url: str, secrets: InstanceSecrets) -> AsyncIterator[LogApi]:
    """Opens the call log at `url`."""
    async with open_api(url, secrets) as http:
        yield LogApi(http)


async def _ask_until(look: Callable[[], Awaitable[Found | None]], deadline_s: float, what: str) -> Found:
    try:
        async with asyncio.timeout(deadline_s):
            while (found := await look()) is None:  # noqa: ASYNC110  the api has no event to wait on
                await asyncio.sleep(ASK_AGAIN_S)
            return found
    except TimeoutError:
        raise LogApiError(f"{what} within {deadline_s:g} s") from None
