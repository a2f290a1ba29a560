"""Every figure of the reports: its formula and the choices in it; answers and docs/figures.md tell it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

SHORT_ABANDON_S = 5
"""Who leaves sooner did not give up waiting: a wrong number, a change of mind."""


class Unit(StrEnum):
    """What a figure counts."""

    CALLS = "calls"
    VISITS = "visits to a queue"
    SHARE = "share, 0 to 1; null when its divisor is 0"
    SECONDS = "seconds; null when there is nothing to measure"
    ANSWERS = "answers to a menu"
    CALLERS = "callers"
    DAYS = "days"
    STATES = "seconds in a state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """One figure."""

    name: str
    title: str
    unit: Unit
    formula: str
    choices: tuple[str, ...] = ()


_SHORT = f"short: under {SHORT_ABANDON_S} s in queues, or (never queued) from the beginning of the call to its end"
_STARTED = "a call belongs to the Kyiv day and hour in which it started"
_ENTERED = "a visit belongs to the Kyiv day in which its call started"
_GROUP = "office, queue and service are those of the last decision and the last queue"
_OUTCOMES = "by=outcome tells every outcome apart: overflowed, informed, transferred and all others that the log has"

_ALL = (
    Formula(
        name="calls",
        title="calls",
        unit=Unit.CALLS,
        formula="count of calls",
        choices=(_STARTED, _GROUP, "answered + abandoned + other_ended + in_progress = calls"),
    ),
    Formula(
        name="answered",
        title="calls answered by operators",
        unit=Unit.CALLS,
        formula="count of calls with answered_at",
        choices=("an announcement or a menu is no answer; a call that two operators answer counts once",),
    ),
    Formula(
        name="abandoned",
        title="calls that the caller left before an operator answered",
        unit=Unit.CALLS,
        formula="count of unanswered calls whose outcome is abandoned_* or overflowed",
        choices=("in the menu, before a queue, in a queue and while a phone rang", "short ones are in it"),
    ),
    Formula(
        name="short_abandoned",
        title="abandoned calls that were short",
        unit=Unit.CALLS,
        formula=f"count of abandoned with wait_s (without a queue: ended_at - started_at) < {SHORT_ABANDON_S}",
        choices=(_SHORT,),
    ),
    Formula(
        name="other_ended",
        title="calls that ended unanswered in another way",
        unit=Unit.CALLS,
        formula="count of ended, unanswered, not abandoned calls",
        choices=("heard what they came for, went elsewhere, were ended by our side, or Asterisk stopped", _OUTCOMES),
    ),
    Formula(
        name="in_progress",
        title="calls that go on unanswered, or whose end is not told yet",
        unit=Unit.CALLS,
        formula="count of unanswered calls without ended_at, or with outcome pending",
    ),
    Formula(
        name="answered_share",
        title="share of calls that were answered",
        unit=Unit.SHARE,
        formula="answered / (answered + abandoned + other_ended - short_abandoned)",
        choices=("short abandons are out unless short_abandons=in", "calls in progress are out"),
    ),
    Formula(
        name="abandoned_share",
        title="share of calls that were abandoned",
        unit=Unit.SHARE,
        formula="(abandoned - short_abandoned) / (answered + abandoned + other_ended - short_abandoned)",
        choices=("short abandons are out, above and below, unless short_abandons=in", "calls in progress are out"),
    ),
    Formula(
        name="answered_of_base",
        title="answered calls of the row to all calls of the base",
        unit=Unit.SHARE,
        formula="answered / count of all calls in [base_from, base_to)",
        choices=(
            "the base has every call of its days, whatever office, queue, service or language is asked for",
            "null when no base is asked for",
        ),
    ),
    Formula(
        name="mean_wait_s",
        title="mean waiting time of answered calls",
        unit=Unit.SECONDS,
        formula="sum of wait_s of answered calls / answered",
        choices=("waiting in all queues of the call together, in whole seconds of queue_log",),
    ),
    Formula(
        name="mean_talk_s",
        title="mean talk time",
        unit=Unit.SECONDS,
        formula="sum of talk_s / answered",
        choices=("connected with operators, all conversations of the call together",),
    ),
    Formula(
        name="days",
        title="how often the weekday lies in the range",
        unit=Unit.DAYS,
        formula="count of Kyiv days of the range with this weekday",
    ),
    Formula(
        name="calls_per_day",
        title="mean calls of an hour of a weekday",
        unit=Unit.CALLS,
        formula="calls / days",
        choices=("days without calls count", "an hour that a clock change skips counts as one without calls"),
    ),
    Formula(
        name="offered",
        title="visits to a queue that ended",
        unit=Unit.VISITS,
        formula="count of visits that entered and were answered, abandoned, or left in another way",
        choices=(
            _ENTERED,
            "a caller who goes on to another queue visits both",
            "refused visits (the queue let nobody in) are out",
        ),
    ),
    Formula(
        name="answered_visits",
        title="answered visits",
        unit=Unit.VISITS,
        formula="count of visits with answered_at",
    ),
    Formula(
        name="answered_within",
        title="visits answered within the threshold",
        unit=Unit.VISITS,
        formula="count of answered visits with wait_s <= threshold_s",
    ),
    Formula(
        name="abandoned_visits",
        title="visits that the caller left by hanging up",
        unit=Unit.VISITS,
        formula="count of visits ending abandoned, abandoned_ringing, or lost without an answer",
    ),
    Formula(
        name="abandoned_within",
        title="visits abandoned within the threshold",
        unit=Unit.VISITS,
        formula="count of abandoned visits with wait_s <= threshold_s",
    ),
    Formula(
        name="short_abandoned_visits",
        title="abandoned visits that were short",
        unit=Unit.VISITS,
        formula=f"count of abandoned visits with wait_s < {SHORT_ABANDON_S}",
    ),
    Formula(
        name="within_offered",
        title="service level (the default)",
        unit=Unit.SHARE,
        formula="answered_within / (offered - short_abandoned_visits)",
        choices=("short abandons are out unless short_abandons=in", "who leaves for another queue counts as missed"),
    ),
    Formula(
        name="asterisk_sl",
        title="service level as Asterisk's ServicelevelPerf",
        unit=Unit.SHARE,
        formula="answered_within / answered_visits",
        choices=("abandons do not count at all; queue show calls it SL",),
    ),
    Formula(
        name="asterisk_sl2",
        title="service level as Asterisk's ServicelevelPerf2",
        unit=Unit.SHARE,
        formula="(answered_within + abandoned_within) / (answered_visits + abandoned_visits)",
        choices=("an abandon within the threshold counts as well served; queue show calls it SL2",),
    ),
    Formula(
        name="measured",
        title="calls that a distribution is made of",
        unit=Unit.CALLS,
        formula="count of calls with a value",
        choices=(
            "waiting_answered: wait_s of answered calls",
            "waiting_abandoned: wait_s of abandoned calls that reached a queue, short ones in it",
            "talk: talk_s of answered calls",
        ),
    ),
    Formula(
        name="percentiles",
        title="p50_s, p90_s, p95_s, longest_s",
        unit=Unit.SECONDS,
        formula="percentile_disc: the least value that is not exceeded by that share of the calls",
        choices=("exact, from every call; always a value that occurred",),
    ),
    Formula(
        name="share_of_abandoned",
        title="share of all abandoned calls",
        unit=Unit.SHARE,
        formula="abandoned calls of the row / all abandoned calls of the report",
        choices=("short ones are in it, above and below",),
    ),
    Formula(
        name="reached",
        title="calls that answered in a menu",
        unit=Unit.CALLS,
        formula="count of calls with an answer in the menu (silence is one)",
        choices=("an answer belongs to the Kyiv day in which its call started",),
    ),
    Formula(
        name="matches",
        title="keys that are an option",
        unit=Unit.ANSWERS,
        formula="count of answers with outcome match, zero-outs among them",
    ),
    Formula(
        name="wrong_keys",
        title="wrong keys",
        unit=Unit.ANSWERS,
        formula="count of answers with outcome no_match",
    ),
    Formula(name="silence", title="silence", unit=Unit.ANSWERS, formula="count of answers with outcome no_input"),
    Formula(
        name="zero_outs",
        title="answers with the key for an operator",
        unit=Unit.ANSWERS,
        formula="count of answers with key = operator_key",
        choices=("operator_key is 0 unless asked otherwise",),
    ),
    Formula(
        name="drop_outs",
        title="calls that the caller left in the menu",
        unit=Unit.CALLS,
        formula="count of calls with outcome abandoned_in_menu whose last answer was in this menu",
        choices=("menu null: hung up before any answer", _STARTED),
    ),
    Formula(
        name="handled",
        title="visits that an operator answered",
        unit=Unit.VISITS,
        formula="count of answered visits of the operator",
        choices=(_ENTERED,),
    ),
    Formula(
        name="aht_s",
        title="average handling time",
        unit=Unit.SECONDS,
        formula="sum of talk_s of handled visits / handled",
        choices=("talk with time on hold in it; after-call work is in no evidence and stays out",),
    ),
    Formula(
        name="occupancy",
        title="share of the time logged in and not paused that an operator talked or was rung",
        unit=Unit.SHARE,
        formula="(sum of talk_s + sum of ring_s of handled visits) / (logged_in_s - paused_s)",
        choices=("null when no state of the operator is known",),
    ),
    Formula(
        name="logged_in_s",
        title="time logged in",
        unit=Unit.STATES,
        formula="sum of the seconds of the operator's states available and paused that lie in the range",
        choices=("a state that goes on counts until now", "in several queues at once counts once"),
    ),
    Formula(
        name="paused_s",
        title="time paused",
        unit=Unit.STATES,
        formula="sum of the seconds of the operator's states paused that lie in the range",
    ),
    Formula(
        name="callers_known",
        title="callers whose number is known",
        unit=Unit.CALLERS,
        formula="count of different pseudonyms",
        choices=(
            "withheld numbers are out; calls_known counts the calls of known numbers",
            "told apart by 64 bits: a million callers hold two that look like one with a chance of 3 in 100 million",
        ),
    ),
    Formula(
        name="came_back",
        title="calls followed by another of the same number",
        unit=Unit.CALLS,
        formula="count of calls whose number started its next call within within_h hours",
        choices=("any service and queue of the next call", "also when the next call lies after the range"),
    ),
    Formula(
        name="came_back_share",
        title="share of calls followed by another of the same number",
        unit=Unit.SHARE,
        formula="came_back / calls_known",
    ),
)

FORMULAS: Mapping[str, Formula] = {formula.name: formula for formula in _ALL}


def formulas_of(names: Iterable[str]) -> dict[str, Formula]:
    """Gives the formulas of figures, in their order."""
    return {name: FORMULAS[name] for name in names}


def share(part: float, whole: float) -> float | None:
    """Gives part / whole; None when there is nothing to divide by."""
    return part / whole if whole else None
