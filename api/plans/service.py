"""Publishing, rolling back and rehearsing; the endpoints own the transactions."""

from datetime import UTC, datetime

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncConnection

from api.kit.exceptions import InvalidCursorError, NotFoundError
from api.kit.pagination import Cursor, decode_cursor, encode_cursor
from api.overrides.repository import overrides_in_force
from api.plans import repository
from api.plans.errors import (
    NoPlanError,
    NothingToRollBackError,
    PlanConflictError,
    PlanUnchangedError,
    UnknownDidError,
)
from api.plans.schemas import (
    PageQuery,
    PlanSubmission,
    Publication,
    PublicationKind,
    PublicationPage,
    RollbackRequest,
    SimulationAnswer,
    SimulationRequest,
    StoredPlan,
)
from routing import snapshot
from routing.plan import Plan
from routing.simulator import SimulationError, as_document, parse_keys, simulate

_LONGEST_ID_DIGITS = 18


async def publish(connection: AsyncConnection, submission: PlanSubmission, plan: Plan) -> Publication:
    """Puts a plan that has been checked in force.

    Raises:
        PlanConflictError: Another version is in force than the author believes.
        PlanUnchangedError: This one is in force.
    """
    await repository.lock_publications(connection)
    current = await _expected(connection, submission.expected_current)
    if current is not None and current.version == plan.version:
        raise PlanUnchangedError(f"plan {plan.version} is in force already", _told(current))
    await repository.store_version(connection, plan, submission.author)
    return await repository.add_publication(
        connection,
        version=plan.version,
        kind=PublicationKind.PUBLISH,
        author=submission.author,
        reason=submission.reason,
        previous_version=None if current is None else current.version,
    )


async def roll_back(connection: AsyncConnection, request: RollbackRequest) -> Publication:
    """Puts the version before the current one in force; done twice, it goes forward again.

    Raises:
        PlanConflictError: Another version is in force than the author believes.
        NothingToRollBackError: There was none before it.
    """
    await repository.lock_publications(connection)
    current = await _expected(connection, request.expected_current)
    if current is None or current.previous_version is None:
        raise NothingToRollBackError("there is no plan before the one in force")
    return await repository.add_publication(
        connection,
        version=current.previous_version,
        kind=PublicationKind.ROLLBACK,
        author=request.author,
        reason=request.reason,
        previous_version=current.version,
    )


async def _expected(connection: AsyncConnection, expected: str | None) -> Publication | None:
    current = await repository.current_publication(connection)
    if current is None:
        if expected is not None:
            raise PlanConflictError("nothing has been published yet", {"current_version": None})
        return None
    if current.version != expected:
        at = current.published_at.astimezone(UTC)
        raise PlanConflictError(
            f"{current.author} put plan {current.version} in force at {at:%Y-%m-%d %H:%M:%S} UTC: {current.reason}",
            _told(current),
        )
    return current


def _told(current: Publication) -> dict[str, JsonValue]:
    return {
        "current_version": current.version,
        "kind": current.kind.value,
        "author": current.author,
        "reason": current.reason,
        "published_at": current.published_at.astimezone(UTC).isoformat(),
    }


async def page_of_publications(connection: AsyncConnection, query: PageQuery) -> PublicationPage:
    """Gives one page.

    Raises:
        InvalidCursorError: The cursor is not one that this api gave.
    """
    before_id = _publication_id(decode_cursor(query.cursor)) if query.cursor else None
    rows = await repository.list_publications(connection, limit=query.limit + 1, before_id=before_id)
    page = list(rows[: query.limit])
    cursor = None
    if len(rows) > query.limit:
        cursor = encode_cursor(Cursor(started_at=page[-1].published_at, call_id=str(page[-1].publication_id)))
    return PublicationPage(publications=page, next_cursor=cursor)


def _publication_id(cursor: Cursor) -> int:
    text = cursor.call_id
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST_ID_DIGITS:
        raise InvalidCursorError("the cursor is not one of publications")
    return int(text)


async def current(connection: AsyncConnection) -> Publication:
    """Gives the publication in force.

    Raises:
        NoPlanError: There is none.
    """
    found = await repository.current_publication(connection)
    if found is None:
        raise NoPlanError("nothing has been published yet")
    return found


async def plan_of(connection: AsyncConnection, version: str | None) -> StoredPlan:
    """Gives one version whole; None means the one in force.

    Raises:
        NotFoundError: It was never published here.
        NoPlanError: None is in force.
    """
    wanted = (await current(connection)).version if version is None else version
    found = await repository.find_plan(connection, wanted)
    if found is None:
        raise NotFoundError(f"there is no plan {wanted}")
    return found


async def rehearse(connection: AsyncConnection, request: SimulationRequest) -> SimulationAnswer:
    """Tells where a call would go, with the overrides that are in force.

    Raises:
        UnknownDidError: The number called is none of the plan's.
        NotFoundError: There is no such version.
        NoPlanError: None is in force.
    """
    stored = await plan_of(connection, request.version)
    overrides = await overrides_in_force(connection)
    try:
        simulation = simulate(
            snapshot.from_document(stored.document),
            request.at,
            parse_keys(request.keys),
            from_=request.from_,
            did=request.did,
            overrides=overrides,
        )
    except SimulationError as error:
        raise UnknownDidError(str(error)) from error
    return SimulationAnswer.model_validate(as_document(simulation))


def now() -> datetime:
    """Gives the moment from which a plan is proven."""
    return datetime.now(UTC)
