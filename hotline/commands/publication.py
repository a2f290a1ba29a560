"""`hotline publish`, `hotline versions` and `hotline rollback`: which plan is in force, who put it there, and why."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Never

import typer
from rich.table import Table
from rich.text import Text

from api.nodes.schemas import NodeNow
from api.plans.schemas import Publication
from asterisk_conf.instance import InstancePaths
from asterisk_conf.state_files import VERSION_PATTERN
from hotline.commands.options import ByOption, InstanceOption, instance_paths, login_name, read_author, read_reason
from hotline.diff_view import diff_view
from hotline.errors import HotlineError, LogApiError, RefusedError
from hotline.journeys import KYIV
from hotline.plan_api import PAGE_ROWS, PLAN_CONFLICT, PLAN_UNCHANGED, PlanApi, open_plans_of
from hotline.plans import read_proven_plan
from hotline.screen import OUT, say
from hotline.taking import Before, Taken, nodes_before, wait_plan_taken
from routing import diff as plan_diff

BACK_ONE_STEP = "back one step"
MOMENT = "%Y-%m-%d %H:%M:%S"

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the plan's YAML files.")]
WhyOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; is kept and shown.")]


def publish(
    folder: FolderArgument,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who publishes; is kept and shown.")],
    reason: WhyOption,
    expect: Annotated[
        str,
        typer.Option(
            "--expect",
            metavar="VERSION",
            help="The version that you began to edit from: if another is in force meanwhile, nothing is published.",
        ),
    ] = "",
    instance: InstanceOption = None,
) -> None:
    """Prove a plan and put it in force: new calls get it, calls in progress end on theirs, operators stay logged in."""
    author, why = read_author("--by", by), read_reason("--reason", reason)
    if expect and not VERSION_PATTERN.fullmatch(expect):
        raise HotlineError(f"--expect {expect}: not a version; `hotline versions` shows them")
    asyncio.run(_publish(folder, instance_paths(instance), author, why, expect))


def rollback(
    by: ByOption = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; is kept and shown.")] = BACK_ONE_STEP,
    instance: InstanceOption = None,
) -> None:
    """Put the version before the current one in force again. A second time goes forward again."""
    author, why = read_author("--by", by or login_name()), read_reason("--reason", reason)
    asyncio.run(_roll_back(instance_paths(instance), author, why))


def versions(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=PAGE_ROWS, help="How many, newest first.")] = 20,
    instance: InstanceOption = None,
) -> None:
    """Show which versions were in force since when, who put them there, and why."""
    publications, nodes = asyncio.run(_versions(instance_paths(instance), limit))
    if not publications:
        OUT.print("nothing has been published yet")
        return
    OUT.print(versions_table(publications))
    for note in behind_notes(nodes, publications[0].version):
        OUT.print(Text.assemble(("note  ", "yellow"), note))


def versions_table(publications: Sequence[Publication]) -> Table:
    """Gives publications, the newest first, as a table in local time; the first is in force."""
    table = Table("", "since", "version", "how", "by", "reason", "before", box=None, header_style="bold")
    for number, each in enumerate(publications):
        mark = Text("●", style="green") if number == 0 else ""
        cells = (each.version, each.kind.value, Text(each.author), Text(each.reason), each.previous_version or "–")
        table.add_row(mark, local(each.published_at), *cells)
    return table


def behind_notes(nodes: Sequence[NodeNow], version: str) -> list[str]:
    """Tells which nodes do not have the published version in force, and why."""
    notes = []
    for each in nodes:
        has = f"{each.node} has plan {each.report.plan_version or 'none'} in force"
        if not each.is_fresh:
            notes.append(f"{each.node} has not reported for {each.age_s:.0f} s")
        elif each.report.plan_problem is not None:
            notes.append(f"{has}: {each.report.plan_problem}")
        elif each.report.plan_version != version:
            notes.append(has)
    return notes


def local(moment: datetime) -> str:
    """Gives a moment in Kyiv time."""
    return f"{moment.astimezone(KYIV):{MOMENT}}"


async def _publish(folder: Path, paths: InstancePaths, author: str, reason: str, expect: str) -> None:
    plan, proof = await asyncio.to_thread(read_proven_plan, folder)
    say(f"plan {plan.version} is valid: {proof.paths} paths walked, none is a dead end")
    async with open_plans_of(paths) as api:
        current = await api.current()
        before, began_at = await nodes_before(api), time.monotonic()
        expected = expect or (None if current is None else current.version)
        try:
            published = await api.publish(plan, author=author, reason=reason, expected=expected)
        except RefusedError as error:
            _explain(error, str(folder))
        await _finish(api, published, before, began_at)


async def _roll_back(paths: InstancePaths, author: str, reason: str) -> None:
    async with open_plans_of(paths) as api:
        current = await api.current()
        before, began_at = await nodes_before(api), time.monotonic()
        expected = None if current is None else current.version
        try:
            published = await api.roll_back(author=author, reason=reason, expected=expected)
        except RefusedError as error:
            _explain(error, expected or "")
        await _finish(api, published, before, began_at)


async def _versions(paths: InstancePaths, limit: int) -> tuple[list[Publication], list[NodeNow]]:
    async with open_plans_of(paths) as api:
        return await api.publications(limit), await api.nodes()


async def _finish(api: PlanApi, published: Publication, before: Before, began_at: float) -> None:
    """Waits for the nodes, then tells what changed and how long it took."""
    say(f"{published.kind} of plan {published.version} is stored; the nodes take it")
    taken = await wait_plan_taken(api, published.version, before, say)
    elapsed_s = time.monotonic() - began_at
    await _print_changes(api, published)
    OUT.print(_told(published, taken, elapsed_s))


async def _print_changes(api: PlanApi, published: Publication) -> None:
    if published.previous_version is None:
        return
    try:
        old, new = await api.plan(published.previous_version), await api.plan(published.version)
    except LogApiError as error:  # the plan is in force: what it changed is news only
        say(f"what changed cannot be told: {error}")
        return
    found = await asyncio.to_thread(plan_diff.diff, old, new, datetime.now(UTC))
    OUT.print(diff_view(found, new.calendar.timezone, None, None))


def _told(published: Publication, taken: Taken, elapsed_s: float) -> str:
    where = f"is in force on {', '.join(taken.nodes)}" if taken.nodes else "is published, but no node reports now"
    silent = f"; {', '.join(taken.silent)} will take it when back" if taken.silent else ""
    before = f"; before: {published.previous_version}" if published.previous_version else ""
    return f"plan {published.version} {where} after {elapsed_s:.1f} s{before}{silent}"


def _explain(error: RefusedError, mine: str) -> Never:
    """Tells a refusal in words that help the person at the keyboard.

    Raises:
        HotlineError: Always.
    """
    details = error.details
    if error.error_id == PLAN_CONFLICT and details.get("current_version"):
        version = details["current_version"]
        raise HotlineError(
            f"nothing is changed: meanwhile {_who(error)} put plan {version} in force: {details.get('reason')}; "
            f"look at the difference with: hotline diff {version} {mine}"
        ) from error
    if error.error_id == PLAN_UNCHANGED:
        raise HotlineError(f"{error}: {_who(error)} put it there: {details.get('reason')}") from error
    raise error


def _who(error: RefusedError) -> str:
    """Gives author and local time of the publication that stands in the way."""
    at = datetime.fromisoformat(str(error.details.get("published_at")))
    return f"{error.details.get('author')}, {local(at)},"
