"""Takes the plan version that the api wants, as one whole or not at all.

Fetch, prompts, render, install, reload, verify, snapshot, and `state/current` last: a call begins on the old version
or on the new one. Whatever fails, the old files are put back and read again, the old version stays in force, and the
live report tells why. A version that is refused is not tried again until the api wants another or the service starts.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from asterisk_conf.debian_tools import MissingToolError
from asterisk_conf.install import InstallError, modules_to_reload
from asterisk_conf.instance import InstancePaths
from asterisk_conf.state_files import StateError, read_current, write_current, write_snapshot
from ivr.backoff import Backoff
from ivr.desired.control import ControlSession, OpenControl
from ivr.desired.errors import TakeDelayedError, TakeRefusedError
from ivr.desired.etc_files import EtcFiles
from ivr.desired.leftovers import clear_leftovers
from ivr.desired.plan_source import PlanSource
from ivr.desired.rendering import RenderPlan
from ivr.desired.status import DesiredStatus
from ivr.prompts.audio import install_asterisk_sounds
from ivr.prompts.errors import PromptError
from routing.plan import Plan, PlanVersion

PROBLEM_LIMIT_CHARS = 200
"""What the live report takes."""

_log = structlog.stdlib.get_logger("ivr.desired")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakerParts:
    """What taking a plan needs."""

    paths: InstancePaths
    source: PlanSource
    open_control: OpenControl
    build_prompts: Callable[[Plan], None]
    """Makes the sounds that are missing; raises one of the two errors of this folder. Blocks."""
    render: RenderPlan
    """Raises one of the two errors of this folder. Blocks."""


class PlanTaker:
    """One task runs it (`run`); another says what is wanted (`want`)."""

    def __init__(self, parts: TakerParts, status: DesiredStatus, backoff: Backoff) -> None:
        self._parts = parts
        self._etc = EtcFiles(parts.paths)
        self._status = status
        self._backoff = backoff
        self._wanted: PlanVersion | None = None
        self._refused: PlanVersion | None = None
        self._changed = asyncio.Event()

    def want(self, version: PlanVersion | None) -> None:
        """Says which version the api wants; None: whatever is there."""
        if version != self._wanted:
            self._wanted, self._refused = version, None
            self._changed.set()

    async def run(self) -> None:
        """Takes what is wanted until cancelled."""
        failures = 0
        while True:
            self._changed.clear()
            is_settled = await self._try()
            failures = 0 if is_settled else failures + 1
            await self._wait(None if is_settled else self._backoff.wait_s(failures))

    async def _wait(self, longest_s: float | None) -> None:
        """Waits until another version is wanted, at most `longest_s`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await self._changed.wait()

    async def _try(self) -> bool:
        """Does what is to do now; False: something is left to try again."""
        version = self._wanted
        try:
            await self._recover()
            if version is None or version == self._refused or version == _current(self._parts.paths):
                self._note(self._status.plan_problem if version == self._refused else None, version)
                return True
            await self.take(version)
        except TakeRefusedError as error:
            self._refused = version
            self._note(str(error), version)
        except TakeDelayedError as error:
            self._note(str(error), version)
            return False
        else:
            self._note(None, version)
        return True

    async def take(self, version: PlanVersion) -> None:
        """Puts a version in force.

        Raises:
            TakeRefusedError: It cannot be; the old version is in force, its files are back.
            TakeDelayedError: Not now. `_recover` finishes what is left of putting the old files back.
        """
        parts = self._parts
        plan = await parts.source.fetch(version)
        await asyncio.to_thread(parts.build_prompts, plan)
        files = await asyncio.to_thread(parts.render, plan)
        changed = self._etc.changed(files)
        modules = _modules(changed)
        async with parts.open_control() as control:
            if changed:
                await asyncio.to_thread(self._etc.replace, version, {name: files[name] for name in changed})
            try:
                await self._put_in_force(control, plan, modules)
            except (TakeRefusedError, TakeDelayedError):
                await self._recover(control)
                raise
        _log.info("plan_in_force", plan_version=version, files=changed, reloaded=modules)
        await self._finish(plan)

    async def _put_in_force(self, control: ControlSession, plan: Plan, modules: tuple[str, ...]) -> None:
        for module in modules:
            await control.reload(module)
        await control.verify(plan)
        try:
            await asyncio.to_thread(_swap, self._parts.paths, plan)
        except StateError as error:
            raise TakeDelayedError(f"the plan cannot be written: {error}") from error

    async def _finish(self, plan: Plan) -> None:
        self._etc.forget()
        try:
            await asyncio.to_thread(install_asterisk_sounds, plan, self._parts.paths)
        except (PromptError, MissingToolError, OSError) as error:
            _log.warning("asterisk_sounds_not_installed", problem=str(error), then="those of before are played")
        try:
            removed = await asyncio.to_thread(clear_leftovers, self._parts.paths)
        except (StateError, OSError) as error:
            _log.warning("leftovers_not_cleared", problem=str(error))
        else:
            _log.info("leftovers_cleared", removed=len(removed))

    async def _recover(self, control: ControlSession | None = None) -> None:
        """Puts back what a take that did not come to its end left, also one of a process that was killed.

        Raises:
            TakeDelayedError: The old files are not all back, or Asterisk has not read them yet.
        """
        undo = self._etc.undo()
        if undo is None:
            return
        if undo.version != _current(self._parts.paths):
            await asyncio.to_thread(self._etc.put_back, undo)
            await self._reload_old(undo.modules, control)
            _log.warning("plan_put_back", plan_version=undo.version, files=sorted(undo.files))
        self._etc.forget()

    async def _reload_old(self, modules: tuple[str, ...], control: ControlSession | None) -> None:
        """Has Asterisk read the old files, by a new session when the one that failed is of no use."""
        try:
            if control is None:
                async with self._parts.open_control() as opened:
                    await _reload_all(opened, modules)
            else:
                await _reload_all(control, modules)
        except TakeRefusedError as error:
            raise TakeDelayedError(f"Asterisk has not read the old configuration yet: {error}") from error

    def _note(self, problem: str | None, version: PlanVersion | None) -> None:
        """Tells a problem once, and its end once."""
        told = None if problem is None else problem.replace("\0", "")[:PROBLEM_LIMIT_CHARS]
        if told != self._status.plan_problem and told is not None:
            _log.error("plan_not_taken", plan_version=version, problem=problem, then="the old version stays in force")
        self._status.plan_problem = told


def _current(paths: InstancePaths) -> PlanVersion | None:
    try:
        return read_current(paths.state)
    except StateError:
        return None


def _modules(changed: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return modules_to_reload(changed)
    except InstallError as error:
        raise TakeRefusedError(str(error)) from error


async def _reload_all(control: ControlSession, modules: tuple[str, ...]) -> None:
    for module in modules:
        await control.reload(module)


def _swap(paths: InstancePaths, plan: Plan) -> None:
    write_snapshot(paths.state, plan)
    write_current(paths.state, plan.version)
