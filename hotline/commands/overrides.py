"""`hotline override`: manual switches over the plan that end by themselves, and emergency mode of the whole line."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Never

import typer
from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from api.overrides.schemas import OverrideRequest, StoredOverride
from asterisk_conf.instance import InstancePaths
from asterisk_conf.site import read_site
from hotline.commands.options import ByOption, InstanceOption, instance_paths, login_name, read_author, read_reason
from hotline.commands.plan import read_moment
from hotline.commands.publication import local
from hotline.errors import HotlineError
from hotline.plan_api import PlanApi, open_plans_of
from hotline.screen import OUT, say
from hotline.taking import Before, Taken, nodes_before, wait_overrides_taken
from routing.numbers import normalise_caller
from routing.overrides import OverrideAction, OverrideScope
from routing.plan import Plan

LINE = "line"
KYIV = "Europe/Kyiv"
Target = tuple[OverrideScope, str]
_SWITCHES = {each.value: each for each in (OverrideAction.OPEN, OverrideAction.CLOSED)}
_ACTIONS = "closed, open, to-queue:NAME or to-number:+380…"

app = typer.Typer(
    no_args_is_help=True,
    help="Manual switches over the plan. Each ends by itself; who, why and until when stand in every call's reasons.",
)


@app.command("set")
def set_(  # noqa: PLR0917  typer calls it by name: each parameter is an argument or option
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="A queue, office or service of the plan in force, or `line`: the whole line (emergency). "
            "`queue:NAME`, `office:NAME`, `service:NAME` where a name is not enough.",
        ),
    ],
    action: Annotated[str, typer.Argument(metavar="ACTION", help=f"{_ACTIONS}.")],
    until: Annotated[
        str, typer.Option("--until", metavar="TIME", help="When it ends by itself, Kyiv time: 2026-11-24T09:00.")
    ],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; is kept and shown.")],
    by: ByOption = "",
    instance: InstanceOption = None,
) -> None:
    """Open or close a queue, office or service, or send its calls elsewhere, until a moment."""
    author, why = read_author("--by", by or login_name()), read_reason("--reason", reason)
    ends_at = read_until(until, datetime.now(UTC))
    does, destination = read_action(action)
    paths = instance_paths(instance)
    if does is OverrideAction.TO_NUMBER:
        _warn_without_trunk(paths)
    asyncio.run(_set(paths, target, (does, destination), ends_at, (author, why)))


@app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    instance: InstanceOption = None,
) -> None:
    """Show the overrides in force: what, until when, who, why."""
    found = asyncio.run(_list(instance_paths(instance), is_active=None if every else True))
    OUT.print(
        overrides_table(found) if found else "no override is in force" if not every else "no override was ever set"
    )


@app.command("clear")
def clear(
    override_id: Annotated[str, typer.Argument(metavar="ID", help="As `hotline override list` shows it.")],
    by: ByOption = "",
    instance: InstanceOption = None,
) -> None:
    """End an override before its time."""
    author = read_author("--by", by or login_name())
    asyncio.run(_clear(instance_paths(instance), override_id, author))


def read_until(text: str, now: datetime) -> datetime:
    """Gives the aware moment that `--until` means.

    Raises:
        HotlineError: It is no time, or not after `now` (aware).
    """
    moment = read_moment(text, KYIV, "--until") if text else _no_end()
    if moment <= now:
        raise HotlineError(f"--until {text}: that is over already; in Kyiv it is {local(now)} now")
    return moment


def read_action(text: str) -> tuple[OverrideAction, str | None]:
    """Gives action and destination of `closed`, `open`, `to-queue:NAME`, `to-number:+380…`.

    Raises:
        HotlineError: It is none of these.
    """
    if text in _SWITCHES:
        return _SWITCHES[text], None
    word, _, destination = text.partition(":")
    if word == OverrideAction.TO_QUEUE and destination:
        return OverrideAction.TO_QUEUE, destination
    if word == OverrideAction.TO_NUMBER and destination:
        number = normalise_caller(destination)
        if number is None:
            raise HotlineError(f"{text}: not a telephone number; write it as to-number:+380… with 12 digits")
        return OverrideAction.TO_NUMBER, number
    raise HotlineError(f"{text}: not an action; it is one of {_ACTIONS}")


def find_target(plan: Plan, text: str) -> Target:
    """Gives what a name of the plan means.

    An office whose only queue has its name is that queue; every other name that means two things is refused.

    Raises:
        HotlineError: The plan has no such thing, or several.
    """
    if text == LINE:
        return OverrideScope.LINE, ""
    scope, separator, name = text.partition(":")
    if separator:
        found = [each for each in _named(plan, name) if each[0].value == scope]
    else:
        found = _without_twins(plan, _named(plan, text))
    if len(found) > 1:
        choices = " or ".join(f"{each.value}:{target}" for each, target in found)
        raise HotlineError(f"{text} means several things in plan {plan.version}: say {choices}")
    if not found:
        raise HotlineError(f"plan {plan.version} has no {text}: {_choices(plan)}")
    return found[0]


def overrides_table(overrides: Iterable[StoredOverride]) -> Table:
    """Gives overrides as a table, local time."""
    table = Table("id", "what", "does", "until", "by", "reason", "set", "state", box=None, header_style="bold")
    for each in overrides:
        who = (Text(each.author), Text(each.reason))
        table.add_row(each.id, _what(each), _does(each), local(each.until), *who, local(each.created_at), _state(each))
    return table


async def _set(
    paths: InstancePaths,
    target: str,
    action: tuple[OverrideAction, str | None],
    until: datetime,
    who_and_why: tuple[str, str],
) -> None:
    async with open_plans_of(paths) as api:
        plan = await _plan_in_force(api)
        _check_queue(plan, action)
        request = _request(find_target(plan, target), action, until, who_and_why)
        before = await nodes_before(api)
        override = await api.set_override(request)
        taken = await _wait(api, override, before)
    OUT.print(f"{override.id}: {_what(override)} {_does(override)} until {local(override.until)}, {_where(taken)}")


def _request(
    target: Target, action: tuple[OverrideAction, str | None], until: datetime, who_and_why: tuple[str, str]
) -> OverrideRequest:
    try:
        return OverrideRequest(
            scope=target[0],
            target=target[1],
            action=action[0],
            destination=action[1],
            until=until,
            author=who_and_why[0],
            reason=who_and_why[1],
        )
    except ValidationError as error:
        rows = [f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in error.errors(include_input=False)]
        raise HotlineError(f"the override does not fit: {'; '.join(rows)}") from error


async def _clear(paths: InstancePaths, override_id: str, author: str) -> None:
    async with open_plans_of(paths) as api:
        before = await nodes_before(api)
        override = await api.clear_override(override_id, author)
        taken = await _wait(api, override, before)
    OUT.print(f"{override.id}: {_what(override)} {_does(override)} is cleared, {_where(taken)}")


async def _wait(api: PlanApi, override: StoredOverride, before: Before) -> Taken:
    say(f"override {override.id} is stored; the nodes take it")
    return await wait_overrides_taken(api, before, say)


async def _list(paths: InstancePaths, *, is_active: bool | None) -> list[StoredOverride]:
    async with open_plans_of(paths) as api:
        return [each async for each in api.overrides(is_active=is_active)]


async def _plan_in_force(api: PlanApi) -> Plan:
    current = await api.current()
    if current is None:
        raise HotlineError("no plan is published yet: publish one with `hotline publish DIR`, or start `hotline up`")
    return await api.plan(current.version)


def _check_queue(plan: Plan, action: tuple[OverrideAction, str | None]) -> None:
    does, destination = action
    if does is OverrideAction.TO_QUEUE and destination not in plan.queues:
        raise HotlineError(f"plan {plan.version} has no queue {destination}: it has {', '.join(sorted(plan.queues))}")


def _named(plan: Plan, name: str) -> list[Target]:
    """Gives everything of the plan that has this name."""
    tables = (
        (OverrideScope.QUEUE, plan.queues),
        (OverrideScope.OFFICE, plan.offices),
        (OverrideScope.SERVICE, plan.services),
    )
    return [(scope, name) for scope, table in tables if name in set(map(str, table))]


def _without_twins(plan: Plan, found: list[Target]) -> list[Target]:
    """Leaves out an office whose only queue is found too: both mean the same calls."""
    queues = [name for scope, name in found if scope is OverrideScope.QUEUE]
    return [each for each in found if each[0] is not OverrideScope.OFFICE or _queues_of(plan, each[1]) != queues]


def _queues_of(plan: Plan, office: str) -> list[str]:
    return [each.name for each in plan.queues.values() if each.office == office]


def _choices(plan: Plan) -> str:
    return (
        f"queues {', '.join(sorted(plan.queues))}; offices {', '.join(sorted(plan.offices))}; "
        f"services {', '.join(sorted(plan.services))}; or {LINE}"
    )


def _warn_without_trunk(paths: InstancePaths) -> None:
    if read_site(paths.site_file).outbound_trunk is None:
        say(
            f"mind: no trunk in {paths.site_file} has a sip_uri, so no call can go out from here: "
            "callers will go to the queue instead of the number"
        )


def _no_end() -> Never:
    raise HotlineError("--until: every override ends; say when, as 2026-11-24T09:00")


def _what(override: StoredOverride) -> str:
    return "the whole line" if override.scope is OverrideScope.LINE else f"{override.scope} {override.target}"


def _does(override: StoredOverride) -> str:
    return override.action.value if override.destination is None else f"{override.action}:{override.destination}"


def _state(override: StoredOverride) -> str:
    if override.active:
        return "in force"
    if override.cleared_at is not None:
        return f"cleared by {override.cleared_by} {local(override.cleared_at)}"
    return "over"


def _where(taken: Taken) -> str:
    told = f"in force on {', '.join(taken.nodes)}" if taken.nodes else "no node reports now"
    return told + (f"; {', '.join(taken.silent)} will take it when back" if taken.silent else "")
