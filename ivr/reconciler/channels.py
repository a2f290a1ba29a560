"""Which operators have a channel, as the list of CoreShowChannels tells it.

The list holds callers' numbers, too: nothing of it is kept but whose the channels are, and nothing is logged.
Source: action_coreshowchannels() in main/manager.c of Asterisk 22; channel names are `PJSIP/<endpoint>-<hex number>`.
"""

import asyncio

from ivr.ami.errors import ActionOverdue
from ivr.ami.frames import Frame
from ivr.ami.link import AmiLink
from ivr.queues.places import CHANNEL_TECHNOLOGY
from routing.plan import OperatorId


class ChannelList:
    """Asks for one list at a time."""

    def __init__(self, link: AmiLink, *, deadline_s: float) -> None:
        self._link = link
        self._deadline_s = deadline_s
        self._draft: set[OperatorId] = set()
        self._is_whole = asyncio.Event()

    def take(self, frame: Frame) -> None:
        """Takes one event; others than those of the list are passed over."""
        match frame.event:
            case "CoreShowChannel":
                self._add(frame.first("Channel") or "")
            case "CoreShowChannelsComplete":
                self._is_whole.set()
            case _:
                pass

    def _add(self, channel: str) -> None:
        endpoint, dash, _ = channel.removeprefix(CHANNEL_TECHNOLOGY).rpartition("-")
        if dash and channel.startswith(CHANNEL_TECHNOLOGY):
            self._draft.add(OperatorId(endpoint))

    async def ask(self) -> frozenset[OperatorId]:
        """Gives whose channels exist now; trunks are among them.

        Raises:
            AmiError: Asterisk does not tell.
        """
        self._draft, self._is_whole = set(), asyncio.Event()
        response = await self._link.action("CoreShowChannels")
        if not response.is_success:
            raise ActionOverdue(f"no list of channels: {response.message}")
        try:
            async with asyncio.timeout(self._deadline_s):
                await self._is_whole.wait()
        except TimeoutError as error:
            raise ActionOverdue(f"no whole list of channels within {self._deadline_s} s") from error
        return frozenset(self._draft)
