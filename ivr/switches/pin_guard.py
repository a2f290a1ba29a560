"""Checks PINs, and locks whoever guesses. In memory: a restart of the service forgets the guesses."""

import hmac
from dataclasses import dataclass

from routing.plan import OperatorId

TRIES = 3
LOCKED_S = 600.0


@dataclass(slots=True)
class _Guesses:
    """What one operator has keyed wrongly."""

    wrong: int = 0
    locked_until_s: float = 0.0


class PinGuard:
    """Knows the PIN; moments are seconds of a monotonic clock."""

    def __init__(self, pin: str) -> None:
        self._pin = pin
        self._guesses: dict[OperatorId, _Guesses] = {}

    @property
    def digits(self) -> int:
        """How many digits the PIN has."""
        return len(self._pin)

    def is_locked(self, operator: OperatorId, now_s: float) -> bool:
        """Tells whether the operator has to wait."""
        guesses = self._guesses.get(operator)
        return guesses is not None and now_s < guesses.locked_until_s

    def accepts(self, operator: OperatorId, keyed: str, now_s: float) -> bool:
        """Tells whether the PIN is right; `TRIES` wrong ones lock the operator for `LOCKED_S`."""
        if self.is_locked(operator, now_s):
            return False
        if hmac.compare_digest(keyed.encode(), self._pin.encode()):
            self._guesses.pop(operator, None)
            return True
        guesses = self._guesses.setdefault(operator, _Guesses())
        guesses.wrong += 1
        if guesses.wrong >= TRIES:
            guesses.wrong, guesses.locked_until_s = 0, now_s + LOCKED_S
        return False
