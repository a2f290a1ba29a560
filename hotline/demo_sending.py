"""Sends demo data to the api's real ingest, as the journal would send evidence."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

import httpx

from api.evidence.schemas import IngestAnswer
from hotline.demo_calls import calls_of_day
from hotline.demo_data import END, START, SUMY_OPENED, day_plans
from hotline.demo_evidence import DemoBatch, EvidenceFile, batches
from hotline.errors import HotlineError, LogApiError
from hotline.http_api import parse
from routing.plan_files.holiday_dates import holidays_of_years

AT_ONCE = 2
"""Batches under way: one is read while the database stores the other."""
BATCH_DEADLINE_S = 120.0
_SATURDAY = 5
_PATH = "/api/v1/evidence"


@dataclass(slots=True)
class Progress:
    """What has been sent."""

    calls: int = 0
    lines: int = 0
    stored: int = 0
    seconds: float = 0.0
    is_whole: bool = True
    """False: stopped by its deadline."""
    under_way: dict[int, date] = field(default_factory=dict)
    """The days in which batches begin that the log has not acknowledged, by their place."""

    @property
    def next_day(self) -> date | None:
        """The day to begin with when it was stopped; None: nothing was begun, or all of it is in the log."""
        return min(self.under_way.values(), default=None)

    @property
    def lines_per_s(self) -> float:
        """The speed of the ingest."""
        return self.lines / self.seconds if self.seconds else 0.0


def sumy_calendar() -> Callable[[date], bool]:
    """Gives whether Sumy works on a day: Monday to Friday, holidays of Ukraine out."""
    holidays = {holiday.day for holiday in holidays_of_years(SUMY_OPENED.year, END.year)}
    return lambda day: day.weekday() < _SATURDAY and day not in holidays


def demo_batches(
    scale: float, is_sumy_open: Callable[[date], bool], first: date = START, before: date = END
) -> Iterator[DemoBatch]:
    """Gives the evidence of [first, before); every day is the same whatever range it is made in.

    Raises:
        HotlineError: The scale does not fit.
    """
    if not 0 < scale <= 1:
        raise HotlineError(f"--scale {scale:g}: give more than 0 and at most 1")
    plans = (plan for plan in day_plans(scale, is_sumy_open) if first <= plan.day < before)
    return batches(
        (plan.day, EvidenceFile(generation=f"demo-{scale:g}-{plan.day}"), calls_of_day(plan, scale)) for plan in plans
    )


def calls_due(scale: float, is_sumy_open: Callable[[date], bool], first: date = START, before: date = END) -> int:
    """Gives how many calls `demo_batches` makes."""
    plans = (plan for plan in day_plans(scale, is_sumy_open) if first <= plan.day < before)
    return sum(sum(plan.counts.values()) for plan in plans)


async def send(
    client: httpx.AsyncClient,
    made: Iterator[DemoBatch],
    *,
    stop_after_s: float | None = None,
    told: Callable[[Progress], None] = lambda _progress: None,
    progress: Progress | None = None,
) -> Progress:
    """Posts batches, `AT_ONCE` at a time, until there are no more or the time is over.

    Args:
        client: Speaks with the api, with a token that may write evidence.
        made: The batches; taken one by one, never all at once.
        stop_after_s: No batch is begun later; None: all are sent.
        told: Is told after each batch.
        progress: Is kept up to date also when this is ended from outside; None: a fresh one.

    Raises:
        LogApiError: The api did not take a batch.
    """
    known, begun = progress or Progress(), time.monotonic()
    numbered = enumerate(made)

    async def work() -> None:
        for place, batch in numbered:
            known.under_way[place] = batch.day
            if stop_after_s is not None and time.monotonic() - begun > stop_after_s:
                known.is_whole = False
                return
            taken = await _post(client, batch)  # first: an await within `+=` would lose what others count meanwhile
            known.stored += taken.stored
            del known.under_way[place]
            known.calls += batch.calls
            known.lines += batch.lines
            known.seconds = time.monotonic() - begun
            told(known)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
    except* LogApiError as errors:
        raise errors.exceptions[0] from None
    return known


async def _post(client: httpx.AsyncClient, batch: DemoBatch) -> IngestAnswer:
    try:
        answer = await client.post(_PATH, content=batch.body, timeout=BATCH_DEADLINE_S)
    except httpx.HTTPError as error:
        raise LogApiError(f"the api at {client.base_url} does not answer ({type(error).__name__})") from error
    if not answer.is_success:
        raise LogApiError(f"the api answered {answer.status_code} to {_PATH}: {answer.text[:300]}")
    taken = parse(IngestAnswer, answer.content)
    if taken.quarantined:
        raise LogApiError(f"the api could not read {taken.quarantined} lines of the demo data")
    return taken
