"""What the service does with a call: greeting, menus, decision. Where calls go is decided by `routing` alone.

A flow sets every variable before the next prompt, so that the next rung of the ladder goes on from there, and sets the
outcome last. It may not queue or dial for the caller: the dialplan does that.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from asterisk_conf.handoff import CallFacts, decide_call, facts_of, keys_value, variables_of
from asterisk_conf.names import LEASE_S, AgiRoute, UserEvent, Variable
from asterisk_conf.payload import encode_payload
from asterisk_conf.state_files import StateError, read_overrides
from ivr.agi.errors import CommandRefused
from ivr.agi.server import Flow
from ivr.agi.session import AgiSession
from ivr.clock import Clock
from ivr.plans import PlanStore
from ivr.prompt_lengths import PromptLengths
from ivr.queues.expected import with_expected_wait
from ivr.queues.keys import after_menu, is_menu_key, menu_again
from ivr.queues.places import Places
from ivr.queues.returns import ReturnMemory
from ivr.speaker import Speaker
from routing.menus import Answered, Ask, Chosen, Key, Silence, Step, answer, start
from routing.overrides import Override
from routing.plan import Plan
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

    def routes(self) -> dict[str, Flow]:
        """Gives the flow of each route."""
        return {
            AgiRoute.ENTRY.value: self.entry,
            AgiRoute.AFTER_QUEUE.value: self.decide_again,
            AgiRoute.AFTER_DIAL.value: self.decide_again,
            AgiRoute.QUEUE_KEY.value: self.queue_key,
            AgiRoute.HEALTH.value: self.health,
        }

    async def entry(self, session: AgiSession) -> None:
        """Greets the caller, walks the menus and hands the call over."""
        call = facts_of(session.argument(1))
        plan = self._sources.plans.plan_of_call(call.plan_version)
        chosen = await self._walk(session, plan, start(plan, call.language))
        call = replace(call, service=chosen.service, language=chosen.language, keys=chosen.keys)
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
            chosen = await self._walk(session, plan, menu_again(plan, call))
            call, why = after_menu(call, chosen)
            await session.set_variable(Variable.TRIED_QUEUES.value, "+".join(call.tried_queues))
        await self._hand_over(session, plan, call, why)

    async def health(self, session: AgiSession) -> None:
        """Answers a health check in its own protocol."""
        await session.no_operation("ready")

    async def _walk(self, session: AgiSession, plan: Plan, first: Ask) -> Chosen:
        """Asks until the caller has chosen, or the menus chose for a silent one."""
        await _note_place(session, None, first)
        step: Step = first
        while isinstance(step, Ask):
            key = await self._ask(session, plan, step)
            before, step = step, answer(plan, step.position, Silence() if key is None else Key(key=key))
            await _note_answer(session, before, step)
        return step

    async def _ask(self, session: AgiSession, plan: Plan, ask: Ask) -> str | None:
        """Plays the prompts and waits for a key; a key ends a prompt and is the answer already."""
        for prompt in ask.prompts:
            key = await self._speaker.play(session, plan, prompt, ask.position.language)
            if key is not None:
                return key
        await session.renew_lease(ask.timeout_s + LEASE_S)
        return await session.wait_for_key(ask.timeout_s)

    async def _hand_over(self, session: AgiSession, plan: Plan, call: CallFacts, why: tuple[Reason, ...]) -> None:
        """Decides, and sets the decision's variables, the outcome last."""
        decision = decide_call(call, plan, self._overrides(session), self._sources.clock.now(), why)
        decision = with_expected_wait(plan, decision, self._sources.places())
        for variable, value in variables_of(decision, plan):
            await session.set_variable(variable.value, value)
        _log.info(
            "decided",
            call_id=session.call_id,
            service=decision.service,
            queue=decision.queue,
            reasons=[reason.code for reason in decision.reasons],
        )

    def _overrides(self, session: AgiSession) -> tuple[Override, ...]:
        """Gives the manual switches; a broken file costs the switches, not the call."""
        try:
            return read_overrides(self._sources.state)
        except StateError as error:
            _log.error(
                "overrides_not_read", call_id=session.call_id, problem=str(error), then="decided without overrides"
            )
            return ()


async def _note_answer(session: AgiSession, before: Ask, step: Step) -> None:
    """Sets what one answer changed and writes it to CEL, before anything else is played."""
    keys = step.keys if isinstance(step, Chosen) else step.position.keys
    await session.set_variable(Variable.KEYS.value, keys_value(keys))
    if isinstance(step, Chosen):
        await session.set_variable(Variable.SERVICE.value, step.service)
    else:
        await _note_place(session, before, step)
    if step.answered is not None:
        await _log_answer(session, step.answered)


async def _log_answer(session: AgiSession, answered: Answered) -> None:
    """Writes an answer to CEL; an Asterisk that cannot costs the record of one step, not the call."""
    try:
        await session.log_event(UserEvent.MENU, _menu_payload(answered))
    except CommandRefused as error:
        _log.error("menu_step_not_logged", call_id=session.call_id, problem=str(error))


async def _note_place(session: AgiSession, before: Ask | None, ask: Ask) -> None:
    if before is None or before.position.menu != ask.position.menu:
        await session.set_variable(Variable.MENU.value, ask.position.menu)
    language = ask.position.language
    if before is None or before.position.language is not language:
        await session.set_variable(Variable.LANGUAGE.value, language.value)
        await session.set_language(language.value)


def _menu_payload(answered: Answered) -> str:
    return encode_payload(
        {
            "menu": answered.menu,
            "outcome": answered.outcome.value,
            "key": answered.key,
            "language": answered.language.value,
            "attempt": answered.attempt,
        }
    )
