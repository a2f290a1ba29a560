"""The fallback script: makes the service's decision when the service does not answer.

Asterisk runs it for one call, inside its own root folder. It may import only the standard library, pyst2 (through
`agi_scripts.channel`), `asterisk_conf` and `routing`, and has to be ready within 60 ms. Whatever goes wrong, it ends
with 1 and without `HOTLINE_OUTCOME`, so that the dialplan goes on to the static queue.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agi_scripts.channel import Channel
from asterisk_conf.handoff import CallFacts, NodeFacts, decide_call, facts_of, variables_of
from asterisk_conf.names import AgiRoute, Variable
from asterisk_conf.registration import RegistrationError, registration_variables
from asterisk_conf.state_files import (
    StateError,
    read_clock_offset_s,
    read_dead_numbers,
    read_overrides,
    read_plan_of_call,
)
from routing.decisions import Decision
from routing.overrides import Override
from routing.plan import Plan

DEADLINE_S = 5.0
"""Shorter than `names.LEASE_S`, so that the script's own failure comes before the lease's end."""
TEST_CLOCK = "test-clock"
REAL_CLOCK = "real-clock"
ARGUMENTS = 5
ROUTES = (AgiRoute.ENTRY, AgiRoute.AFTER_QUEUE, AgiRoute.AFTER_DIAL, AgiRoute.AFTER_CENTRE, AgiRoute.QUEUE_KEY)


class ArgumentError(ValueError):
    """The dialplan started the script in a way that it does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What the dialplan asks for: docs/architecture.md, "A call through the dialplan"."""

    call: CallFacts
    state: Path
    """The node's state folder, absolute."""
    is_test_clock: bool


def task_of(argv: Sequence[str]) -> Task:
    """Reads the arguments: script, route, facts, state folder, `test-clock` or `real-clock`.

    Raises:
        ArgumentError: There are too few or too many, or one of them is unknown.
        HandoffError: The facts cannot be read.
    """
    if len(argv) != ARGUMENTS:
        raise ArgumentError(f"{len(argv) - 1} arguments instead of {ARGUMENTS - 1}")
    _, route, facts, state, clock = argv
    call = facts_of(facts)
    if route != call.route or call.route not in ROUTES:
        raise ArgumentError(f"not a route to decide: {route[:20]!r}")
    if clock not in (TEST_CLOCK, REAL_CLOCK):
        raise ArgumentError(f"not a clock: {clock[:20]!r}")
    return Task(call=call, state=Path(state), is_test_clock=clock == TEST_CLOCK)


def decide_task(task: Task, now: datetime) -> tuple[Decision, Plan]:
    """Gives the decision at the real time `now`, which the test clock shifts, and the plan that it was made by.

    Raises:
        StateError: No plan, or no clock, can be read.
    """
    plan = read_plan_of_call(task.state, task.call.plan_version)
    node = NodeFacts(overrides=_overrides(task.state), dead_numbers=_dead_numbers(task))
    return decide_call(task.call, plan, node, _moment(task, now)), plan


def _moment(task: Task, now: datetime) -> datetime:
    return now + timedelta(seconds=read_clock_offset_s(task.state)) if task.is_test_clock else now


def variables_for(task: Task, now: datetime) -> tuple[tuple[Variable, str], ...]:
    """Gives what to set for the call: the registration number of a detention first, then the decision.

    Raises:
        StateError: No plan, or no clock, can be read.
    """
    decision, plan = decide_task(task, now)
    return (*_registration(task, decision, plan, now), *variables_of(decision, plan))


def _registration(task: Task, decision: Decision, plan: Plan, now: datetime) -> tuple[tuple[Variable, str], ...]:
    """Gives the number; without one the call goes on, and the api gives it from the evidence."""
    try:
        return registration_variables(task.state, task.call, decision, plan, _moment(task, now))
    except RegistrationError as error:
        _complain(error, then="the call goes on without a registration number")
        return ()


def _dead_numbers(task: Task) -> frozenset[str]:
    """Gives the numbers of centres that do not work; a broken file costs no call."""
    if task.call.centre is None:
        return frozenset()
    try:
        return read_dead_numbers(task.state)
    except StateError as error:
        _complain(error, then="every number of the directory counts as working")
        return frozenset()


def _overrides(state: Path) -> tuple[Override, ...]:
    """Gives the manual switches; a broken file costs the switches, not the call: as in the service."""
    try:
        return read_overrides(state)
    except StateError as error:
        _complain(error, then="decided without overrides")
        return ()


def _complain(error: Exception, *, then: str) -> None:
    """Tells Asterisk's console; no text of ours holds a caller's number."""
    print(f"decide.py: {type(error).__name__}: {error}: {then}", file=sys.stderr)


def main(argv: Sequence[str]) -> int:
    """Decides for one call and sets its variables; gives the exit code."""
    try:
        task = task_of(argv)
        channel = Channel(stdin_descriptor=sys.stdin.fileno(), stdout=sys.stdout, deadline_s=DEADLINE_S)
        for variable, value in variables_for(task, datetime.now(UTC)):
            channel.set_variable(variable, value)
    except Exception as error:  # the edge of the program
        _complain(error, then="the static queue takes the call")
        return 1
    return 0
