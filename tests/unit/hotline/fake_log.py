"""A call log in memory: answers over httpx as the api does, from journeys that tests write."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx

from api.calls.schemas import CallJourney, CallPage, CallSummary, QueueVisit
from hotline.http_api import HttpApi
from hotline.log_api import LogApi

BEGAN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def visit(operator: str | None = "s01", ending: str = "completed_by_caller") -> QueueVisit:
    return QueueVisit.model_validate(
        {
            "queue": "sumy", "entered_at": BEGAN, "answered_at": BEGAN, "ended_at": BEGAN, "operator": operator,
            "position": 1, "wait_s": 2, "ring_s": 1, "talk_s": 3, "missed_rings": 0, "ending": ending,
        }
    )  # fmt: skip


def journey(**changes: object) -> CallJourney:
    fields: dict[str, object] = {
        "call_id": "node1-1.1", "node": "node1", "did": "+380800213103", "trunk": "selftest",
        "caller": {"pseudonym": "abc", "presentation": "allowed"}, "started_at": BEGAN, "answered_at": BEGAN,
        "ended_at": BEGAN, "language": "uk", "keys": "1", "service": "consultation", "queue": "sumy", "office": "sumy",
        "operator": "s01", "plan_version": "0123456789abcdef", "wait_s": 2, "talk_s": 3, "outcome": "answered",
        "hung_up_by": "caller", "hangup_cause": {"code": 16, "name": "normal clearing"}, "menu_steps": [],
        "decisions": [], "queue_visits": [visit()], "legs": [], "timeline": [],
    }  # fmt: skip
    return CallJourney.model_validate(fields | changes)


class FakeLog:
    """Gives `journeys` one after another, the last one for ever; counts the questions."""

    def __init__(self, *journeys: CallJourney) -> None:
        self.journeys = list(journeys)
        self.questions: list[str] = []
        self.status = 200

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.questions.append(request.url.path)
        if self.status != httpx.codes.OK:
            return httpx.Response(self.status, text="no")
        if request.url.path == "/api/v1/calls":
            page = [CallSummary.model_validate(each.model_dump()) for each in self.journeys[:1]]
            return httpx.Response(200, text=CallPage(calls=page, next_cursor=None).model_dump_json())
        now = self.journeys.pop(0) if len(self.journeys) > 1 else self.journeys[0]
        return httpx.Response(200, text=now.model_dump_json())

    @asynccontextmanager
    async def open(self) -> AsyncIterator[LogApi]:
        transport = httpx.MockTransport(self.answer)
        async with httpx.AsyncClient(transport=transport, base_url="http://log") as client:
            yield LogApi(HttpApi(client))
