import asyncio
import json
from collections import Counter
from datetime import UTC, date, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.evidence.schemas import EvidenceLine
from api.evidence.sorting import PARSERS
from hotline.commands.reports import how_far
from hotline.demo_calls import KYIV, calls_of_day
from hotline.demo_data import END, START, SUMY_OPENED, CallKind, day_plans, spread, targets
from hotline.demo_evidence import BATCH_LINES, NODE, DemoBatch
from hotline.demo_sending import Progress, calls_due, demo_batches, send, sumy_calendar
from hotline.errors import HotlineError

SCALES = (1, 0.1, 0.01, 0.001)
ANSWERED = (CallKind.SUMY, CallKind.CHERNIVTSI)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5


@given(st.integers(0, 10**6), st.lists(st.floats(0, 100), min_size=1, max_size=50).filter(lambda each: sum(each) > 0))
def test_what_is_split_is_whole_again(total: int, weights: list[float]) -> None:
    parts = spread(total, weights)
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


def test_nobody_can_take_what_is_left() -> None:
    assert spread(0, [0.0, 0.0]) == [0, 0]
    with pytest.raises(ValueError, match="nothing may take part"):
        spread(1, [0.0])


@pytest.mark.parametrize("scale", SCALES)
def test_the_days_add_up_to_the_figures_of_the_centre(scale: float) -> None:
    plans = list(day_plans(scale, is_working_day))
    figures = targets(scale)
    assert [plans[0].day, plans[-1].day] == [START, date.fromordinal(END.toordinal() - 1)]
    assert len({plan.day for plan in plans}) == len(plans)
    assert sum(plan.counts[kind] for plan in plans for kind in ANSWERED) == figures.answered_ever
    in_2017 = [plan for plan in plans if plan.day.year == 2017]
    assert sum(sum(plan.counts.values()) for plan in in_2017) == figures.calls_2017
    assert sum(plan.counts[CallKind.SUMY] for plan in in_2017) == figures.sumy_consultations_2017
    assert not any(plan.counts[CallKind.SUMY] for plan in plans if plan.day < SUMY_OPENED)


def test_the_figures_at_full_scale_are_the_customers() -> None:
    figures = targets(1)
    assert (figures.answered_ever, figures.calls_2017, figures.sumy_consultations_2017) == (298_396, 156_287, 22_772)
    assert round(figures.sumy_consultations_2017 / figures.calls_2017 * 100, 1) == 14.6


def test_a_day_has_its_calls_in_order_and_the_same_each_time() -> None:
    plan = next(plan for plan in day_plans(0.1, is_working_day) if plan.counts[CallKind.SUMY] > 3)
    calls = list(calls_of_day(plan, 0.1))
    assert calls == list(calls_of_day(plan, 0.1))
    assert Counter(call.kind for call in calls) == Counter({k: n for k, n in plan.counts.items() if n})
    assert [call.at for call in calls] == sorted(call.at for call in calls)
    assert all(call.number == "" or call.number.startswith("+38000") for call in calls)


def test_sumy_is_closed_on_weekends_and_holidays() -> None:
    is_open = sumy_calendar()
    assert is_open(date(2017, 8, 23))
    assert not is_open(date(2017, 8, 24))  # Independence Day, a Thursday
    assert not is_open(date(2017, 8, 26))


def test_every_line_can_be_read_and_stands_at_its_place() -> None:
    made = list(demo_batches(0.01, is_working_day, date(2017, 9, 1), date(2017, 10, 1)))
    lines = [EvidenceLine.model_validate_json(line) for batch in made for line in batch.body.split(b"\n")]
    assert sum(batch.lines for batch in made) == len(lines)
    assert {line.node for line in lines} == {NODE}
    ends: dict[tuple[str, str], int] = {}
    for line in lines:
        PARSERS[line.source](line.line)
        file = (line.generation, line.source)
        assert line.offset == ends.get(file, 0)
        ends[file] = line.offset + len(line.line.encode()) + 1


def test_a_batch_holds_whole_calls_and_no_more_lines_than_the_api_takes() -> None:
    made = list(demo_batches(0.05, is_working_day, date(2017, 9, 1), date(2017, 10, 1)))
    assert len(made) > 1
    assert all(batch.lines <= BATCH_LINES for batch in made)
    linkedids = [
        {
            json.loads(row["line"])["linkedid"]
            for line in batch.body.split(b"\n")
            if (row := json.loads(line))["source"] == "cel"
        }
        for batch in made
    ]
    assert len(set.union(*linkedids)) == sum(map(len, linkedids)) == sum(batch.calls for batch in made)


@pytest.mark.parametrize("scale", [0, -1, 1.1])
def test_a_scale_that_does_not_fit_is_refused(scale: float) -> None:
    with pytest.raises(HotlineError, match="--scale"):
        demo_batches(scale, is_working_day)


def test_calls_stay_in_their_kyiv_day() -> None:

    for plan in day_plans(0.02, is_working_day):
        if plan.day in (date(2017, 3, 26), date(2017, 10, 29), date(2017, 7, 3)):
            days = {datetime.fromtimestamp(call.at, UTC).astimezone(KYIV).date() for call in calls_of_day(plan, 0.02)}
            assert days == {plan.day}


def test_as_many_calls_are_due_as_are_made() -> None:
    made = demo_batches(0.001, sumy_calendar())
    assert sum(batch.calls for batch in made) == calls_due(0.001, sumy_calendar()) == 323


def test_progress_tells_how_far_it_is_and_how_long_the_rest_will_take() -> None:
    progress = Progress(calls=1_000, lines=13_000, seconds=10)
    assert how_far(progress, 4_000) == "1,000 of 4,000 calls (25%), 1,300 lines/s, about 0:00:30 left"
    assert how_far(Progress(), 4_000) == "0 of 4,000 calls (0%), 0 lines/s"


async def test_what_the_api_stored_is_counted_of_batches_that_are_under_way_together() -> None:
    async def take(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)  # the other batch is posted meanwhile
        stored = request.content.count(b"\n")
        return httpx.Response(200, json={"stored": stored, "repeated": 0, "quarantined": 0})

    made = (DemoBatch(body=b"{}\n" * 7, calls=1, lines=7, day=START) for _ in range(10))
    async with httpx.AsyncClient(transport=httpx.MockTransport(take), base_url="http://api") as client:
        progress = await send(client, made)
    assert (progress.stored, progress.lines, progress.calls) == (70, 70, 10)
