"""The moment of decisions: real time, shifted by the node's test clock where the instance was started with one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from asterisk_conf.state_files import read_clock_offset_s


class Clock:
    """Tells the moment of a decision. Evidence has real time and does not ask here."""

    def __init__(self, state: Path, *, is_test: bool) -> None:
        self._state = state
        self._is_test = is_test

    def now(self) -> datetime:
        """Gives the moment, an aware UTC time.

        Raises:
            StateError: The test clock cannot be read.
        """
        real = datetime.now(UTC)
        if not self._is_test:
            return real
        return real + timedelta(seconds=read_clock_offset_s(self._state))
