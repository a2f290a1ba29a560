"""Draws the calls of one day of demo data: when, what for, how long. Pure; the same day and scale give the same calls.

All of it is assumed; see `hotline.demo_data` for what is not.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from hotline.demo_data import CallKind, DayPlan

KYIV = ZoneInfo("Europe/Kyiv")
DIDS = ("+380800213103", "+380443631041")
_FROM_ABROAD_SHARE = 0.01
_WITHHELD_SHARE = 0.03
_ENGLISH_SHARE = 0.02
_WRONG_KEY_SHARE = 0.04
_NEW_CALLER_SHARE = 0.8
"""The others are of 2,000 callers who call often."""
_OFTEN = 2_000
_SAMPLE_NUMBERS = 10_000_000
_SUMY_HOURS = range(8, 17)
"""Within the hours of the shipped plan, also on the shorter day before a holiday."""
_SUMY_HOUR_WEIGHTS = (6, 11, 13, 12, 9, 10, 11, 10, 8)
_HOURS = range(24)
_HOUR_WEIGHTS = (4, 3, 2, 2, 2, 3, 8, 20, 45, 70, 80, 76, 62, 60, 66, 62, 55, 45, 34, 26, 20, 15, 10, 7)
_SERVICES = ("aid_info", "hotlines", "detention", "centres", "operator", "consultation")
_SERVICE_WEIGHTS = (46, 14, 4, 12, 12, 12)
_KEYS = {"consultation": "1", "aid_info": "2", "hotlines": "3", "detention": "4", "centres": "5", "operator": "0"}
_SILENT_SHARE = 0.5
"""Of the calls to an operator: pressed nothing."""
SILENCE = "t"
CHERNIVTSI_OPERATORS, SUMY_OPERATORS = 14, 8
_LONGEST_TALK_S = 3_000
_LATEST_S = 3_599.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCall:
    """One call before it is written as evidence. Times in seconds, `at` since 1970."""

    at: float
    kind: CallKind
    service: str
    did: str
    number: str
    """Empty: withheld."""
    is_english: bool
    has_wrong_key: bool
    key: str
    """`t`: pressed nothing."""
    operator: str
    wait_s: int
    talk_s: int
    by_operator: bool
    """The operator hung up."""


def calls_of_day(plan: DayPlan, scale: float) -> Iterator[DemoCall]:
    """Gives the calls of a day in the order of their beginning."""
    draw = random.Random(f"{plan.day} {scale:g}")  # noqa: S311  sample data, no secret
    begin = datetime.combine(plan.day, time(), KYIV)
    drawn = [_call(kind, begin, draw) for kind, count in plan.counts.items() for _ in range(count)]
    return iter(sorted(drawn, key=lambda call: call.at))


def _call(kind: CallKind, begin: datetime, draw: random.Random) -> DemoCall:
    is_sumy = kind is CallKind.SUMY
    hours, weights = (_SUMY_HOURS, _SUMY_HOUR_WEIGHTS) if is_sumy else (_HOURS, _HOUR_WEIGHTS)
    hour = draw.choices(hours, weights)[0]
    at = begin.replace(hour=hour).astimezone(UTC).timestamp() + draw.uniform(0, _LATEST_S)
    service = "consultation" if is_sumy else draw.choices(_SERVICES, _SERVICE_WEIGHTS)[0]
    is_silent = service == "operator" and draw.random() < _SILENT_SHARE
    return DemoCall(
        at=at,
        kind=kind,
        service=service,
        did=DIDS[draw.random() < _FROM_ABROAD_SHARE],
        number=_number(draw),
        is_english=draw.random() < _ENGLISH_SHARE,
        has_wrong_key=draw.random() < _WRONG_KEY_SHARE,
        key=SILENCE if is_silent else _KEYS[service],
        operator=_operator(draw, is_sumy=is_sumy),
        wait_s=_wait_s(kind, draw),
        talk_s=min(int(draw.lognormvariate(5.6 if is_sumy else 5.1, 0.7)), _LONGEST_TALK_S),
        by_operator=draw.random() < 0.25,  # noqa: PLR2004  assumed
    )


def _number(draw: random.Random) -> str:
    if draw.random() < _WITHHELD_SHARE:
        return ""
    digits = draw.randrange(_SAMPLE_NUMBERS) if draw.random() < _NEW_CALLER_SHARE else draw.randrange(_OFTEN)
    return f"+38000{digits:07}"


def _operator(draw: random.Random, *, is_sumy: bool) -> str:
    if is_sumy:
        return f"s{draw.randint(1, SUMY_OPERATORS):02}"
    return f"c{draw.randint(1, CHERNIVTSI_OPERATORS):02}"


def _wait_s(kind: CallKind, draw: random.Random) -> int:
    mean_s = 45 if kind is CallKind.LEFT_QUEUE else 14
    return 2 + int(draw.expovariate(1 / mean_s))
