"""Plays prompts to one call, under a lease that covers them."""

import math

import structlog

from asterisk_conf.handoff import sound_of
from asterisk_conf.names import LEASE_S
from ivr.agi.session import AgiSession, Streamed
from ivr.prompt_lengths import PromptLengths
from routing.languages import Language
from routing.plan import Plan, PromptId
from routing.prompts import sound_name_of

_log = structlog.stdlib.get_logger("ivr.speaker")


class Speaker:
    """Plays the prompts of plans."""

    def __init__(self, lengths: PromptLengths) -> None:
        self._lengths = lengths

    async def play(self, session: AgiSession, plan: Plan, prompt: PromptId, language: Language) -> Streamed:
        """Plays one prompt and gives how it ended; a missing file costs a text, not the call."""
        length_s = self._lengths.length_s(sound_name_of(plan, prompt), language)
        await session.renew_lease(math.ceil(length_s) + LEASE_S)
        streamed = await session.stream(sound_of(plan, prompt), length_s)
        if not streamed.is_played:
            _log.error("prompt_not_played", call_id=session.call_id, prompt=prompt, language=language.value)
        return streamed
