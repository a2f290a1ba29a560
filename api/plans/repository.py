"""SQL of plans."""

from collections.abc import Sequence

from pydantic import JsonValue
from sqlalchemy import RowMapping, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from api.plans.schemas import Publication, PublicationKind, StoredPlan
from api.schema import plan_publications, plan_versions
from routing import snapshot
from routing.plan import Plan

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('plans'), 0)")


async def lock_publications(connection: AsyncConnection) -> None:
    """Lets one transaction at a time publish, so that each sees what the one before did."""
    await connection.execute(_LOCK)


async def current_publication(connection: AsyncConnection) -> Publication | None:
    """Gives the publication in force; None: nothing has been published."""
    found = await list_publications(connection, limit=1, before_id=None)
    return found[0] if found else None


async def current_version(connection: AsyncConnection) -> str | None:
    """Gives the version in force."""
    newest = select(plan_publications.c.version).order_by(plan_publications.c.id.desc()).limit(1)
    version: str | None = (await connection.execute(newest)).scalar()
    return version


async def list_publications(connection: AsyncConnection, *, limit: int, before_id: int | None) -> Sequence[Publication]:
    """Gives publications, newest first, those older than `before_id` when it is given."""
    statement = select(plan_publications).order_by(plan_publications.c.id.desc()).limit(limit)
    if before_id is not None:
        statement = statement.where(plan_publications.c.id < before_id)
    return [_publication(row) for row in (await connection.execute(statement)).mappings()]


async def find_plan(connection: AsyncConnection, version: str) -> StoredPlan | None:
    """Gives one version; None when it was never published here."""
    row = (await connection.execute(select(plan_versions).where(plan_versions.c.version == version))).mappings().first()
    return None if row is None else StoredPlan.model_validate(dict(row))


async def store_version(connection: AsyncConnection, plan: Plan, author: str) -> None:
    """Stores a version; one that is here already stays as it is, with its first author."""
    row = {"version": plan.version, "document": snapshot.to_document(plan), "first_author": author}
    await connection.execute(insert(plan_versions).values(row).on_conflict_do_nothing(index_elements=["version"]))


async def add_publication(
    connection: AsyncConnection,
    *,
    version: str,
    kind: PublicationKind,
    author: str,
    reason: str,
    previous_version: str | None,
) -> Publication:
    """Puts a version in force."""
    values: dict[str, JsonValue] = {
        "version": version,
        "kind": kind.value,
        "author": author,
        "reason": reason,
        "previous_version": previous_version,
    }
    statement = (
        insert(plan_publications).values(**values, published_at=func.clock_timestamp()).returning(*plan_publications.c)
    )
    return _publication((await connection.execute(statement)).mappings().one())


def _publication(row: RowMapping) -> Publication:
    fields = {str(name): value for name, value in row.items()}
    return Publication.model_validate({**fields, "publication_id": fields["id"]})
