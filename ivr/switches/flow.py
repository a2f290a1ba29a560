"""What an operator hears and keys after `*80`. Who calls is known by the endpoint, never by a caller id.

The PIN is neither logged nor written to CEL. The outcome is set last: without it the dialplan tells of a failure.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from asterisk_conf.names import LEASE_S, Outcome, UserEvent, Variable
from asterisk_conf.payload import PayloadError, decode_payload, encode_payload
from asterisk_conf.state_files import StateError, read_overrides
from ivr.agi.errors import CommandRefused
from ivr.agi.session import AgiSession
from ivr.plans import PlanStore
from ivr.speaker import Speaker
from ivr.switches.client import SwitchClient, SwitchError
from ivr.switches.pin_guard import TRIES, PinGuard
from routing.overrides import OverrideAction, OverrideScope
from routing.plan import Operator, OperatorId, Plan, PromptId, QueueName

KEY_S = 5
"""How long an operator may think before each key."""
ENTER = "#"
REASON = "перемкнено з телефону оператора"
ASK_PIN = PromptId("override-pin")
ASK_CHOICE = PromptId("override-choice")
ASK_HOURS = PromptId("override-hours")
DONE = PromptId("override-done")
FAILED = PromptId("override-failed")
WRONG_PIN = PromptId("override-wrong-pin")
ACTIONS = {"1": OverrideAction.CLOSED, "2": OverrideAction.OPEN}
CLEAR = "3"
HOURS = "123456789"

_log = structlog.stdlib.get_logger("ivr.switches")


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchSources:
    """What the flow reads and asks."""

    state: Path
    plans: PlanStore
    speaker: Speaker
    guard: PinGuard
    client: SwitchClient


class SwitchFlow:
    """The flow of `AgiRoute.OVERRIDE`."""

    def __init__(self, sources: SwitchSources) -> None:
        self._sources = sources

    async def run(self, session: AgiSession) -> None:
        """Asks, switches, and tells what came of it."""
        plan = self._sources.plans.plan_of_call(None)
        operator = _operator_of(session, plan)
        if operator is None:
            _log.error("switch_by_nobody", call_id=session.call_id, then="the dialplan tells of a failure")
            return
        prompt, told = await self._serve(_Dialogue(session, plan, operator, self._sources.speaker))
        _log.info("switch_by_telephone", call_id=session.call_id, operator=operator.id, what=told)
        await _write_evidence(session, operator.id, told)
        await self._sources.speaker.play(session, plan, prompt, plan.line.languages[0])
        await session.set_variable(Variable.OUTCOME.value, Outcome.SPOKEN.value)

    async def _serve(self, dialogue: "_Dialogue") -> tuple[PromptId, str]:
        """Gives what to say at the end, and one word for the evidence."""
        queue = _queue_of(dialogue.plan, dialogue.operator)
        if not await self._let_in(dialogue):
            return WRONG_PIN, "wrong-pin"
        choice = await dialogue.ask(ASK_CHOICE, "".join(ACTIONS) + CLEAR)
        if queue is None or choice is None:
            return FAILED, "no-choice"
        if choice == CLEAR:
            return await self._clear(dialogue, queue)
        hours = await dialogue.ask(ASK_HOURS, HOURS)
        return (FAILED, "no-hours") if hours is None else await self._switch(dialogue, queue, choice, int(hours))

    async def _let_in(self, dialogue: "_Dialogue") -> bool:
        guard, operator = self._sources.guard, dialogue.operator.id
        for attempt in range(TRIES):
            if guard.is_locked(operator, time.monotonic()):
                return False
            if attempt:
                await dialogue.say(WRONG_PIN)
            keyed = await dialogue.collect(ASK_PIN, guard.digits)
            if guard.accepts(operator, keyed, time.monotonic()):
                return True
        return False

    async def _switch(self, dialogue: "_Dialogue", queue: QueueName, choice: str, hours: int) -> tuple[PromptId, str]:
        action, until = ACTIONS[choice], datetime.now(UTC) + timedelta(hours=hours)
        await dialogue.session.renew_lease(LEASE_S)
        try:
            await self._sources.client.switch_queue(queue, action, until=until, reason=REASON, author=dialogue.author)
        except SwitchError as error:
            return self._failed(dialogue, error)
        return DONE, f"{action.value}-{hours}h"

    async def _clear(self, dialogue: "_Dialogue", queue: QueueName) -> tuple[PromptId, str]:
        try:
            for override in read_overrides(self._sources.state):
                if (override.scope, override.target) == (OverrideScope.QUEUE, queue):
                    await dialogue.session.renew_lease(LEASE_S)
                    await self._sources.client.clear(override.id, author=dialogue.author)
        except (StateError, SwitchError) as error:
            return self._failed(dialogue, error)
        return DONE, "cleared"

    def _failed(self, dialogue: "_Dialogue", error: Exception) -> tuple[PromptId, str]:
        _log.error("switch_failed", operator=dialogue.operator.id, problem=str(error), then="the operator is told so")
        return FAILED, "failed"


@dataclass(frozen=True, slots=True)
class _Dialogue:
    """One operator at the telephone."""

    session: AgiSession
    plan: Plan
    operator: Operator
    speaker: Speaker

    @property
    def author(self) -> str:
        """Who stands in the list of overrides."""
        return f"operator {self.operator.id} by phone"

    async def say(self, prompt: PromptId) -> str | None:
        """Plays a prompt; gives the key that ended it."""
        return (await self.speaker.play(self.session, self.plan, prompt, self.plan.line.languages[0])).key

    async def key(self) -> str | None:
        """Waits for one key; None is silence."""
        await self.session.renew_lease(KEY_S + LEASE_S)
        return await self.session.wait_for_key(KEY_S)

    async def collect(self, prompt: PromptId, digits: int) -> str:
        """Asks for several digits; `#` or silence ends them early."""
        keyed = ""
        key = await self.say(prompt) or await self.key()
        while key is not None and key != ENTER:
            keyed += key
            if len(keyed) == digits:
                break
            key = await self.key()
        return keyed

    async def ask(self, prompt: PromptId, keys: str) -> str | None:
        """Asks for one of `keys`, up to `TRIES` times; None: the operator keyed none of them."""
        for _ in range(TRIES):
            key = await self.say(prompt) or await self.key()
            if key is not None and key in keys:
                return key
        return None


async def _write_evidence(session: AgiSession, operator: OperatorId, told: str) -> None:
    """Writes what came of it to CEL; an Asterisk that cannot costs the record, not the switch that is made."""
    payload = {"operator": operator, "action": "override", "reason": told}
    try:
        await session.log_event(UserEvent.OPERATOR, encode_payload(payload))
    except CommandRefused as error:
        _log.error("switch_not_in_evidence", call_id=session.call_id, problem=str(error))


def _operator_of(session: AgiSession, plan: Plan) -> Operator | None:
    try:
        fields = decode_payload(session.argument(1))
    except PayloadError:
        return None
    return plan.operators.get(OperatorId(fields.get("operator", "")))


def _queue_of(plan: Plan, operator: Operator) -> QueueName | None:
    """Gives the queue of the operator's office: the first of the plan's, in its order."""
    return next((queue.name for queue in plan.queues.values() if queue.office == operator.office), None)
