"""Compares what Asterisk shows of operators with what the node knows, and repairs the difference or raises an alarm.

Three tasks: one follows each list of the queues, one writes the record down as soon as it changes, one puts operators
on a pause who miss too many rings. Within one boot of Asterisk its list is the truth, and the record follows it; after
a new boot the record is, because Asterisk's own memory may lack the last second (astdb commits once a second).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from asterisk_conf.state_files import StateError
from ivr.ami.errors import AmiError
from ivr.ami.frames import Frame
from ivr.ami.link import AmiLink, LinkState
from ivr.ami.watch import AsteriskWatch
from ivr.plans import PlanStore
from ivr.queues.places import CHANNEL_TECHNOLOGY, Places
from ivr.reconciler.channels import ChannelList
from ivr.reconciler.notices import MISSED_RINGS_REASON, Notice, NoticeKind, Notices, still_holds
from ivr.reconciler.record import Record, is_behind_trunk, read_record, record_of, write_record
from ivr.reconciler.repairs import Action, Repair, freeing, may_be_paused, pause_action, restorations
from ivr.reconciler.suspects import MissedRings, StuckMembers
from routing.plan import OperatorId, QueueName

RESTORE_TRIES = 5
"""After so many lists Asterisk's view is taken, with an alarm."""
CHANNELS_S = 5.0

_log = structlog.stdlib.get_logger("ivr.reconciler")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcilerSources:
    """What the reconciler reads and writes."""

    file: Path
    """The record."""
    plans: PlanStore
    missed_rings_limit: int
    """So many missed rings in a row bring a pause."""


class Reconciler:
    """One for a node; nothing that fails here ends it."""

    def __init__(self, link: AmiLink, watch: AsteriskWatch, sources: ReconcilerSources) -> None:
        self._link = link
        self._watch = watch
        self._sources = sources
        self._known = Record()
        self._written: Record | None = None
        self._has_changed = asyncio.Event()
        self._channels = ChannelList(link, deadline_s=CHANNELS_S)
        self._stuck = StuckMembers()
        self._rings = MissedRings(sources.missed_rings_limit)
        self._overdue: asyncio.Queue[OperatorId] = asyncio.Queue()
        self._notices = Notices(lambda: datetime.now(UTC))
        self._owed: list[Action] = []
        """Actions that have to follow others which are done: who left a queue must come back."""
        self._tries = 0
        self._problem: str | None = None
        self._handlers: dict[str, Callable[[OperatorId, Frame], None]] = {
            "QueueMemberAdded": self._take_added,
            "QueueMemberRemoved": self._take_removed,
            "QueueMemberPause": self._take_pause,
            "AgentRingNoAnswer": self._take_missed,
            "AgentConnect": self._take_answer,
        }
        self.repaired = 0
        """Repairs since the service began."""

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What people should know of operators now."""
        return self._notices.current()

    async def run(self) -> None:
        """Works until cancelled."""
        try:
            self._known = await asyncio.to_thread(read_record, self._sources.file)
        except StateError as error:
            _log.error("operators_not_read", problem=str(error), then="Asterisk's view is taken")
        self._written = self._known
        async with asyncio.TaskGroup() as group:
            group.create_task(self._forever(self._follow_list), name="reconciler-lists")
            group.create_task(self._forever(self._write_change), name="reconciler-record")
            group.create_task(self._forever(self._pause_next), name="reconciler-rings")

    async def _forever(self, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await step()
            except (AmiError, StateError) as error:
                self._tell(str(error) or type(error).__name__)

    # --- events

    def take_event(self, frame: Frame) -> None:
        """Takes an event of the manager. Before Asterisk has booted members come from its memory, not from people."""
        self._channels.take(frame)
        handle = self._handlers.get(frame.event or "")
        interface = frame.first("Interface") or ""
        operator = OperatorId(interface.removeprefix(CHANNEL_TECHNOLOGY))
        is_live = self._link.state in (LinkState.UP, LinkState.DRAINING)
        if handle is None or not is_live or operator == interface or is_behind_trunk(operator):
            return
        handle(operator, frame)

    def _take_added(self, operator: OperatorId, frame: Frame) -> None:
        self._rings.forget(operator)
        self._learn(self._known.joined(operator, _queue(frame), is_paused=frame.first("Paused") == "1"))

    def _take_removed(self, operator: OperatorId, frame: Frame) -> None:
        self._rings.forget(operator)
        self._learn(self._known.left(operator, _queue(frame)))

    def _take_pause(self, operator: OperatorId, frame: Frame) -> None:
        self._rings.forget(operator)
        is_paused, reason = frame.first("Paused") == "1", frame.first("PausedReason") or ""
        self._learn(self._known.paused(operator, is_paused=is_paused, reason=reason))

    def _take_missed(self, operator: OperatorId, _frame: Frame) -> None:
        if self._rings.missed(operator):
            self._overdue.put_nowait(operator)

    def _take_answer(self, operator: OperatorId, _frame: Frame) -> None:
        self._rings.forget(operator)
        self._notices.take_back(operator, NoticeKind.RINGS_UNANSWERED)

    def _learn(self, record: Record) -> None:
        self._known = record
        if record != self._written:
            self._has_changed.set()

    # --- the record

    async def _write_change(self) -> None:
        await self._has_changed.wait()
        self._has_changed.clear()
        record = self._known
        if record != self._written:
            await asyncio.to_thread(write_record, self._sources.file, record)
            self._written = record

    # --- lists

    async def _follow_list(self) -> None:
        await self.reconcile(await self._watch.next_places())
        self._tell(None)

    async def reconcile(self, places: Places) -> None:
        """Does what one list of the queues asks for.

        Raises:
            AmiError: Asterisk cannot be told.
            StateError: The plan cannot be read.
        """
        boot_id = self._watch.boot_id
        if boot_id is None:
            return
        while self._owed:
            await self._do(self._owed[0])
            del self._owed[0]
        if self._known.boot_id in (None, boot_id):
            self._learn(record_of(places, boot_id))
        else:
            await self._restore(places, boot_id)
        self._end_notices(places)
        await self._look_for_stuck(places)

    async def _restore(self, places: Places, boot_id: str) -> None:
        """Gives a new boot of Asterisk back what it lost; the record counts as told once nothing is missing."""
        missing = restorations(self._known, places, self._sources.plans.plan_of_call(None))
        if missing and self._tries < RESTORE_TRIES:
            self._tries += 1
            for repair in missing:
                await self._repair(repair)
            return
        for repair in missing:
            _log.error("operator_not_restored", operator=repair.operator, what=repair.kind.value)
        self._tries = 0
        self._learn(record_of(places, boot_id))

    async def _look_for_stuck(self, places: Places) -> None:
        busy = {each.operator for each in places.members if each.is_busy and not is_behind_trunk(each.operator)}
        found = self._stuck.look(busy, await self._channels.ask() if busy else frozenset())
        for operator in found.to_free:
            _log.warning("operator_stuck", operator=operator, then="leaves the queues and comes back")
            await self._repair(freeing(operator, places))
        for operator in found.to_alarm:
            self._notices.raise_for(operator, NoticeKind.STUCK)
            _log.error("operator_still_stuck", operator=operator, mend="restart the phone; Asterisk believes it in use")
        for operator in found.over:
            self._notices.take_back(operator, NoticeKind.STUCK)
            _log.warning("operator_free_again", operator=operator)

    def _end_notices(self, places: Places) -> None:
        """Takes back what is no longer so, and raises again what a restart of the service forgot."""
        shown = record_of(places, "").standings
        for notice in self._notices.current():
            if not still_holds(notice, shown.get(notice.operator)):
                self._notices.take_back(notice.operator, notice.kind)
        for operator, standing in shown.items():
            if standing.reason == MISSED_RINGS_REASON:
                self._notices.raise_for(operator, NoticeKind.MISSED_RINGS)

    # --- actions

    async def _pause_next(self) -> None:
        operator = await self._overdue.get()
        places = self._watch.places
        if places is None:
            return
        if not may_be_paused(operator, places, self._known, self._sources.plans.plan_of_call(None)):
            if self._notices.raise_for(operator, NoticeKind.RINGS_UNANSWERED):
                _log.error("rings_unanswered", operator=operator, then="no pause: nobody else can answer")
            return
        self._rings.forget(operator)
        if await self._do(pause_action(operator, MISSED_RINGS_REASON)):
            self._learn(self._known.paused(operator, is_paused=True, reason=MISSED_RINGS_REASON))
            self._notices.raise_for(operator, NoticeKind.MISSED_RINGS)
            _log.error("operator_paused", operator=operator, missed=self._sources.missed_rings_limit, mend="*84")

    async def _repair(self, repair: Repair) -> None:
        self._owed += repair.actions
        is_done = True
        while self._owed:
            is_done &= await self._do(self._owed[0])
            del self._owed[0]
        self.repaired += is_done
        _log.warning("operator_repaired", operator=repair.operator, what=repair.kind.value, is_done=is_done)

    async def _do(self, action: Action) -> bool:
        response = await self._link.action(action.name, **action.fields)
        if not response.is_success:
            _log.warning("asterisk_refuses", action=action.name, problem=response.message, **_places_of(action))
        return response.is_success

    def _tell(self, problem: str | None) -> None:
        if problem is not None and problem != self._problem:
            _log.warning("operators_not_reconciled", problem=problem)
        self._problem = problem


def _queue(frame: Frame) -> QueueName:
    return QueueName(frame.first("Queue") or "")


def _places_of(action: Action) -> dict[str, str]:
    return {name.lower(): action.fields[name] for name in ("Queue", "Interface") if name in action.fields}
