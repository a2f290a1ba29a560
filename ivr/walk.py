"""The walk of one caller through the menus: plays, listens, and writes down each step before the next one.

What follows what is decided by `routing.menus` alone. Every answer is in the channel's variables and in CEL before
anything else is played, so that the next rung of the ladder goes on from there.
"""

from collections.abc import Mapping

import structlog

from asterisk_conf.handoff import keys_value
from asterisk_conf.names import LEASE_S, UserEvent, Variable
from asterisk_conf.payload import encode_payload
from ivr.agi.errors import CommandRefused
from ivr.agi.session import AgiSession
from ivr.keypad import Keypad
from ivr.speaker import Speaker
from routing.menus import NEXT_DIGIT_S, Answered, Ask, Chosen, Key, Silence, Step, answer, is_whole
from routing.plan import Plan, PromptId
from routing.readings import Part

_log = structlog.stdlib.get_logger("ivr.walk")


class Walk:
    """One caller on the way through the menus."""

    def __init__(self, session: AgiSession, plan: Plan, speaker: Speaker, keypad: Keypad) -> None:
        self._session = session
        self._plan = plan
        self._speaker = speaker
        self._keypad = keypad

    async def choose(self, first: Ask) -> Chosen:
        """Asks until the caller has chosen, or the menus chose for a silent one."""
        await self._note_place(None, first)
        step: Step = first
        while isinstance(step, Ask):
            typed = await self._ask(step)
            before, step = step, answer(self._plan, step.position, Key(key=typed) if typed else Silence())
            await self._note_answer(before, step)
        return step

    async def _ask(self, ask: Ask) -> str:
        """Plays the prompts and gives the answer, empty for silence; digits typed ahead are the answer at once."""
        typed = await self._keypad.take() or await self._play(ask) or await self._wait(ask.timeout_s)
        while typed and not is_whole(ask, typed):
            digit = await self._keypad.take() or await self._wait(NEXT_DIGIT_S)
            if not digit:
                break
            typed += digit
        return typed

    async def _play(self, ask: Ask) -> str:
        """Plays the prompts until one is ended by a key, which is given; else empty."""
        for number, prompt in enumerate(ask.prompts, start=1):
            is_heard, key = await self._hear(prompt, ask)
            if ask.part is not None and (number == ask.part_ends or (key and number < ask.part_ends)):
                await self._log_part(ask, ask.part, is_complete=is_heard)
            if key:
                return key
        return ""

    async def _hear(self, prompt: PromptId, ask: Ask) -> tuple[bool, str]:
        """Plays one prompt, and tells whether it was heard to its end and which key ended it."""
        while True:
            streamed = await self._speaker.play(self._session, self._plan, prompt, ask.position.language)
            key = await self._keypad.take(streamed.key)
            if key is not None or streamed.key is None:
                return streamed.is_played and streamed.key is None, key or ""

    async def _wait(self, timeout_s: int) -> str:
        await self._session.renew_lease(timeout_s + LEASE_S)
        return await self._keypad.wait(timeout_s) or ""

    async def _note_answer(self, before: Ask, step: Step) -> None:
        """Sets what one answer changed and writes it to CEL, before anything else is played."""
        keys = step.keys if isinstance(step, Chosen) else step.position.keys
        await self._set(Variable.KEYS, keys_value(keys))
        if isinstance(step, Chosen):
            if step.centre is not None:
                await self._set(Variable.CENTRE, step.centre)
            await self._set(Variable.SERVICE, step.service)
        else:
            await self._note_place(before, step)
        if step.answered is not None:
            await self._log(UserEvent.MENU, _menu_fields(step.answered))

    async def _note_place(self, before: Ask | None, ask: Ask) -> None:
        if before is None or before.position.menu != ask.position.menu:
            await self._set(Variable.MENU, ask.position.menu)
        language = ask.position.language
        if before is None or before.position.language is not language:
            await self._set(Variable.LANGUAGE, language.value)
            await self._session.set_language(language.value)

    async def _log_part(self, ask: Ask, part: Part, *, is_complete: bool) -> None:
        fields = {"info": ask.position.menu, "part": part.id, "complete": "1" if is_complete else "0"}
        await self._log(UserEvent.INFO, fields)

    async def _set(self, variable: Variable, value: str) -> None:
        await self._session.set_variable(variable.value, value)

    async def _log(self, event: UserEvent, fields: Mapping[str, str | int]) -> None:
        """Writes a step to CEL; an Asterisk that cannot costs the record of one step, not the call."""
        try:
            await self._session.log_event(event, encode_payload(fields))
        except CommandRefused as error:
            _log.error("menu_step_not_logged", call_id=self._session.call_id, problem=str(error))


def _menu_fields(answered: Answered) -> dict[str, str | int]:
    return {
        "menu": answered.menu,
        "outcome": answered.outcome.value,
        "key": answered.key,
        "language": answered.language.value,
        "attempt": answered.attempt,
    }
