"""Keeps the queues as plan, clock and switches want them, as often as Asterisk tells who waits.

Only what needs somebody awake is done here: callers of a queue that a switch has closed, operators after a publish,
help from other offices, the alarm when nobody can answer. Closing time itself ends waits without the service: the
decision's own limit does. It may not decide where a caller goes: who is withdrawn comes back to the ladder.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import structlog

from asterisk_conf.names import DUTY_MEMBER
from asterisk_conf.state_files import StateError, read_overrides
from ivr.ami.errors import AmiError
from ivr.ami.link import AmiLink
from ivr.ami.watch import AsteriskWatch
from ivr.clock import Clock
from ivr.plans import PlanStore
from ivr.queues.places import Places, Waiting
from ivr.queues.staff import StaffChange, staff_changes
from routing.decisions import serving_queues
from routing.plan import Plan, QueueName

_log = structlog.stdlib.get_logger("ivr.queues")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeeperSources:
    """What the keeper reads."""

    state: Path
    plans: PlanStore
    clock: Clock
    has_outbound: bool = False
    """Whether the site has a trunk for calls that go out."""


class QueueKeeper:
    """One task; nothing that fails here ends it, because callers wait whether it works or not."""

    def __init__(self, link: AmiLink, watch: AsteriskWatch, sources: KeeperSources) -> None:
        self._link = link
        self._watch = watch
        self._sources = sources
        self._pending: frozenset[StaffChange] = frozenset()
        """What the last list wanted: an operator in the midst of logging in or out is let be."""
        self._problem: str | None = None
        self.unstaffed: tuple[QueueName, ...] = ()
        """Queues that must always be there, and in which nobody can answer now."""

    async def run(self) -> None:
        """Keeps the queues until cancelled."""
        while True:
            places = await self._watch.next_places()
            try:
                await self.keep(places)
            except (AmiError, StateError) as error:
                self._tell(str(error) or type(error).__name__)
            else:
                self._tell(None)

    async def keep(self, places: Places) -> None:
        """Does what one list of the queues asks for.

        Raises:
            AmiError: Asterisk cannot be told.
            StateError: Plan, switches or clock cannot be read.
        """
        plan = self._sources.plans.plan_of_call(None)
        self._note_unstaffed(plan, places)
        for caller in await asyncio.to_thread(self._stranded, plan, places):
            await self._withdraw(caller)
        wanted = staff_changes(plan, places, has_outbound=self._sources.has_outbound)
        for change in sorted(wanted & self._pending, key=lambda each: (each.action, each.queue, each.operator)):
            await self._apply(change)
        self._pending = wanted - self._pending

    def _stranded(self, plan: Plan, places: Places) -> list[Waiting]:
        """Gives the callers who wait where nobody is meant to answer any more."""
        serving = serving_queues(plan, read_overrides(self._sources.state), self._sources.clock.now())
        return [each for each in places.waiting if each.queue in plan.queues and each.queue not in serving]

    async def _withdraw(self, caller: Waiting) -> None:
        response = await self._link.action("QueueWithdrawCaller", Queue=caller.queue, Caller=caller.channel)
        if response.is_success:
            _log.info(
                "caller_moved", call_id=caller.uniqueid, queue=caller.queue, channel=caller.channel, why="closing"
            )

    async def _apply(self, change: StaffChange) -> None:
        response = await self._link.action(change.action, **change.fields())
        _log.info(
            "operator_moved",
            action=change.action,
            queue=change.queue,
            operator=DUTY_MEMBER if change.is_duty else change.operator,
            problem=None if response.is_success else response.message,
        )

    def _note_unstaffed(self, plan: Plan, places: Places) -> None:
        """Raises the alarm at once, and takes it back when somebody is there again."""
        name = plan.line.last_resort_queue
        is_known = name in places.queues
        unstaffed = () if not is_known or places.is_staffed(name) else (name,)
        if unstaffed and not self.unstaffed:
            _log.error(
                "queue_unstaffed", queue=name, mend="operators must log in with *81, or end their pause with *84"
            )
        elif self.unstaffed and not unstaffed:
            _log.warning("queue_staffed_again", queue=name)
        self.unstaffed = unstaffed

    def _tell(self, problem: str | None) -> None:
        if problem != self._problem and problem is not None:
            _log.warning("queues_not_kept", problem=problem)
        self._problem = problem
