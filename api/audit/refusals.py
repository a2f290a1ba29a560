"""Keeps in the audit who asked for what they may not; many tries of one person at one route are one row."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.audit.actions import Action
from api.audit.trail import AuditTrail
from api.kit.auth import Principal
from api.kit.database import Database

EVERY_S = 600.0
"""So often at most a row for one person and route."""
KEPT_KEYS = 1_000

log = structlog.get_logger()

Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalBook:
    """What this process has told the audit lately."""

    database: Database
    audit: AuditTrail
    clock: Callable[[], float] = time.monotonic
    told_at_s: OrderedDict[Key, float] = field(default_factory=OrderedDict)

    async def note(self, principal: Principal, method: str, route: str) -> None:
        """Adds a row unless there is one already; a database that is away makes a line in the log instead."""
        if not self._is_news((principal.kind.value, principal.id, method, route)):
            return
        try:
            async with self.database.transaction() as connection:
                trail = self.audit.of(principal)
                await trail.record(connection, Action.ACCESS_REFUSED, subject=f"{method} {route}")
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("refusal_not_audited", method=method, route=route, error=type(error).__name__)

    def _is_news(self, key: Key) -> bool:
        now_s = self.clock()
        told_at_s = self.told_at_s.get(key)
        if told_at_s is not None and now_s - told_at_s < EVERY_S:
            return False
        self.told_at_s[key] = now_s
        self.told_at_s.move_to_end(key)
        if len(self.told_at_s) > KEPT_KEYS:
            self.told_at_s.popitem(last=False)
        return True
