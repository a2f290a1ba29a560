"""Classifying calls and counting topics; the endpoints own the transactions."""

from sqlalchemy.ext.asyncio import AsyncConnection

from api.kit.auth import Principal
from api.kit.exceptions import NotFoundError
from api.kit.numbers import NumberVault
from api.plans.in_force import plan_in_force
from api.projection.repository import set_regions
from api.topics import repository
from api.topics.errors import UnknownRegionError, UnknownTopicError
from api.topics.schemas import CallTopics, Classification, ShareQuery, TopicRequest, TopicShares, TopicTree
from api.topics.shares import shares_of, tree_of
from routing.plan import Plan

HISTORY_LIMIT = 200


async def classify(
    connection: AsyncConnection, vault: NumberVault, call_id: str, request: TopicRequest, principal: Principal
) -> CallTopics:
    """Adds what somebody says a call was about; what was said before stays in the history.

    Raises:
        NotFoundError: There is no such call, or the operator took no part in it.
        NoPlanError: No plan is in force.
        UnknownTopicError, UnknownRegionError: The plan has none such.
    """
    await _check_call(connection, call_id, principal)
    plan = await plan_in_force(connection)
    _check(plan, request)
    await repository.add_topic(
        connection,
        call_id,
        topic=request.topic,
        region=request.region,
        note_encrypted=vault.seal(request.note) if request.note else None,
        author=principal.name,
        plan_version=plan.version,
    )
    await set_regions(connection, [call_id])
    return await _read(connection, vault, call_id)


async def topics_of_call(
    connection: AsyncConnection, vault: NumberVault, call_id: str, principal: Principal
) -> CallTopics:
    """Gives what was said of a call.

    Raises:
        NotFoundError: There is no such call, or the operator took no part in it.
    """
    await _check_call(connection, call_id, principal)
    return await _read(connection, vault, call_id)


async def _check_call(connection: AsyncConnection, call_id: str, principal: Principal) -> None:
    operator = (principal.operator or "") if principal.sees_own_calls_only else None
    if not await repository.has_call(connection, call_id, operator):
        raise NotFoundError(f"there is no call {call_id}")


def _check(plan: Plan, request: TopicRequest) -> None:
    if request.topic is not None and request.topic not in plan.topics:
        raise UnknownTopicError(f"the plan has no topic {request.topic}", {"known": [*plan.topics]})
    regions = sorted({centre.iso for centre in plan.centres.values()})
    if request.region is not None and request.region not in regions:
        raise UnknownRegionError(f"no centre of the plan serves {request.region}", {"known": [*regions]})


async def _read(connection: AsyncConnection, vault: NumberVault, call_id: str) -> CallTopics:
    rows = await repository.topics_of_call(connection, call_id, HISTORY_LIMIT)
    history = [
        Classification(
            topic=row.topic,
            region=row.region,
            note=vault.open(row.note_encrypted) if row.note_encrypted else "",
            author=row.author,
            plan_version=row.plan_version,
            classified_at=row.classified_at,
        )
        for row in rows
    ]
    return CallTopics(call_id=call_id, current=history[0] if history else None, history=history)


async def tree(connection: AsyncConnection) -> TopicTree:
    """Gives the topics that calls can be classified by now.

    Raises:
        NoPlanError: No plan is in force.
    """
    plan = await plan_in_force(connection)
    return TopicTree(plan_version=plan.version, topics=tree_of(plan.topics))


async def shares(connection: AsyncConnection, query: ShareQuery) -> TopicShares:
    """Counts answered calls by topic.

    Raises:
        NoPlanError: No plan is in force.
    """
    plan = await plan_in_force(connection)
    counted = await repository.count_by_topic(connection, query)
    by_topic = {topic: count for topic, count in counted.items() if topic is not None}
    classified, answered = sum(by_topic.values()), sum(counted.values())
    return TopicShares(
        answered=answered,
        classified=classified,
        unclassified=answered - classified,
        topics=shares_of(plan.topics, by_topic),
    )
