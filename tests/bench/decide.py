"""How long a decision takes, one by one and for every minute of a year."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from routing.decisions import Facts, decide
from routing.plan import Plan
from routing.plan_files import read_plan
from tests.bench.figures import ROOT, Figure

LIMIT_US = 50.0
LIMIT_YEAR_S = 30.0
CALLS = 60_000
STEP = timedelta(minutes=7, seconds=13)
"""Between two calls: they come to every hour and day of the week."""
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
YEAR_MINUTES = 365 * 1440


def measure() -> Iterator[Figure]:
    """Measures `decide` for the shipped plan."""
    plan = read_plan(ROOT / "routing" / "plans" / "legal_aid")
    each_us = _calls_s(plan) / CALLS * 1e6
    yield Figure(
        subject="a decision of the shipped plan",
        measured=f"{each_us:.1f} µs",
        beside=f"limit {LIMIT_US:g} µs",
        ratio=each_us / LIMIT_US,
        goal="≤ 1",
    )
    year_s = _year_s(plan)
    yield Figure(
        subject=f"a decision for each of {YEAR_MINUTES:,} minutes of a year",
        measured=f"{year_s:.1f} s",
        beside=f"limit {LIMIT_YEAR_S:g} s",
        ratio=year_s / LIMIT_YEAR_S,
        goal="≤ 1",
    )


def _calls_s(plan: Plan) -> float:
    """Gives the seconds for `CALLS` decisions, the services in turn; dates are new to the caches at first."""
    facts = [Facts(service=service) for service in plan.services]
    begun = time.perf_counter()
    for number in range(CALLS):
        decide(plan, facts[number % len(facts)], FIRST + STEP * number)
    return time.perf_counter() - begun


def _year_s(plan: Plan) -> float:
    """Gives the seconds for the service that has hours, minute by minute."""
    facts = Facts(service=next(each.id for each in plan.services.values() if each.closed_queue is not None))
    begun = time.perf_counter()
    for minute in range(YEAR_MINUTES):
        decide(plan, facts, FIRST + timedelta(minutes=minute))
    return time.perf_counter() - begun
