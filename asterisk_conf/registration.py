"""Registration numbers of detention reports, given by the node: by the service, or by the script when it is away.

The counter is a file of the node's state, changed under a lock and synced before a number is used, so that no number is
given twice, whoever gives it. Standard library and `routing` only.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from asterisk_conf.handoff import CallFacts, sound_of
from asterisk_conf.names import Variable
from asterisk_conf.state_files import StateError, read_counts, write_counts
from routing.calendars import local_date
from routing.decisions import Decision
from routing.plan import Plan, PromptId
from routing.registration import API_SOURCE, LARGEST_COUNT, registration_number

LOCK_S = 1.0
"""How long another giver of a number is waited for; a caller waits no longer than this."""
LOCK_RETRY_S = 0.02
KEPT_DAYS = 40
"""Counts of so many days are kept: a clock that goes back must not begin a day anew."""
LOCK_MODE = 0o660
"""Service and script may run as different users of one group."""


class RegistrationError(Exception):
    """No number can be given; the call goes on without one, and the api gives it later."""


def needs_number(call: CallFacts, decision: Decision, plan: Plan) -> bool:
    """Tells whether the caller reports a detention and has no number yet; a node without a source gives none."""
    is_detention = decision.service == plan.line.detention_service
    return is_detention and not call.detention_number and call.registration_source != API_SOURCE


def give_number(state: Path, source: int, day: date) -> str:
    """Gives the next number of a local day; it is on disk before this returns.

    Raises:
        RegistrationError: The counter is locked for too long, cannot be written, or the day's numbers are used up.
    """
    try:
        with _locked(state):
            counts = read_counts(state)
            count = counts.get(day, 0) + 1
            if count > LARGEST_COUNT:
                raise RegistrationError(f"all {LARGEST_COUNT} numbers of {day} are given")
            kept = sorted({**counts, day: count}.items())[-KEPT_DAYS:]
            write_counts(state, dict(kept))
            return registration_number(source, day, count)
    except (OSError, StateError, ValueError) as error:
        raise RegistrationError(f"no registration number: {error}") from error


def registration_variables(
    state: Path, call: CallFacts, decision: Decision, plan: Plan, moment: datetime
) -> tuple[tuple[Variable, str], ...]:
    """Gives what to set before the decision's own variables, for a caller who needs a number; else nothing.

    Raises:
        RegistrationError: No number can be given.
    """
    if not needs_number(call, decision, plan):
        return ()
    number = give_number(state, call.registration_source, local_date(plan, moment))
    return ((Variable.DETENTION_NUMBER, number), (Variable.NUMBER_SOUNDS, spoken_number(plan, number)))


def spoken_number(plan: Plan, number: str) -> str:
    """Gives the sounds of the number, digit by digit, as Playback() takes them; empty when the plan has no digits."""
    digits = [PromptId(f"say-{digit}") for digit in number if digit.isdigit()]
    return "&".join(sound_of(plan, each) for each in digits) if set(digits) <= set(plan.prompts) else ""


@contextlib.contextmanager
def _locked(state: Path) -> Iterator[None]:
    state.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(state / "registration.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, LOCK_MODE)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Takes the lock, which the end of the descriptor gives back."""
    ends_at = time.monotonic() + LOCK_S
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > ends_at:
                raise
            time.sleep(LOCK_RETRY_S)
