"""Adds rows to the audit, inside the transaction of what they tell of; checks the whole chain.

Endpoints take `audit: AuditOf` and say `await audit.record(connection, Action.…, subject=…)` last in their transaction:
the chain's lock is held from then until it commits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from pydantic import JsonValue
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from api.audit import repository
from api.audit.actions import Action
from api.audit.chain import EMPTY, ChainRow, Link, faults, row_hash
from api.audit.schemas import AuditVerdict, VerifyQuery
from api.kit.auth import Principal, PrincipalKind, PrincipalOf

_SHOWN_FAULTS = 100
SYSTEM = Principal(kind=PrincipalKind.SYSTEM, id="api", name="api", scopes=frozenset())
"""Who acts at night, and before anybody is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTrail:
    """Writes in the name of one principal."""

    key: bytes
    principal: Principal

    def of(self, principal: Principal) -> "AuditTrail":
        """Gives the trail of somebody else."""
        return replace(self, principal=principal)

    async def record(
        self,
        connection: AsyncConnection,
        action: Action,
        *,
        subject: str,
        details: Mapping[str, JsonValue] | None = None,
    ) -> ChainRow:
        """Adds one row; `details` holds no number of a caller, no password and no token."""
        await repository.lock_chain(connection)
        head = await repository.read_head(connection)
        at: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
        row = self._row(head, at, action, subject, details or {})
        row = replace(row, hash=row_hash(self.key, row))
        await repository.add_row(connection, row)
        return row

    def _row(
        self, head: Link, at: datetime, action: Action, subject: str, details: Mapping[str, JsonValue]
    ) -> ChainRow:
        who = self.principal
        return ChainRow(
            seq=head.seq + 1,
            at=at,
            actor_kind=who.kind.value,
            actor_id=who.id,
            actor_name=who.name,
            actor_role=None if who.role is None else who.role.value,
            action=action.value,
            subject=subject,
            details=dict(details),
            previous_hash=head.hash,
            hash=b"",
        )


async def verify(connection: AsyncConnection, key: bytes, expected: VerifyQuery) -> AuditVerdict:
    """Reads the whole chain and tells whether it is whole; `connection` must see one state throughout."""
    head = await repository.read_head(connection)
    anchor = await _anchor(connection)
    rows: list[ChainRow] = [row async for row in repository.every_row(connection)]
    found = list(faults(key, rows, head, anchor))
    found += _against_kept(rows, expected)
    return AuditVerdict(
        is_whole=not found,
        faults=found[:_SHOWN_FAULTS],
        rows=len(rows),
        first_seq=rows[0].seq if rows else None,
        head_seq=head.seq,
        head_hash=head.hash.hex(),
    )


async def _anchor(connection: AsyncConnection) -> Link:
    """Gives what stood before the first row: retention's row says it, and is itself part of the chain."""
    trimming = await repository.last_trimming(connection)
    if trimming is None:
        return EMPTY
    seq, told = trimming.details.get("through_seq"), trimming.details.get("through_hash")
    if not isinstance(seq, int) or not isinstance(told, str):
        return EMPTY
    try:
        return Link(seq=seq, hash=bytes.fromhex(told))
    except ValueError:
        return EMPTY


def _against_kept(rows: list[ChainRow], expected: VerifyQuery) -> list[str]:
    if expected.expect_seq is None:
        return []
    for row in rows:
        if row.seq == expected.expect_seq:
            is_same = expected.expect_hash is None or row.hash.hex() == expected.expect_hash
            return [] if is_same else [f"row {row.seq} has another hash than the one that was kept"]
    return [f"row {expected.expect_seq}, whose hash was kept, is not there"]


async def trim(connection: AsyncConnection, trail: AuditTrail, *, keep_days: int, is_dry: bool) -> int:
    """Takes rows older than `keep_days` from the beginning and says so in a new row; gives their number."""
    await repository.lock_chain(connection)
    last = await repository.last_row_before(connection, keep_days)
    if last is None:
        return 0
    count = await repository.count_through(connection, last.seq)
    if is_dry or not count:
        return count
    await repository.trim_through(connection, last.seq)
    details: dict[str, JsonValue] = {"through_seq": last.seq, "through_hash": last.hash.hex(), "rows": count}
    await trail.record(connection, Action.AUDIT_TRIMMED, subject="audit_log", details=details)
    return count


def _trail(request: Request, principal: PrincipalOf) -> AuditTrail:
    return trail_of(request).of(principal)


def trail_of(request: Request) -> AuditTrail:
    """Gives the api's own trail, for routes on which nobody is known yet."""
    trail = request.app.state.audit
    assert isinstance(trail, AuditTrail)  # noqa: S101  create_app puts it there
    return trail


AuditOf = Annotated[AuditTrail, Depends(_trail)]
"""The trail in the name of who asks, on routes that have `requires(…)` among their dependencies."""
