"""The keys of one caller in the order in which they were pressed, none of them lost.

Asterisk throws away a key that comes while none of our commands listens (res/res_agi.c, `run_agi` reads the channel
and frees the frame). StoreDTMF() keeps each of them in a channel variable, which is what counts; what a command gives
back only says that it is time to look. Without the module, commands alone tell.

Known limit (run on 22.10.1): of keys that come while no command listens, and closer together than about 150 ms,
Asterisk reads those it has put off a second time (main/channel.c, `queue_dtmf_readq`), and StoreDTMF() keeps them
twice. Fingers are slower.
"""

import asyncio

import structlog

from asterisk_conf.names import Variable
from ivr.agi.commands import DIGITS
from ivr.agi.errors import CommandRefused
from ivr.agi.session import AgiSession

STORE_LIMIT_CHARS = 500
"""StoreDTMF() reads back 511 characters of its variable; longer ones would repeat their last key."""
TURN_S = 0.5
"""How long a call waits for its turn to begin storing keys."""

_log = structlog.stdlib.get_logger("ivr.keypad")


class KeyStores:
    """Begins the storing of keys, one call at a time.

    Why: StoreDTMF() hands its data to the channel through one static structure (apps/app_dtmfstore.c of Asterisk 22),
    so two calls that begin at the same instant could share one, which is freed with the first of them.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def begin(self, session: AgiSession) -> "Keypad":
        """Gives the keypad of a call, from now on."""
        await session.set_variable(Variable.DIGITS.value, "")
        try:
            async with asyncio.timeout(TURN_S):
                await self._turn.acquire()
        except TimeoutError:
            return Keypad(session, is_storing=False)
        try:
            await session.store_keys()
        except CommandRefused as error:
            _log.error("keys_not_stored", call_id=session.call_id, problem=str(error), then="keys between commands")
            return Keypad(session, is_storing=False)
        finally:
            self._turn.release()
        return Keypad(session, is_storing=True)


class Keypad:
    """What one caller presses."""

    def __init__(self, session: AgiSession, *, is_storing: bool) -> None:
        self._session = session
        self._is_storing = is_storing
        self._taken = 0

    async def take(self, told: str | None = None) -> str | None:
        """Gives the next key; None: there is none. A to D count only when a command waits for a key: nobody types them.

        Args:
            told: The key that a command has just given back. It may be one that was taken before: Asterisk lets go of
                a key that follows another one closely only after a while, but stores it at once.
        """
        if not self._is_storing:
            return told
        stored = await self._session.get_variable(Variable.DIGITS)
        while self._taken < len(stored):
            self._taken += 1
            key = stored[self._taken - 1]
            if key in DIGITS or key == told:
                return key
        return told if len(stored) >= STORE_LIMIT_CHARS else None

    async def wait(self, timeout_s: int) -> str | None:
        """Gives the next key, waiting for it if need be; None is silence."""
        while True:
            told = await self._session.wait_for_key(timeout_s)
            key = await self.take(told)
            if key is not None or told is None:
                return key

    async def close(self) -> None:
        """Ends the storing: what is keyed in a conversation is nobody's business."""
        if self._is_storing:
            await self._session.forget_keys()
