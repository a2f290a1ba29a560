"""`hotline users`, `hotline tokens`, `hotline audit`: who may do what, and who did what."""

import asyncio
import sys
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.audit.schemas import AuditPage, AuditVerdict
from api.kit.roles import PEOPLE_ONLY_SCOPES, Role, Scope
from api.tokens.schemas import LONGEST_LIFE_DAYS, Token, TokenMade
from api.users.schemas import SHORTEST_PASSWORD_CHARS, User
from asterisk_conf.instance import InstancePaths
from hotline.commands.options import InstanceOption, instance_paths
from hotline.commands.publication import local
from hotline.errors import HotlineError
from hotline.people_api import Body, open_people
from hotline.screen import OUT, say

NOT_WHOLE = 1
_SCOPES = ", ".join(sorted(frozenset(Scope) - PEOPLE_ONLY_SCOPES))
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The name with which the person logs in.")]
StdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking for it.")
]

users = typer.Typer(
    no_args_is_help=True,
    help="People who use the call log. The first admin is made here too: `hotline users add NAME --role admin`.",
)
tokens = typer.Typer(no_args_is_help=True, help="API tokens of machines: scoped, expiring, shown once.")
audit = typer.Typer(no_args_is_help=True, help="Who did what: a chain in which every row vouches for the one before.")


@users.command("add")
def add_user(
    name: NameArgument,
    role: Annotated[Role, typer.Option("--role", help="What the person is to the line.")],
    operator: Annotated[
        str, typer.Option("--operator", metavar="ID", help="The plan's operator that the person is; operators need it.")
    ] = "",
    password_stdin: StdinOption = False,
    instance: InstanceOption = None,
) -> None:
    """Make a person who may log in."""
    body: Body = {"name": name, "role": role.value, "operator": operator or None}
    body["password"] = read_password(is_stdin=password_stdin)
    user = asyncio.run(_add_user(instance_paths(instance), body))
    OUT.print(f"{user.id}: {user.name} is {user.role} and may log in")


@users.command("list")
def list_users(instance: InstanceOption = None) -> None:
    """Show everybody."""
    found = asyncio.run(_users(instance_paths(instance)))
    OUT.print(users_table(found) if found else "there is nobody yet: hotline users add NAME --role admin")


@users.command("disable")
def disable_user(name: NameArgument, instance: InstanceOption = None) -> None:
    """Keep a person from logging in, and end their sessions."""
    asyncio.run(_change_user(instance_paths(instance), name, {"is_disabled": True}))
    OUT.print(f"{name} may not log in any more")


@users.command("enable")
def enable_user(name: NameArgument, instance: InstanceOption = None) -> None:
    """Let a person log in again."""
    asyncio.run(_change_user(instance_paths(instance), name, {"is_disabled": False}))
    OUT.print(f"{name} may log in again")


@users.command("password")
def change_password(name: NameArgument, password_stdin: StdinOption = False, instance: InstanceOption = None) -> None:
    """Give a person another password, and end their sessions."""
    body: Body = {"password": read_password(is_stdin=password_stdin)}
    asyncio.run(_change_user(instance_paths(instance), name, body))
    OUT.print(f"{name} has another password")


@tokens.command("add")
def add_token(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What uses it.")],
    scope: Annotated[list[Scope], typer.Option("--scope", help=f"Again for each: {_SCOPES}.")],
    days: Annotated[int, typer.Option("--days", min=1, max=LONGEST_LIFE_DAYS, help="When it ends.")] = 90,
    instance: InstanceOption = None,
) -> None:
    """Make a token and print it; it is shown this once."""
    body: Body = {"name": name, "scopes": [each.value for each in scope], "life_days": days}
    made = asyncio.run(_add_token(instance_paths(instance), body))
    say(
        f"{made.id}: {made.name} may {', '.join(made.scopes)} until {local(made.expires_at)}; keep it, it is shown once"
    )
    OUT.print(Text(made.secret), soft_wrap=True)


@tokens.command("list")
def list_tokens(instance: InstanceOption = None) -> None:
    """Show tokens, also those that are over."""
    found = asyncio.run(_tokens(instance_paths(instance)))
    OUT.print(tokens_table(found) if found else "there is no token")


@tokens.command("revoke")
def revoke_token(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="As `hotline tokens list` shows it.")],
    instance: InstanceOption = None,
) -> None:
    """End a token at once."""
    token = asyncio.run(_revoke_token(instance_paths(instance), token_id))
    OUT.print(f"{token.id}: {token.name} is revoked")


@audit.command("verify")
def verify(
    expect: Annotated[
        str,
        typer.Option("--expect", metavar="SEQ:HASH", help="What an earlier run printed: the chain must still hold it."),
    ] = "",
    instance: InstanceOption = None,
) -> None:
    """Check the whole chain; exit 1 when a row was altered, taken out or put in."""
    told = asyncio.run(_verify(instance_paths(instance), read_expected(expect)))
    for fault in told.faults:
        OUT.print(Text(fault))
    if not told.is_whole:
        raise typer.Exit(NOT_WHOLE)
    OUT.print(f"{told.rows} rows, the chain is whole; keep elsewhere: {told.head_seq}:{told.head_hash}")


@audit.command("list")
def list_audit(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=200, help="How many, newest first.")] = 20,
    instance: InstanceOption = None,
) -> None:
    """Show who did what."""
    OUT.print(audit_table(asyncio.run(_audit(instance_paths(instance), limit))))


def read_password(*, is_stdin: bool) -> str:
    """Asks for a new password twice without showing it, or reads one line.

    Raises:
        HotlineError: It is too short.
    """
    if is_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    if len(password) < SHORTEST_PASSWORD_CHARS:
        raise HotlineError(f"the password needs at least {SHORTEST_PASSWORD_CHARS} characters: four words are good")
    return password


def read_expected(text: str) -> dict[str, str]:
    """Gives the head that somebody kept, as the api wants it.

    Raises:
        HotlineError: It is not SEQ:HASH.
    """
    if not text:
        return {}
    seq, separator, told = text.partition(":")
    if not separator or not seq.isdigit():
        raise HotlineError(f"--expect {text}: write it as an earlier `hotline audit verify` printed it, SEQ:HASH")
    return {"expect_seq": seq, "expect_hash": told}


def users_table(found: list[User]) -> Table:
    """Gives people as a table, local time."""
    table = Table("name", "role", "operator", "since", "state", box=None, header_style="bold")
    for user in found:
        state = "may log in" if user.disabled_at is None else f"disabled {local(user.disabled_at)}"
        table.add_row(user.name, user.role.value, user.operator or "", local(user.created_at), state)
    return table


def tokens_table(found: list[Token]) -> Table:
    """Gives tokens as a table, local time."""
    table = Table("id", "name", "may", "made", "by", "ends", box=None, header_style="bold")
    for token in found:
        ends = local(token.expires_at) if token.revoked_at is None else f"revoked {local(token.revoked_at)}"
        who = (local(token.created_at), Text(token.created_by))
        table.add_row(token.id, Text(token.name), ", ".join(token.scopes), *who, ends)
    return table


def audit_table(page: AuditPage) -> Table:
    """Gives rows of the audit as a table, local time."""
    table = Table("row", "when", "who", "did", "to", "reason", box=None, header_style="bold")
    for row in page.rows:
        reason = row.details.get("reason")
        who = Text(row.actor_name)
        table.add_row(str(row.seq), local(row.at), who, row.action, Text(row.subject), Text(str(reason or "")))
    return table


async def _add_user(paths: InstancePaths, body: Body) -> User:
    async with open_people(paths) as api:
        return await api.add_user(body)


async def _users(paths: InstancePaths) -> list[User]:
    async with open_people(paths) as api:
        return await api.users()


async def _change_user(paths: InstancePaths, name: str, body: Body) -> User:
    async with open_people(paths) as api:
        return await api.change_user(name, body)


async def _add_token(paths: InstancePaths, body: Body) -> TokenMade:
    async with open_people(paths) as api:
        return await api.add_token(body)


async def _tokens(paths: InstancePaths) -> list[Token]:
    async with open_people(paths) as api:
        return await api.tokens()


async def _revoke_token(paths: InstancePaths, token_id: str) -> Token:
    async with open_people(paths) as api:
        return await api.revoke_token(token_id)


async def _verify(paths: InstancePaths, expected: dict[str, str]) -> AuditVerdict:
    async with open_people(paths) as api:
        return await api.verify_audit(expected)


async def _audit(paths: InstancePaths, limit: int) -> AuditPage:
    async with open_people(paths) as api:
        return await api.audit(limit)
