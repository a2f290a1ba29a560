"""The fallback script: makes the service's decision when the service does not answer.

Asterisk runs it for one call, inside its own root folder. It may import only the standard library, pyst2 (through
`agi_scripts.channel`), `asterisk_conf` and `routing`, and has to be ready within 60 ms. Whatever goes wrong, it ends
with 1 and without `HOTLINE_OUTCOME`, so that the dialplan goes on to the static queue.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agi_scripts.channel import Channel
from asterisk_conf import state_files
from asterisk_conf.handoff import CallFacts, facts_of, variables_of
from asterisk_conf.names import AgiRoute, Variable
from routing.decisions import Decision, decide
from routing.plan import Plan

DEADLINE_S = 5.0
"""Shorter than `names.LEASE_S`, so that the script's own failure comes before the lease's end."""
TEST_CLOCK = "test-clock"
REAL_CLOCK = "real-clock"


class ArgumentError(ValueError):
    """The dialplan started the script in a way that it does not know."""


def moment_of(clock: str, state: Path, now: datetime) -> datetime:
    """Gives the moment of the decision: `now`, shifted on an instance with a test clock.

    Raises:
        ArgumentError: `clock` is neither `test-clock` nor `real-clock`.
        state_files.StateError: The shift cannot be read.
    """
    if clock == REAL_CLOCK:
        return now
    if clock == TEST_CLOCK:
        return now + timedelta(seconds=state_files.read_clock_offset_s(state))
    raise ArgumentError(f"not a clock: {clock[:20]!r}")
