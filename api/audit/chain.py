"""The chain of the audit: what a row's hash covers, and what is wrong with a chain. Pure.

A row's hash is an HMAC over the hash before it and the row's content, so that a row that was altered, put in or taken
out is noticed, and nobody makes a chain that fits without the instance's key. Rows taken from the end are noticed by
the head, which is kept apart; who keeps a head elsewhere also notices both going back together.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

GENESIS = b"\0" * 32
"""Stands before the first row."""
TRIMMED = "retention.audit"
"""Action of the row that says which rows retention took from the beginning."""
_KEY_LABEL = b"legalaid-hotline audit chain"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRow:
    """One row: its content, and the two hashes that are kept with it."""

    seq: int
    at: datetime
    actor_kind: str
    actor_id: str
    actor_name: str
    actor_role: str | None
    action: str
    subject: str
    details: Mapping[str, JsonValue]
    previous_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A place in the chain and its hash; seq 0 and GENESIS: nothing yet."""

    seq: int
    hash: bytes


EMPTY = Link(seq=0, hash=GENESIS)


def chain_key(pseudonym_key: bytes) -> bytes:
    """Gives the chain's key, derived from the one secret of the instance that never changes."""
    return hmac.new(pseudonym_key, _KEY_LABEL, hashlib.sha256).digest()


def row_hash(key: bytes, row: ChainRow) -> bytes:
    """Gives the hash that the row must have."""
    content = [
        row.seq,
        row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        row.actor_kind,
        row.actor_id,
        row.actor_name,
        row.actor_role,
        row.action,
        row.subject,
        row.details,
    ]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hmac.new(key, row.previous_hash + text.encode(), hashlib.sha256).digest()


def faults(key: bytes, rows: Iterable[ChainRow], head: Link, anchor: Link = EMPTY) -> Iterator[str]:
    """Tells in words what is wrong with a chain; nothing: it is whole.

    Args:
        key: The chain's.
        rows: All of it, in order.
        head: The last row, as it is kept apart.
        anchor: What stood before the first row: EMPTY, or what retention's last row says.
    """
    last = anchor
    for row in rows:
        if row.seq != last.seq + 1:
            yield _missing(last.seq + 1, row.seq - 1)
        elif row.previous_hash != last.hash:
            yield f"row {row.seq} does not continue row {last.seq}"
        if not hmac.compare_digest(row.hash, row_hash(key, row)):
            yield f"row {row.seq} was altered"
        last = Link(seq=row.seq, hash=row.hash)
    if last.seq < head.seq:
        yield _missing(last.seq + 1, head.seq)
    elif last != head:
        yield f"the chain ends at row {last.seq} otherwise than its head, row {head.seq}, says"


def _missing(first: int, last: int) -> str:
    return f"row {first} is missing" if first == last else f"rows {first} to {last} are missing"
