"""Puts the api's overrides into the node's state, where service and script read them for every call."""

import asyncio
from pathlib import Path

import structlog

from asterisk_conf.state_files import StateError, read_overrides, write_overrides
from ivr.desired.documents import Desired
from ivr.desired.errors import StreamError
from ivr.desired.status import DesiredStatus
from routing.overrides import Override

_log = structlog.stdlib.get_logger("ivr.desired")


class OverridesWriter:
    """The only writer of `state/overrides.json` while the service runs."""

    def __init__(self, state: Path, status: DesiredStatus) -> None:
        self._state = state
        self._status = status

    async def take(self, desired: Desired) -> None:
        """Puts the overrides in force for the next decision.

        Raises:
            StreamError: They cannot be written; the api shall tell them again.
        """
        try:
            has_changed = await asyncio.to_thread(self._write_changed, desired.overrides)
        except StateError as error:
            raise StreamError(f"overrides are not in force: {error}") from error
        self._status.overrides_revision = desired.revision
        if has_changed:
            _log.info("overrides_in_force", overrides=[each.id for each in desired.overrides])

    def _write_changed(self, overrides: tuple[Override, ...]) -> bool:
        try:
            if read_overrides(self._state) == overrides:
                return False
        except StateError as error:
            _log.warning("overrides_written_anew", problem=str(error))
        write_overrides(self._state, overrides)
        return True
