"""What the service does with a call: greeting, menus, decision. Where calls go is decided by `routing` alone.

A flow sets every variable before the next prompt, so that the next rung of the ladder goes on from there, and sets the
outcome last. It may not queue or dial for the caller: the dialplan does that.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog

from asterisk_conf.handoff import CallFacts, NodeFacts, decide_call, facts_of, variables_of
from asterisk_conf.names import AgiRoute, Variable
from asterisk_conf.registration import RegistrationError, needs_number, registration_variables
from asterisk_conf.state_files import StateError, read_dead_numbers, read_overrides
from ivr.agi.server import Flow
from ivr.agi.session import AgiSession
from ivr.clock import Clock
from ivr.keypad import KeyStores
from ivr.plans import PlanStore
from ivr.prompt_lengths import PromptLengths
from ivr.queues.expected import with_expected_wait
from ivr.queues.keys import after_menu, is_menu_key, menu_again
from ivr.queues.places import Places
from ivr.queues.returns import ReturnMemory
from ivr.speaker import Speaker
from ivr.walk import Walk
from routing.calendars import local_date
from routing.decisions import Decision
from routing.menus import Ask, Chosen, start
from routing.numbers import normalise_caller
from routing.overrides import Override
from routing.plan import Plan
from routing.readings import Listener, is_inside_ukraine
from routing.reasons import Reason, ReasonCode, because

_log = structlog.stdlib.get_logger("ivr.flows")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSources:
    """What flows read."""

    state: Path
    plans: PlanStore
    clock: Clock
    lengths: PromptLengths
    returns: ReturnMemory | None = None
    """None: nobody's waiting time is remembered."""
    places: Callable[[], Places | None] = lambda: None
    """Who waits where, as far as it is known."""


class Flows:
    """The flows of one node."""

    def __init__(self, sources: FlowSources) -> None:
        self._sources = sources
        self._speaker = Speaker(sources.lengths)
        self._stores = KeyStores()

    def routes(self) -> dict[str, Flow]:
        """Gives the flow of each route."""
        return {
            AgiRoute.ENTRY.value: self.entry,
            AgiRoute.AFTER_QUEUE.value: self.decide_again,
            AgiRoute.AFTER_DIAL.value: self.decide_again,
            AgiRoute.AFTER_CENTRE.value: self.decide_again,
            AgiRoute.QUEUE_KEY.value: self.queue_key,
            AgiRoute.HEALTH.value: self.health,
        }

    async def entry(self, session: AgiSession) -> None:
        """Greets the caller, walks the menus and hands the call over."""
        call = facts_of(session.argument(1))
        plan = self._sources.plans.plan_of_call(call.plan_version)
        chosen = await self._walk(session, plan, start(plan, call.language, self._listener(session, plan, call)))
        call = replace(call, service=chosen.service, language=chosen.language, keys=chosen.keys, centre=chosen.centre)
        call, returned = await self._returning(session, plan, call)
        await self._hand_over(session, plan, call, (chosen.why, *returned))

    async def _returning(
        self, session: AgiSession, plan: Plan, call: CallFacts
    ) -> tuple[CallFacts, tuple[Reason, ...]]:
        """Gives back the waiting time of a call that the caller ended unanswered shortly before."""
        within_s = 0 if plan.line.waiting is None else plan.line.waiting.return_s
        if self._sources.returns is None or within_s == 0:
            return call, ()
        waited_s = self._sources.returns.claim(session.caller_number, within_s)
        if waited_s == 0:
            return call, ()
        await session.set_variable(Variable.WAITED_BEFORE_S.value, str(waited_s))
        return replace(call, waited_s=call.waited_s + waited_s), (because(ReasonCode.RETURNED, waited=str(waited_s)),)

    async def decide_again(self, session: AgiSession) -> None:
        """Decides again for a caller whom a queue did not serve, or whom nobody at a number answered."""
        call = facts_of(session.argument(1))
        await self._hand_over(session, self._sources.plans.plan_of_call(call.plan_version), call, ())

    async def queue_key(self, session: AgiSession) -> None:
        """Decides for a caller who left a queue by a key; the key to the menu walks it again."""
        call = facts_of(session.argument(1))
        plan = self._sources.plans.plan_of_call(call.plan_version)
        why: tuple[Reason, ...] = ()
        if is_menu_key(plan, call.queue_key):
            chosen = await self._walk(session, plan, menu_again(plan, call, self._listener(session, plan, call)))
            call, why = after_menu(call, chosen)
            await session.set_variable(Variable.TRIED_QUEUES.value, "+".join(call.tried_queues))
        await self._hand_over(session, plan, call, why)

    async def health(self, session: AgiSession) -> None:
        """Answers a health check in its own protocol."""
        await session.no_operation("ready")

    def _listener(self, session: AgiSession, plan: Plan, call: CallFacts) -> Listener:
        """Tells who listens, and when: what may be read out depends on it."""
        is_inside = is_inside_ukraine(call.did, normalise_caller(session.caller))
        return Listener(is_inside=is_inside, today=local_date(plan, self._sources.clock.now()))

    async def _walk(self, session: AgiSession, plan: Plan, first: Ask) -> Chosen:
        """Walks the menus from `first`; keys are stored meanwhile, and only then."""
        keypad = await self._stores.begin(session)
        chosen = await Walk(session, plan, self._speaker, keypad).choose(first)
        await keypad.close()
        return chosen

    async def _hand_over(self, session: AgiSession, plan: Plan, call: CallFacts, why: tuple[Reason, ...]) -> None:
        """Decides, and sets the decision's variables, the outcome last."""
        moment = self._sources.clock.now()
        node = NodeFacts(overrides=self._overrides(session), dead_numbers=self._dead_numbers(session, call))
        decision = decide_call(call, plan, node, moment, why)
        registered = await self._registration(session, call, decision, plan, moment)
        decision = with_expected_wait(plan, decision, self._sources.places())
        for variable, value in (*registered, *variables_of(decision, plan)):
            await session.set_variable(variable.value, value)
        _log.info(
            "decided",
            call_id=session.call_id,
            service=decision.service,
            queue=decision.queue,
            reasons=[reason.code for reason in decision.reasons],
        )

    async def _registration(
        self, session: AgiSession, call: CallFacts, decision: Decision, plan: Plan, moment: datetime
    ) -> tuple[tuple[Variable, str], ...]:
        """Gives a report of a detention its number; without one the call goes on, and the api gives it later."""
        if not needs_number(call, decision, plan):
            return ()
        try:
            return await asyncio.to_thread(registration_variables, self._sources.state, call, decision, plan, moment)
        except RegistrationError as error:
            _log.error("no_registration_number", call_id=session.call_id, problem=str(error))
            return ()

    def _dead_numbers(self, session: AgiSession, call: CallFacts) -> frozenset[str]:
        """Gives the numbers of centres that do not work; a broken file costs no call."""
        if call.centre is None:
            return frozenset()
        try:
            return read_dead_numbers(self._sources.state)
        except StateError as error:
            _log.error("number_checks_not_read", call_id=session.call_id, problem=str(error))
            return frozenset()

    def _overrides(self, session: AgiSession) -> tuple[Override, ...]:
        """Gives the manual switches; a broken file costs the switches, not the call."""
        try:
            return read_overrides(self._sources.state)
        except StateError as error:
            _log.error(
                "overrides_not_read", call_id=session.call_id, problem=str(error), then="decided without overrides"
            )
            return ()
