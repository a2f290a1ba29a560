"""Stores a batch of evidence and brings the calls in it up to date; the endpoint owns the transaction."""

from sqlalchemy.ext.asyncio import AsyncConnection

from api.detention.from_calls import follow_merges, report_asked
from api.evidence import repository
from api.evidence.schemas import IngestAnswer
from api.evidence.sorting import Batch, KeptNumber
from api.projection.service import project_stored


async def ingest(connection: AsyncConnection, batch: Batch) -> IngestAnswer:
    """Stores what is new of a batch, once, in whatever order batches arrive."""
    await repository.lock_nodes(connection, batch.nodes)
    stored = await repository.store_evidence(connection, batch.evidence)
    quarantined = await repository.store_quarantine(connection, batch.quarantine)
    await repository.store_numbers(connection, _numbers_of(stored, batch))
    await project_stored(connection, stored)
    await follow_merges(connection, {row.linkedid for row in stored if row.linkedid is not None})
    await report_asked(connection, stored)
    lines = len(batch.evidence) + len(batch.quarantine)
    return IngestAnswer(stored=len(stored), repeated=lines - len(stored) - quarantined, quarantined=quarantined)


def _numbers_of(stored: list[repository.StoredRow], batch: Batch) -> dict[str, KeptNumber]:
    """Gives the numbers of new lines only: a line that comes again must not bring back an erased number."""
    fresh = {pseudonym for row in stored for pseudonym in row.pseudonyms}
    return {pseudonym: number for pseudonym, number in batch.numbers.items() if pseudonym in fresh}
