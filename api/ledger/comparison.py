"""Compares what each witness says with the log. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.ledger.counts import CountedStretch, Sample, count_starts, hour_of, stretches_of
from api.ledger.repository import Begun, Logged, Recorded
from api.ledger.schemas import LedgerDifference, LedgerHour
from api.ledger.words import BegunKind, DifferenceKind
from api.projection.words import CallOutcome

NodeHour = tuple[str, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """What is said of a day."""

    logged: Sequence[Logged]
    recorded: Sequence[Recorded]
    begun: Sequence[Begun]
    samples: Mapping[str, Sequence[Sample]]
    """By node, some from around the day."""
    starts: Mapping[str, Sequence[datetime]]
    """By node when calls, operators' codes and checks began, ascending, around the day too."""
    since: datetime
    before: datetime
    """The day: stretches of time that begin in [since, before) are its own."""
    known: frozenset[str]
    """Every linkedid of the others that the log has, aliases included."""
    gaps: Mapping[str, tuple[str, ...]]
    """Missing lines, by call."""
    compared_until: datetime


def differences_of(said: Statements) -> list[LedgerDifference]:
    """Gives every difference, by time."""
    found = [*_unlogged(said), *_unfolded(said), *_gaps(said), *_unrecorded(said), *_counts(said)]
    return sorted(found, key=lambda one: (one.at, one.node, one.call_id or "", one.kind))


def _unlogged(said: Statements) -> Iterable[LedgerDifference]:
    evidence = {one.call_id for one in said.begun if one.kind is BegunKind.CALL}
    for one in said.recorded:
        if one.call_id not in said.known | evidence and one.ended_at < said.compared_until:
            yield _difference(DifferenceKind.NOT_IN_LOG, one)


def _unfolded(said: Statements) -> Iterable[LedgerDifference]:
    for one in said.begun:
        is_due = one.kind is BegunKind.CALL and one.started_at < said.compared_until
        if is_due and one.call_id not in said.known:
            yield _difference(DifferenceKind.NOT_FOLDED, one)


def _gaps(said: Statements) -> Iterable[LedgerDifference]:
    for one in said.logged:
        missing = said.gaps.get(one.call_id)
        if missing:
            yield _difference(DifferenceKind.GAP, one).model_copy(update={"missing": list(missing)})


def _unrecorded(said: Statements) -> Iterable[LedgerDifference]:
    """Call records of calls that Asterisk took down with it do not exist: those are told by their outcome."""
    recorded = {one.call_id for one in said.recorded}
    for one in said.logged:
        is_over = one.ended_at is not None and one.ended_at < said.compared_until
        if is_over and one.outcome != CallOutcome.LOST_NODE and one.call_id not in recorded:
            yield _difference(DifferenceKind.NO_CALL_RECORD, one)


def _difference(kind: DifferenceKind, one: Logged | Recorded | Begun) -> LedgerDifference:
    return LedgerDifference(kind=kind, node=one.node, at=one.started_at, call_id=one.call_id)


def _counts(said: Statements) -> Iterable[LedgerDifference]:
    for node, counted in _counted(said).items():
        for one in counted:
            if one.difference:
                at = one.stretch.begin.at
                yield LedgerDifference(kind=DifferenceKind.COUNT, node=node, at=at, count=one.difference)


def starts_of(logged: Iterable[Logged], begun: Iterable[Begun]) -> dict[str, list[datetime]]:
    """Gives by node when that began which Asterisk counts, ascending."""
    counted = [(one.started_at, one.node) for one in logged]
    counted += [(one.started_at, one.node) for one in begun if one.kind is not BegunKind.CALL]
    starts: dict[str, list[datetime]] = {}
    for started_at, node in sorted(counted):
        starts.setdefault(node, []).append(started_at)
    return starts


def _counted(said: Statements) -> dict[str, list[CountedStretch]]:
    return {
        node: [
            count_starts(stretch, said.starts.get(node, ()))
            for stretch in stretches_of(one for one in samples if one.at < said.compared_until)
            if said.since <= stretch.begin.at < said.before
        ]
        for node, samples in said.samples.items()
    }


def hours_of(said: Statements) -> list[LedgerHour]:
    """Gives every hour of every node of which something is said."""
    logged = Counter((one.node, hour_of(one.started_at)) for one in said.logged)
    recorded = Counter((one.node, hour_of(one.started_at)) for one in said.recorded)
    codes, checks = _begun(said, BegunKind.CODE), _begun(said, BegunKind.CHECK)
    processed: dict[NodeHour, int] = {}
    for node, counted in _counted(said).items():
        for one in counted:
            place = (node, hour_of(one.stretch.begin.at))
            processed[place] = processed.get(place, 0) + one.stretch.processed
    return [
        LedgerHour(
            node=node,
            hour_at=hour_at,
            calls=logged[node, hour_at],
            call_records=recorded[node, hour_at],
            processed=processed.get((node, hour_at)),
            operator_codes=codes[node, hour_at],
            test_calls=checks[node, hour_at],
        )
        for node, hour_at in sorted({*logged, *recorded, *codes, *checks, *processed})
    ]


def _begun(said: Statements, kind: BegunKind) -> Counter[NodeHour]:
    return Counter((one.node, hour_of(one.started_at)) for one in said.begun if one.kind is kind)
