"""The command `hotline`: gathers the commands, and turns every expected error into one message and exit 2."""

import sys
from collections.abc import Sequence

import typer

from asterisk_conf.binary import AsteriskError
from asterisk_conf.conf_text import ConfTextError
from asterisk_conf.debian_tools import MissingToolError
from asterisk_conf.install import InstallError
from asterisk_conf.instance_secrets import SecretsError
from asterisk_conf.render import RenderError
from asterisk_conf.site import SiteError
from asterisk_conf.state_files import StateError
from hotline.commands import (
    beginning,
    calls,
    centres,
    doctor,
    installing,
    keeping,
    ledger,
    operators,
    overrides,
    people,
    plan,
    privacy,
    prompts,
    publication,
    rehearsal,
    reports,
    up,
)
from hotline.errors import HotlineError
from hotline.postgres import PostgresError
from hotline.screen import complain
from ivr.prompts.errors import PromptError
from migrations.run import MigrationError
from routing.plan_files import PlanError
from routing.simulator import SimulationError

EXPECTED = (
    AsteriskError,
    ConfTextError,
    HotlineError,
    InstallError,
    MigrationError,
    MissingToolError,
    PlanError,
    PostgresError,
    PromptError,
    RenderError,
    SecretsError,
    SimulationError,
    SiteError,
    StateError,
)
"""Errors that a person can mend: their texts say how."""
NOT_DONE = 2
INTERRUPTED = 130

app = typer.Typer(
    name="hotline",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="The line of Ukraine's free legal aid contact centre: its menus, queues and call log, on Asterisk 22.\n\n"
    "Begin with [bold]hotline up --demo[/]: it runs the whole line on this machine, logs in softphone operators and "
    "places calls. Beside it, [bold]hotline call --keys 1[/] places one, [bold]hotline calls[/] shows the log. "
    "Before you change the plan: [bold]hotline check DIR[/] proves that no caller meets a dead end, "
    "[bold]hotline simulate --at 2026-11-23T10:00 --keys 1[/] tells where a call would go, and why.",
)
app.command("up")(up.up)
app.command("check")(plan.check)
app.command("simulate")(plan.simulate)
app.command("draw")(rehearsal.draw)
app.command("hours")(rehearsal.hours)
app.command("diff")(rehearsal.diff)
app.command("publish")(publication.publish)
app.command("versions")(publication.versions)
app.command("rollback")(publication.rollback)
app.add_typer(overrides.app, name="override")
app.command("call")(calls.call)
app.command("calls")(calls.calls)
app.command("ledger")(ledger.ledger)
app.command("rebuild")(ledger.rebuild)
app.command("report")(reports.report)
app.command("demo-data")(reports.demo_data)
app.add_typer(operators.app, name="operators")
app.add_typer(people.users, name="users")
app.add_typer(people.tokens, name="tokens")
app.add_typer(people.audit, name="audit")
app.add_typer(privacy.persons, name="privacy")
app.add_typer(privacy.retention, name="retention")
app.add_typer(privacy.keys, name="keys")
app.add_typer(prompts.app, name="prompts")
app.add_typer(centres.app, name="centres")
app.command("backup")(keeping.backup)
app.command("restore")(keeping.restore)
app.command("upgrade")(keeping.upgrade)
app.command("init")(beginning.init)
app.command("install")(installing.install)
app.command("uninstall")(installing.uninstall)
app.command("doctor")(doctor.doctor)


def run(arguments: Sequence[str]) -> int:
    """Runs one command; gives the exit code: 0 done, 1 done and found wanting, 2 not done."""
    try:
        app(args=list(arguments), prog_name="hotline")
    except EXPECTED as error:
        complain(str(error))
        return NOT_DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    return 0


def main() -> None:
    """Entry point of the command."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
