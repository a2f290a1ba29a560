"""Tells the api every few seconds how this node is: see docs/architecture.md, "Evidence"."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import structlog

from asterisk_conf.names import DETENTION_ANSWER_S, DETENTION_LATE_S
from asterisk_conf.state_files import StateError, read_number_checks, read_trunk_checks
from ivr.ami.link import AmiLink, LinkState
from ivr.ami.queue_board import Board
from ivr.ami.watch import AsteriskWatch
from ivr.desired.status import DesiredStatus
from ivr.journal.journal import Journal
from ivr.plans import PlanStore
from ivr.reconciler.notices import Notice

_log = structlog.stdlib.get_logger("ivr.live")

_AMI_WORDS = {LinkState.UP: "up", LinkState.REFUSED: "refused", LinkState.DRAINING: "draining"}
"""The api knows no steps of connecting: anything else is `down`."""

PROBLEM_LIMIT_CHARS = 200
"""What the api takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeParts:
    """What a report is made from."""

    link: AmiLink
    watch: AsteriskWatch
    journal: Journal
    plans: PlanStore
    desired: DesiredStatus
    sessions: Callable[[], int]
    state: Path
    unstaffed: Callable[[], tuple[str, ...]] = tuple
    """Queues that must always be there, and in which nobody can answer now."""
    notices: Callable[[], tuple[Notice, ...]] = tuple
    """What people should know of operators."""


def report_of(parts: NodeParts, at: datetime) -> dict[str, object]:
    """Gives the report as JSON data."""
    journal = parts.journal.status()
    return {
        "boot_id": parts.watch.boot_id,
        "ami": _AMI_WORDS.get(parts.link.state, "down"),
        "ami_gaps": parts.link.gaps,
        "journal": {
            "lag_bytes": journal.lag_bytes,
            "last_ack_at": journal.last_ack_at.isoformat() if journal.last_ack_at else None,
            "problem": journal.problem[:PROBLEM_LIMIT_CHARS] if journal.problem else None,
        },
        "plan_version": _plan_version(parts.plans),
        "plan_problem": parts.desired.plan_problem,
        "overrides_revision": parts.desired.overrides_revision,
        "unstaffed_queues": list(parts.unstaffed()),
        "operator_notices": [_notice(each) for each in parts.notices()],
        "sessions": parts.sessions(),
        **_board(parts.watch.board.latest),
        "numbers": _numbers(parts.state),
        "trunks": _trunks(parts.state),
        "detention_waiting": detention_waiting(parts.watch.board.latest, parts.plans),
        "at": at.isoformat(),
    }


def _notice(notice: Notice) -> dict[str, str]:
    return {"operator": notice.operator, "kind": notice.kind.value, "since_at": notice.since_at.isoformat()}


def _board(board: Board | None) -> dict[str, object]:
    """Gives who waits and who answers; None: not known, because Asterisk does not tell."""
    if board is None:
        return {"queues": None, "operators": None}
    return {
        "queues": [asdict(each) for each in board.queues],
        "operators": [{**asdict(each), "state": each.state.value} for each in board.operators],
    }


def _numbers(state: Path) -> list[dict[str, object]]:
    """Gives the last check of each of the centres' telephones; none when they cannot be read."""
    try:
        checks = read_number_checks(state)
    except StateError:
        return []
    return [{**asdict(each), "checked_at": each.checked_at.isoformat()} for each in checks]


def _trunks(state: Path) -> list[dict[str, object]]:
    """Gives the last check of each trunk for calls that go out; none when they cannot be read."""
    try:
        checks = read_trunk_checks(state)
    except StateError:
        return []
    return [{**asdict(each), "checked_at": each.checked_at.isoformat()} for each in checks]


def detention_waiting(board: Board | None, plans: PlanStore) -> dict[str, int] | None:
    """Counts callers who report a detention and wait; None: not known.

    Why by priority: Asterisk's list does not tell the service, and no other service reaches that priority.
    """
    try:
        plan = plans.plan_of_call(None)
    except StateError:
        return None
    if board is None:
        return None
    priority = plan.services[plan.line.detention_service].priority
    waits_s = [caller.wait_s for caller in board.callers if caller.priority >= priority]
    return {
        "waiting": len(waits_s),
        "longest_wait_s": max(waits_s, default=0),
        "over_15s": sum(wait_s > DETENTION_ANSWER_S for wait_s in waits_s),
        "over_20s": sum(wait_s > DETENTION_LATE_S for wait_s in waits_s),
    }


def _plan_version(plans: PlanStore) -> str | None:
    try:
        return plans.current_version()
    except StateError:
        return None


class LiveReporter:
    """Puts the report; a report that does not arrive is not repeated, the next one tells more."""

    def __init__(self, client: httpx.AsyncClient, *, node: str, parts: NodeParts, every_s: float) -> None:
        self._client = client
        self._path = f"/api/v1/nodes/{node}/live"
        self._parts = parts
        self._every_s = every_s
        self._is_heard = True
        self._late = 0

    async def run(self) -> None:
        """Reports until cancelled."""
        while True:
            self._alarm(detention_waiting(self._parts.watch.board.latest, self._parts.plans))
            self._note(await self.report_once())
            await asyncio.sleep(self._every_s)

    async def report_once(self) -> str | None:
        """Puts one report; gives why it was not taken, or None."""
        try:
            response = await self._client.put(self._path, json=report_of(self._parts, datetime.now(UTC)))
        except httpx.HTTPError as error:
            return type(error).__name__
        return None if response.is_success else f"HTTP {response.status_code}"

    def _alarm(self, waiting: dict[str, int] | None) -> None:
        """Logs that more callers who report a detention wait too long than before; also with the api away."""
        late = 0 if waiting is None else waiting["over_15s"] + waiting["over_20s"]
        if waiting is not None and late > self._late:
            _log.error("detention_unanswered", **waiting)
        self._late = late

    def _note(self, problem: str | None) -> None:
        """Logs the beginning and the end of not being heard, once each."""
        is_heard = problem is None
        if is_heard is not self._is_heard:
            _log.warning("live_report", heard=is_heard, problem=problem)
        self._is_heard = is_heard
