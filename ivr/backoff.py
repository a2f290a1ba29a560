"""How long to wait before the next attempt: growing, bounded, and never the same for two processes."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Doubles from `first_s` up to `longest_s`; each wait is drawn between half of that and all of it."""

    first_s: float
    longest_s: float

    def wait_s(self, failures: int) -> float:
        """Gives the wait after `failures` failures in a row (1 is the first)."""
        doublings = min(max(failures - 1, 0), 30)
        ceiling_s = min(self.longest_s, self.first_s * 2.0**doublings)
        return ceiling_s * random.uniform(0.5, 1.0)  # noqa: S311  jitter, no secret
