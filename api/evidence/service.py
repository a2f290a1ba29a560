"""Stores a batch of evidence and brings the calls in it up to date; the endpoint owns the transaction."""

from sqlalchemy.ext.asyncio import AsyncConnection

from api.evidence import repository
from api.evidence.schemas import IngestAnswer
from api.evidence.sorting import Batch
from api.projection.service import project_stored


async def ingest(connection: AsyncConnection, batch: Batch) -> IngestAnswer:
    """Stores what is new of a batch, once, in whatever order batches arrive."""
    await repository.lock_nodes(connection, batch.nodes)
    stored = await repository.store_evidence(connection, batch.evidence)
    quarantined = await repository.store_quarantine(connection, batch.quarantine)
    await repository.store_numbers(connection, batch.numbers)
    await project_stored(connection, stored)
    lines = len(batch.evidence) + len(batch.quarantine)
    return IngestAnswer(stored=len(stored), repeated=lines - len(stored) - quarantined, quarantined=quarantined)
