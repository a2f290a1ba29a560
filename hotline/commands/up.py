"""`hotline up`: the whole line on this machine."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from asterisk_conf.instance import InstancePaths
from asterisk_conf.site import SiteSettings
from hotline.commands.options import InstanceOption, instance_paths
from hotline.demo import run_demo
from hotline.errors import HotlineError
from hotline.first_plan import beginning_plan, read_wanted
from hotline.line import PreparedLine, make_instance, prepare_line
from hotline.lock import hold_lock
from hotline.ports import check_ports, needed_ports
from hotline.runner import Work, run_line, run_until_told
from hotline.screen import say

DATABASE_SCHEME = "postgresql+asyncpg://"


def up(
    instance: InstanceOption = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            "--plan",
            metavar="DIR",
            help="Publish the plan in this folder. Default: what is published goes on; at the first start, the shipped "
            "plan is published.",
        ),
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Add softphone operators, place test calls and print each one's journey.")
    ] = False,
    leave: Annotated[
        bool, typer.Option("--exit", help="With --demo: stop after the calls; exit 0 if all went right.")
    ] = False,
    test_clock: Annotated[
        bool, typer.Option("--test-clock", help="Honour state/clock.json: decisions as if it were another moment.")
    ] = False,
) -> None:
    """Run the line here: PostgreSQL, api, ivr and Asterisk, until Ctrl-C.

    The database is an embedded PostgreSQL, unless DATABASE_URL is set. Ports and trunks: site.yaml in the instance
    folder, written with defaults at the first start.
    """
    if leave and not demo:
        raise typer.BadParameter("--exit goes with --demo")
    paths, database_url = instance_paths(instance), read_database_url()
    wanted = read_wanted(plan, is_demo=demo)
    beginning = beginning_plan(paths, wanted, say)  # what is refused must leave nothing behind, not even a folder

    def prepare(site: SiteSettings) -> PreparedLine:
        return replace(prepare_line(paths, site, beginning, database_url, say), wanted=wanted)

    raise typer.Exit(_run(paths, prepare, _work_of(demo=demo, leave=leave), test_clock=test_clock or demo))


def _run(paths: InstancePaths, prepare: Callable[[SiteSettings], PreparedLine], work: Work, *, test_clock: bool) -> int:
    site = make_instance(paths, test_clock=test_clock)
    needed = needed_ports(site)
    with hold_lock(paths, {port.setting: port.port for port in needed}) as running:
        check_ports(needed, paths.site_file)
        return asyncio.run(run_line(prepare(site), running, say, work))


def _work_of(*, demo: bool, leave: bool) -> Work:
    if not demo:
        return _tell_and_wait
    return run_demo if leave else _demo_and_wait


async def _tell_and_wait(line: PreparedLine) -> int:
    say("Ctrl-C stops it; try: hotline call --keys 1")
    return await run_until_told(line)


async def _demo_and_wait(line: PreparedLine) -> int:
    async def wait() -> None:
        say("the line goes on with these operators; Ctrl-C stops it; try: hotline call --keys 1")
        await run_until_told(line)

    return await run_demo(line, wait)


def read_database_url() -> SecretStr | None:
    """Gives DATABASE_URL in the form that SQLAlchemy takes; None when it is not set.

    Raises:
        HotlineError: It names another kind of database.
    """
    given = os.environ.get("DATABASE_URL", "")
    if not given:
        return None
    scheme, separator, rest = given.partition("://")
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+asyncpg"}:
        raise HotlineError("DATABASE_URL is no PostgreSQL URL; it looks like postgresql://user:password@host/hotline")
    return SecretStr(DATABASE_SCHEME + rest)
