"""`hotline operators`: who answers, what each does now, and the settings of their phones."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.operators.endpoints import OperatorList, OperatorNow
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import read_secrets
from asterisk_conf.site import read_site
from hotline.commands.options import InstanceOption, instance_paths
from hotline.commands.publication import local
from hotline.errors import HotlineError
from hotline.http_api import open_api, parse
from hotline.phone_settings import (
    PhoneAccount,
    baresip_line,
    qr_for_terminal,
    qr_text,
    read_account,
    read_url,
    settings_rows,
    write_qr,
)
from hotline.ports import LOOPBACK
from hotline.screen import OUT, say

STATES = {
    "ready": "logged in, free",
    "ringing": "phone rings",
    "talking": "in a call",
    "paused": "paused",
    "unreachable": "logged in, phone not there",
    "logged_out": "logged out",
    "unknown": "not known",
}
"""The api's words in those of people."""

app = typer.Typer(
    invoke_without_command=True,
    help="Who answers on the line, and what each operator does now.\n\n"
    "Operators log in from their phones: [bold]*81[/] in, [bold]*82[/] out, [bold]*83[/] and a digit: a pause with its "
    "reason, [bold]*84[/] back. Who may is in the plan (operators.yaml). [bold]hotline operators settings c01[/] gives "
    "what a softphone needs to be c01's phone. The guide: docs/operators.md.",
)


@app.callback()
def list_(
    context: typer.Context,
    office: Annotated[
        str, typer.Option("--office", metavar="OFFICE", help="Only those of one office of the plan.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As the api tells it, for programs.")] = False,
    instance: InstanceOption = None,
) -> None:
    """Show the operators: name, office, queues with penalties, state, since when."""
    if context.invoked_subcommand is not None:
        return
    found = asyncio.run(_operators(instance_paths(instance), office))
    if office and not found.operators:
        raise HotlineError(f"plan {found.plan_version} has no operator in an office {office}: see offices.yaml")
    if as_json:
        OUT.print(Text(found.model_dump_json(indent=2)), soft_wrap=True)
    else:
        OUT.print(operators_table(found.operators))


@app.command("settings")
def settings(  # noqa: PLR0917  typer calls it by name: each parameter is an argument or option
    operator: Annotated[str, typer.Argument(metavar="ID", help="As `hotline operators` shows it: c01.")],
    server: Annotated[
        str, typer.Option("--server", metavar="ADDRESS", help="Where phones reach the line, if not where it is bound.")
    ] = "",
    show_password: Annotated[
        bool, typer.Option("--show-password", help="Show the password, and put it into the QR code.")
    ] = False,
    provisioning_url: Annotated[
        str,
        typer.Option(
            "--provisioning-url",
            metavar="URL",
            help="Put this address into the QR code instead: of a configuration file that you serve, for Linphone.",
        ),
    ] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the QR code: FILE.svg or FILE.png.")
    ] = None,
    instance: InstanceOption = None,
) -> None:
    """Show what a softphone needs to be this operator's phone.

    The QR code holds the account's SIP address as text, for the camera of a telephone: no softphone sets itself up
    from it. Linphone takes the address of a configuration file instead; if you serve one, name it with
    --provisioning-url.
    """
    account = read_account(instance_paths(instance), operator, server or None, has_password=show_password)
    text = qr_text(account, read_url(provisioning_url) if provisioning_url else None)
    if output is not None:
        write_qr(output, text)
    OUT.print(settings_table(account))
    OUT.print(Text(f"\nbaresip, in ~/.baresip/accounts:\n{baresip_line(account)}"), soft_wrap=True)
    if output is None:
        OUT.print(Text.from_ansi(qr_for_terminal(text)), soft_wrap=True)
    if account.server.startswith("127."):
        say("mind: the line is bound to this machine alone; for phones elsewhere set sip_address in site.yaml")
    say(f"the QR code{'' if output is None else f' in {output}'} holds: {_held(account, provisioning_url)}")


def operators_table(found: list[OperatorNow]) -> Table:
    """Gives operators as a table, local time."""
    table = Table("account", "name", "office", "queues", "state", "since", box=None, header_style="bold")
    for each in found:
        since = "" if each.since is None else local(each.since)
        table.add_row(each.operator, Text(each.name), each.office, _places(each), Text(state_of(each)), since)
    return table


def settings_table(account: PhoneAccount) -> Table:
    """Gives the settings of a phone as a table of two columns."""
    table = Table(box=None, show_header=False)
    for name, value in settings_rows(account):
        table.add_row(name, Text(value))
    return table


def state_of(operator: OperatorNow) -> str:
    """Gives what an operator does now, in words; a pause with its reason."""
    words = STATES.get(operator.state, operator.state)
    return f"{words}, reason {operator.pause_reason}" if operator.pause_reason else words


def _places(operator: OperatorNow) -> str:
    """Gives the queues with their penalties; a star where the operator is logged in now."""
    return ", ".join(
        f"{place.queue}:{place.penalty}{'*' if place.queue in operator.queues else ''}" for place in operator.places
    )


def _held(account: PhoneAccount, provisioning_url: str) -> str:
    if provisioning_url:
        return "the provisioning address"
    return f"the account's SIP address {'and its password' if account.password else 'without its password'}"


async def _operators(paths: InstancePaths, office: str) -> OperatorList:
    site, secrets = read_site(paths.site_file), read_secrets(paths.secrets_file)
    async with open_api(f"http://{LOOPBACK}:{site.api_port}", secrets) as http:
        return parse(OperatorList, await http.get("/api/v1/operators", {"office": office} if office else None))
