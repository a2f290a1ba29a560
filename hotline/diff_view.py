"""What differs between two plans, for people and for programs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from routing.changes import PlanChange, tell_days
from routing.diff import HORIZON_DAYS, PlanDiff, Redirected, ServiceState, StateChange, tell_redirected
from routing.plan import ServiceId

MINUTES_IN_HOUR = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Habit:
    """What many ranges have in common: the same service, local times and states."""

    service: ServiceId
    hours: str
    old: ServiceState
    new: ServiceState


def diff_view(found: PlanDiff, timezone: str, calls: Redirected | None, since: datetime | None) -> RenderableType:
    """Gives the difference as text; times are local ones of `timezone`.

    Args:
        found: What `routing.diff.diff` found.
        timezone: The plan's.
        calls: What would have become of past calls; None: they were not asked for.
        since: Aware time from which calls were counted; None as `calls`.
    """
    parts: list[RenderableType] = [Text(f"plan {found.old_version} → {found.new_version}", style="bold")]
    parts.append(_changes_table(found.changes) if found.changes else Text("no word of the plan differs"))
    parts += _states_parts(found, ZoneInfo(timezone))
    if calls is not None and since is not None:
        day = f"{since.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M}"
        parts.append(Text(f"\ncalls since {day} that would go elsewhere", style="bold"))
        parts.append(Text(tell_redirected(calls)))
        parts.append(Text(f"{calls.unheard} more hung up before they chose anything", style="dim"))
    return Group(*parts)


def diff_document(found: PlanDiff, calls: Redirected | None, since: datetime | None) -> dict[str, object]:
    """Gives the difference as JSON data; times are UTC; arguments are as for `diff_view`."""
    document: dict[str, object] = {
        "old_version": found.old_version,
        "new_version": found.new_version,
        "from": found.from_at.isoformat(),
        "to": found.to_at.isoformat(),
        "changes": [_change_document(each) for each in found.changes],
        "minutes": [_state_document(each) for each in found.states],
    }
    if calls is not None and since is not None:
        document["calls"] = _calls_document(calls, since)
    return document


def _changes_table(changes: Iterable[PlanChange]) -> Table:
    table = Table("file", "place", "", "before", "after", box=None, header_style="bold", padding=(0, 2, 0, 0))
    for each in changes:
        table.add_row(each.file, each.path, each.kind.value, Text(each.old or "–"), Text(each.new or "–"))
    return table


def _states_parts(found: PlanDiff, zone: ZoneInfo) -> list[RenderableType]:
    if not found.states:
        return [Text(f"\nno minute of the next {HORIZON_DAYS} days changes")]
    table = Table("service", "hours", "days", "before", "after", box=None, header_style="bold", padding=(0, 2, 0, 0))
    for habit, days in _habits(found.states, zone).items():
        table.add_row(habit.service, habit.hours, _tell_dates(days), _tell_state(habit.old), _tell_state(habit.new))
    minutes = sum(each.minutes for each in found.states)
    heading = f"\nthe next {HORIZON_DAYS} days: {minutes / MINUTES_IN_HOUR:,.1f} hours of services change, local time"
    return [Text(heading, style="bold"), table]


def _habits(states: Iterable[StateChange], zone: ZoneInfo) -> dict[_Habit, list[date]]:
    """Gives the local days on which each habit begins, in order."""
    habits: dict[_Habit, list[date]] = {}
    for each in states:
        begin, end = each.from_at.astimezone(zone), each.to_at.astimezone(zone)
        habit = _Habit(service=each.service, hours=_tell_hours(begin, end), old=each.old, new=each.new)
        habits.setdefault(habit, []).append(begin.date())
    return habits


def _tell_hours(begin: datetime, end: datetime) -> str:
    days = (end.date() - begin.date()).days
    if days == 1 and end.hour == end.minute == 0:
        return f"{begin:%H:%M}-24:00"
    return f"{begin:%H:%M}-{end:%H:%M}" + (f" {days} d later" if days else "")


def _tell_dates(days: list[date]) -> str:
    """Gives `2026-11-24`, or `mon-fri, 43 days from 2026-11-24 to 2027-01-22`."""
    if len(days) == 1:
        return f"{tell_days((days[0].weekday(),))} {days[0]}"
    weekdays = tuple(sorted({day.weekday() for day in days}))
    return f"{tell_days(weekdays)}, {len(days)} days from {days[0]} to {days[-1]}"


def _tell_state(state: ServiceState) -> str:
    return f"{'open' if state.is_open else 'closed'}, queue {state.queue}"


def _change_document(change: PlanChange) -> dict[str, str | None]:
    return {
        "kind": change.kind.value,
        "file": change.file,
        "path": change.path,
        "old": change.old,
        "new": change.new,
    }


def _state_document(change: StateChange) -> dict[str, object]:
    states = {"old": change.old, "new": change.new}
    return {
        "service": change.service,
        "from": change.from_at.isoformat(),
        "to": change.to_at.isoformat(),
        **{name: {"open": state.is_open, "queue": state.queue} for name, state in states.items()},
    }


def _calls_document(calls: Redirected, since: datetime) -> dict[str, object]:
    return {
        "since": since.isoformat(),
        "compared": calls.calls,
        "moved": calls.moved,
        "unheard": calls.unheard,
        "redirections": [
            {"from": each.old_queue, "to": each.new_queue, "calls": each.calls} for each in calls.redirections
        ],
        "told": tell_redirected(calls),
    }
