"""What becomes of calls when one plan takes the place of another: words, minutes, and calls of the past. Pure.

All three come from the functions that route real calls: `decide` for every stretch of time in which neither plan
changes its state, and the menus walked again with the keys that callers really pressed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from routing.calendars import local_date, states_of_day
from routing.changes import PlanChange, find_changes
from routing.decisions import Facts, decide
from routing.languages import Language, Text
from routing.menus import SILENCE_MARK, Ask, Key, Silence, Step, answer, start
from routing.plan import Office, OfficeId, Plan, PlanVersion, QueueName, Service, ServiceId

HORIZON_DAYS = 60
"""How far ahead the minutes of two plans are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """What a caller who wants a service meets."""

    is_open: bool
    queue: QueueName


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """UTC minutes `[from_at, to_at)` in which a service is in another state under the new plan."""

    service: ServiceId
    from_at: datetime
    to_at: datetime
    old: ServiceState
    new: ServiceState

    @property
    def minutes(self) -> int:
        """Length in minutes."""
        return int((self.to_at - self.from_at).total_seconds()) // 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDiff:
    """What differs between two plans."""

    old_version: PlanVersion
    new_version: PlanVersion
    from_at: datetime
    """The minutes of `[from_at, to_at)` were compared."""
    to_at: datetime
    changes: tuple[PlanChange, ...]
    states: tuple[StateChange, ...]
    """By service, then in order of time; services that only one of the plans has are told by `changes` alone."""

    @property
    def is_empty(self) -> bool:
        """Tells whether the plans say the same."""
        return not self.changes and not self.states


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCall:
    """A call as the log tells it."""

    moment: datetime
    service: ServiceId | None
    """What it was decided for; None: the caller hung up before that."""
    keys: tuple[str, ...]
    """Its answers in the menus, `SILENCE_MARK` for silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirection:
    """Calls that would go to another queue."""

    old_queue: QueueName
    new_queue: QueueName
    old_title: Text
    """The office's title; the queue's when both queues are of one office."""
    new_title: Text
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirected:
    """What a new plan would have made of past calls. Overrides of that time are not taken into account."""

    calls: int
    """Calls that both plans send somewhere."""
    unheard: int
    """Calls that hung up before they chose anything."""
    redirections: tuple[Redirection, ...]
    """The most calls first."""

    @property
    def moved(self) -> int:
        """Calls that would go elsewhere."""
        return sum(each.calls for each in self.redirections)


def diff(old: Plan, new: Plan, moment: datetime) -> PlanDiff:
    """Tells what changes when `new` takes the place of `old` at `moment` (aware).

    Raises:
        ValueError: `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    from_at = moment.astimezone(UTC).replace(second=0, microsecond=0)
    to_at = from_at + timedelta(days=HORIZON_DAYS)
    moments = _moments(old, new, from_at, to_at)
    shared = [each for each in old.services if each in new.services]
    return PlanDiff(
        old_version=old.version,
        new_version=new.version,
        from_at=from_at,
        to_at=to_at,
        changes=find_changes(old, new),
        states=tuple(change for each in shared for change in _state_changes(old, new, each, moments)),
    )


def redirected(old: Plan, new: Plan, calls: Iterable[PastCall]) -> Redirected:
    """Counts which of `calls` would reach another first queue under `new` than under `old`.

    The keys that the caller pressed are walked through each plan's menus; where they choose nothing (a script decided,
    or the menu asks more than it did), the service of the log counts.
    """
    pairs: Counter[tuple[QueueName, QueueName]] = Counter()
    compared = unheard = 0
    for call in calls:
        before, after = _queue_of(old, call), _queue_of(new, call)
        if before is None or after is None:
            unheard += 1
            continue
        compared += 1
        if before != after:
            pairs[before, after] += 1
    rows = [_redirection(old, new, before, after, count) for (before, after), count in pairs.items()]
    rows.sort(key=lambda each: (-each.calls, each.old_queue, each.new_queue))
    return Redirected(calls=compared, unheard=unheard, redirections=tuple(rows))


def tell_redirected(found: Redirected, language: Language = Language.EN) -> str:
    """Gives the counts as one line: `143 of 6,120: 140 Sumy → Chernivtsi, 3 Chernivtsi → Sumy`."""
    separator, of = (",", "of") if language is Language.EN else ("\N{NO-BREAK SPACE}", "з")
    head = f"{found.moved:,} {of} {found.calls:,}".replace(",", separator)
    rows = (
        f"{each.calls:,}".replace(",", separator)
        + f" {each.old_title.in_language(language)} → {each.new_title.in_language(language)}"
        for each in found.redirections
    )
    return ": ".join(filter(None, (head, ", ".join(rows))))


def _moments(old: Plan, new: Plan, from_at: datetime, to_at: datetime) -> list[datetime]:
    """Gives the moments at which a service or office of either plan may change, `from_at` and `to_at` included."""
    found = {from_at, to_at}
    for plan in (old, new):
        first = local_date(plan, from_at)
        for ahead in range(HORIZON_DAYS + 1):
            day = first + timedelta(days=ahead)
            subjects: tuple[Service | Office, ...] = (*plan.services.values(), *plan.offices.values())
            for subject in subjects:
                found.update(begin for begin, _ in states_of_day(plan, subject, day) if from_at < begin < to_at)
    return sorted(found)


def _state_changes(old: Plan, new: Plan, service: ServiceId, moments: list[datetime]) -> Iterator[StateChange]:
    """Gives the stretches in which the plans differ; neighbours with the same states are one."""
    open_change: StateChange | None = None
    for begin, end in pairwise(moments):
        states = _state(old, service, begin), _state(new, service, begin)
        if open_change is not None and open_change.to_at == begin and (open_change.old, open_change.new) == states:
            open_change = _change(service, open_change.from_at, end, states)
            continue
        if open_change is not None:
            yield open_change
        open_change = _change(service, begin, end, states) if states[0] != states[1] else None
    if open_change is not None:
        yield open_change


def _change(
    service: ServiceId, from_at: datetime, to_at: datetime, states: tuple[ServiceState, ServiceState]
) -> StateChange:
    return StateChange(service=service, from_at=from_at, to_at=to_at, old=states[0], new=states[1])


def _state(plan: Plan, service: ServiceId, moment: datetime) -> ServiceState:
    decision = decide(plan, Facts(service=service), moment)
    return ServiceState(is_open=decision.is_open, queue=decision.queue)


def _queue_of(plan: Plan, call: PastCall) -> QueueName | None:
    service = _keyed_service(plan, call.keys) or call.service
    return None if service is None else decide(plan, Facts(service=service), call.moment).queue


def _keyed_service(plan: Plan, keys: tuple[str, ...]) -> ServiceId | None:
    """Gives what the keys choose in the plan's menus; None: they end before anything is chosen."""
    step: Step = start(plan)
    for key in keys:
        if not isinstance(step, Ask):
            break
        step = answer(plan, step.position, Silence() if key == SILENCE_MARK else Key(key=key))
    return None if isinstance(step, Ask) else step.service


def _redirection(old: Plan, new: Plan, old_queue: QueueName, new_queue: QueueName, calls: int) -> Redirection:
    offices: tuple[OfficeId, OfficeId] = old.queues[old_queue].office, new.queues[new_queue].office
    is_one_office = offices[0] == offices[1]
    return Redirection(
        old_queue=old_queue,
        new_queue=new_queue,
        old_title=old.queues[old_queue].title if is_one_office else old.offices[offices[0]].title,
        new_title=new.queues[new_queue].title if is_one_office else new.offices[offices[1]].title,
        calls=calls,
    )
