from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.audit.chain import EMPTY, ChainRow, Link, chain_key, faults, row_hash

KEY = chain_key(b"p" * 32)
AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


def chain(length: int, key: bytes = KEY) -> list[ChainRow]:
    rows: list[ChainRow] = []
    last = EMPTY
    for seq in range(1, length + 1):
        row = ChainRow(
            seq=seq,
            at=AT + timedelta(seconds=seq),
            actor_kind="user",
            actor_id="u1",
            actor_name="olena",
            actor_role="admin",
            action="number.show",
            subject=f"call {seq}",
            details={"reason": "дзвінок", "n": seq},
            previous_hash=last.hash,
            hash=b"",
        )
        row = replace(row, hash=row_hash(key, row))
        rows.append(row)
        last = Link(seq=seq, hash=row.hash)
    return rows


def end(rows: list[ChainRow]) -> Link:
    return Link(seq=rows[-1].seq, hash=rows[-1].hash) if rows else EMPTY


@given(st.integers(0, 12))
def test_a_chain_that_nobody_touched_has_no_fault(length: int) -> None:
    rows = chain(length)
    assert list(faults(KEY, rows, end(rows))) == []


@given(st.integers(1, 8), st.integers(0, 7))
def test_any_row_that_is_taken_out_is_noticed(length: int, place: int) -> None:
    rows = chain(length)
    head = end(rows)
    del rows[place % length]
    assert list(faults(KEY, rows, head)) != []


ALTERED: list[Callable[[ChainRow], ChainRow]] = [
    lambda row: replace(row, at=AT),
    lambda row: replace(row, actor_kind="token"),
    lambda row: replace(row, actor_id="u2"),
    lambda row: replace(row, actor_name="x"),
    lambda row: replace(row, actor_role=None),
    lambda row: replace(row, action="x"),
    lambda row: replace(row, subject="x"),
    lambda row: replace(row, details={}),
    lambda row: replace(row, details={"reason": "дзвінок", "n": "3"}),
]


@pytest.mark.parametrize("alter", ALTERED)
def test_any_field_that_is_altered_is_noticed(alter: Callable[[ChainRow], ChainRow]) -> None:
    rows = chain(5)
    head = end(rows)
    rows[2] = alter(rows[2])
    assert list(faults(KEY, rows, head)) == ["row 3 was altered"]


def test_who_lacks_the_key_cannot_make_a_chain_that_fits() -> None:
    rows = chain(3, key=b"another")
    assert len(list(faults(KEY, rows, end(rows)))) == 3


def test_rows_that_changed_places_are_noticed() -> None:
    rows = chain(3)
    first, second = replace(rows[0], seq=2), replace(rows[1], seq=1)
    assert list(faults(KEY, [second, first, rows[2]], end(rows))) != []


def test_the_hash_does_not_depend_on_the_time_zone_in_which_a_moment_is_told() -> None:
    (row,) = chain(1)
    assert row_hash(KEY, replace(row, at=row.at.astimezone(timezone(timedelta(hours=2))))) == row.hash


def test_a_chain_may_begin_after_what_retention_says_it_took() -> None:
    rows = chain(5)
    anchor = Link(seq=2, hash=rows[1].hash)
    assert list(faults(KEY, rows[2:], end(rows), anchor)) == []
    assert list(faults(KEY, rows[3:], end(rows), anchor)) == ["row 3 is missing"]
    assert list(faults(KEY, rows[2:], end(rows), Link(seq=2, hash=b"x"))) == ["row 3 does not continue row 2"]
