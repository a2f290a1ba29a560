"""SQL of nodes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from api.nodes.schemas import LiveReport
from api.schema import nodes


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """A node's last report and how old it is, by the database's clock."""

    node: str
    report: LiveReport
    age_s: float


async def store_report(connection: AsyncConnection, node: str, report: LiveReport) -> None:
    """Keeps the report in place of the node's last one."""
    statement = insert(nodes).values(node=node, report=report.model_dump(mode="json"))
    fresh = {"report": statement.excluded.report, "received_at": func.now()}
    await connection.execute(statement.on_conflict_do_update(index_elements=["node"], set_=fresh))


async def node_states(connection: AsyncConnection, *, younger_than_s: float | None = None) -> Sequence[NodeState]:
    """Gives the nodes whose last report is younger than that; None: all that ever reported."""
    age_s = func.extract("epoch", func.now() - nodes.c.received_at)
    statement = select(nodes.c.node, nodes.c.report, age_s).order_by(nodes.c.node)
    if younger_than_s is not None:
        statement = statement.where(age_s < younger_than_s)
    rows = await connection.execute(statement)
    return [
        NodeState(node=node, report=LiveReport.model_validate(report), age_s=float(age)) for node, report, age in rows
    ]
