"""SQL of retention: what each class removes, or would. Every statement leaves what a legal hold keeps."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_HELD_CALLS = text(
    "SELECT c.call_id FROM calls c JOIN legal_holds h ON h.released_at IS NULL "
    "AND (h.call_id = c.call_id OR h.pseudonym = c.number_pseudonym) "
    "UNION SELECT call_id FROM legal_holds WHERE released_at IS NULL AND call_id IS NOT NULL"
)
_ALIASES = text("SELECT alias FROM call_aliases WHERE call_id = ANY(CAST(:calls AS text[]))")
_CHANNELS = text(
    "SELECT uniqueid FROM call_legs WHERE call_id = ANY(CAST(:calls AS text[])) "
    "UNION SELECT uniqueid FROM evidence WHERE linkedid = ANY(CAST(:calls AS text[])) AND uniqueid IS NOT NULL"
)
_OLD = "now() - make_interval(days => CAST(:days AS int))"
_CALL = f"started_at < {_OLD} AND call_id <> ALL(CAST(:calls AS text[]))"
_EVIDENCE = (
    f"occurred_at < {_OLD} AND (linkedid IS NULL OR linkedid <> ALL(CAST(:linkedids AS text[]))) "
    "AND (uniqueid IS NULL OR uniqueid <> ALL(CAST(:channels AS text[])))"
)
_NUMBER = (
    f"n.first_seen_at < {_OLD} AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.number_pseudonym = n.pseudonym "  # noqa: S608  our own words only
    f"AND (c.started_at >= {_OLD} OR c.call_id = ANY(CAST(:calls AS text[])))) "
    "AND NOT EXISTS (SELECT 1 FROM legal_holds h WHERE h.released_at IS NULL AND h.pseudonym = n.pseudonym)"
)
_REPORT = (
    f"received_at < {_OLD} AND (call_id IS NULL OR call_id <> ALL(CAST(:calls AS text[]))) "
    "AND (values_encrypted IS NOT NULL OR lawyer_encrypted IS NOT NULL OR person_key IS NOT NULL "
    "OR place_key IS NOT NULL)"
)
_CHANGE = (
    f"changes_encrypted IS NOT NULL AND report_id IN (SELECT id FROM detention_reports WHERE received_at < {_OLD} "  # noqa: S608  our own words only
    "AND (call_id IS NULL OR call_id <> ALL(CAST(:calls AS text[]))))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One kind of rows: which are over, and what becomes of them."""

    name: str
    table: str
    over: str
    removal: str


DETAIL = (
    Step(
        name="numbers",
        table="caller_numbers n",
        over=_NUMBER,
        removal=f"DELETE FROM caller_numbers n WHERE {_NUMBER}",  # noqa: S608  our own words only
    ),
    Step(
        name="notes",
        table="call_topics t",
        over=f"note_encrypted IS NOT NULL AND call_id IN (SELECT call_id FROM calls WHERE {_CALL})",  # noqa: S608  our own words only
        removal="UPDATE call_topics SET note_encrypted = NULL WHERE note_encrypted IS NOT NULL "  # noqa: S608  our own words only
        f"AND call_id IN (SELECT call_id FROM calls WHERE {_CALL})",
    ),
    Step(
        name="channels",
        table="call_legs",
        over=f"call_id IN (SELECT call_id FROM calls WHERE {_CALL})",  # noqa: S608  our own words only
        removal=f"DELETE FROM call_legs WHERE call_id IN (SELECT call_id FROM calls WHERE {_CALL})",  # noqa: S608  our own words only
    ),
    Step(
        name="calls",
        table="calls",
        over=f"number_pseudonym IS NOT NULL AND {_CALL}",
        removal=f"UPDATE calls SET number_pseudonym = NULL WHERE number_pseudonym IS NOT NULL AND {_CALL}",  # noqa: S608  our own words only
    ),
    Step(
        name="evidence",
        table="evidence",
        over=_EVIDENCE,
        removal=f"DELETE FROM evidence WHERE {_EVIDENCE}",  # noqa: S608  our own words only
    ),
    Step(
        name="quarantine",
        table="quarantine",
        over=f"received_at < {_OLD}",
        removal=f"DELETE FROM quarantine WHERE received_at < {_OLD}",  # noqa: S608  our own words only
    ),
)
"""In this order: what is found through a call comes before what the call itself loses."""
DETENTION = (
    Step(
        name="changes",
        table="detention_changes",
        over=_CHANGE,
        removal=f"UPDATE detention_changes SET changes_encrypted = NULL WHERE {_CHANGE}",  # noqa: S608  our own words only
    ),
    Step(
        name="reports",
        table="detention_reports",
        over=_REPORT,
        removal="UPDATE detention_reports SET values_encrypted = NULL, lawyer_encrypted = NULL, person_key = NULL, "  # noqa: S608  our own words only
        f"place_key = NULL WHERE {_REPORT}",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What legal holds keep."""

    calls: list[str]
    linkedids: list[str]
    """Of the calls, those merged into them included."""
    channels: list[str]


async def read_held(connection: AsyncConnection) -> Held:
    """Gives what must stay."""
    calls = sorted((await connection.execute(_HELD_CALLS)).scalars())
    aliases = list((await connection.execute(_ALIASES, {"calls": calls})).scalars())
    linkedids = [*calls, *aliases]
    channels = list((await connection.execute(_CHANNELS, {"calls": linkedids})).scalars())
    return Held(calls=calls, linkedids=linkedids, channels=channels)


async def run_step(connection: AsyncConnection, step: Step, held: Held, *, days: int, is_dry: bool) -> int:
    """Removes what is over, or only counts it; gives the number of rows."""
    values = {"days": days, "calls": held.calls, "linkedids": held.linkedids, "channels": held.channels}
    statement = f"SELECT count(*) FROM {step.table} WHERE {step.over}" if is_dry else step.removal  # noqa: S608  our own words only
    wanted = text(statement)
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    result = await connection.execute(wanted, used)
    return int(result.scalar_one()) if is_dry else result.rowcount
