"""`/api/v1/nodes/{node}/commands`: give a command, see what became of it; the node tells its result."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import JsonValue

from api.audit.actions import Action
from api.audit.trail import AuditOf
from api.commands import repository
from api.commands.errors import NotWaitingError, NowhereToMoveError, UnknownOperatorError
from api.commands.schemas import CommandList, CommandResult, NewCommand, NodeCommand
from api.commands.service import give_command
from api.kit.answers import documented
from api.kit.auth import PrincipalOf, Scope, requires
from api.kit.body import json_body, json_body_document
from api.kit.csrf import CsrfRefusedError
from api.kit.database import DatabaseOf
from api.kit.exceptions import BodyTooLargeError, BodyTooSlowError, InvalidRequestError, NotFoundError
from api.nodes.endpoints import NodePath
from api.plans.errors import NoPlanError
from api.settings import ApiSettings

router = APIRouter(prefix="/api/v1/nodes/{node}/commands", tags=["nodes"])

CommandIdPath = Annotated[str, Path(pattern=r"^k[0-9a-f]{1,32}$", examples=["k1f0c5a7e9b2d"])]
_BODY_ERRORS = (BodyTooSlowError, BodyTooLargeError, InvalidRequestError)


@router.post(
    "",
    summary="Tell a node to do something now",
    status_code=201,
    dependencies=[Depends(requires(Scope.COMMANDS_WRITE))],
    responses=documented(
        *_BODY_ERRORS,
        CsrfRefusedError,
        NotFoundError,
        NoPlanError,
        UnknownOperatorError,
        NotWaitingError,
        NowhereToMoveError,
    ),
    openapi_extra=json_body_document(NewCommand),
)
async def post_command(
    node: NodePath,
    new: Annotated[NewCommand, Depends(json_body(NewCommand))],
    *,
    request: Request,
    principal: PrincipalOf,
    audit: AuditOf,
    database: DatabaseOf,
) -> NodeCommand:
    """Sends it over the node's stream, once; what the node does not get within some seconds is over."""
    settings: ApiSettings = request.app.state.settings
    async with database.transaction() as connection:
        command = await give_command(connection, node, new, author=principal.name, life_s=settings.command_life_s)
        details: dict[str, JsonValue] = {"action": command.action.value, "node": node}
        details |= {name: value for name, value in command.arguments.items() if isinstance(value, str)}
        await audit.record(connection, Action.COMMAND_GIVEN, subject=command.id, details=details)
    return command


@router.get(
    "",
    summary="List a node's newest commands",
    dependencies=[Depends(requires(Scope.LIVE_READ))],
    responses=documented(InvalidRequestError),
)
async def get_commands(node: NodePath, database: DatabaseOf) -> CommandList:
    """Gives who told the node to do what, and what became of it."""
    async with database.snapshot() as connection:
        return CommandList(commands=list(await repository.list_commands(connection, node)))


@router.get(
    "/{command_id}",
    summary="Tell what became of a command",
    dependencies=[Depends(requires(Scope.LIVE_READ))],
    responses=documented(InvalidRequestError, NotFoundError),
)
async def get_command(node: NodePath, command_id: CommandIdPath, database: DatabaseOf) -> NodeCommand:
    """Gives one command."""
    async with database.snapshot() as connection:
        command = await repository.find_command(connection, node, command_id)
    if command is None:
        raise NotFoundError(f"node {node} has no command {command_id}")
    return command


@router.put(
    "/{command_id}/result",
    summary="Tell the result of a command",
    status_code=204,
    dependencies=[Depends(requires(Scope.LIVE_WRITE))],
    responses=documented(*_BODY_ERRORS, NotFoundError),
    openapi_extra=json_body_document(CommandResult),
)
async def put_result(
    node: NodePath,
    command_id: CommandIdPath,
    told: Annotated[CommandResult, Depends(json_body(CommandResult))],
    database: DatabaseOf,
) -> None:
    """Keeps what the node tells; the first result stands, a repeated one changes nothing."""
    async with database.transaction() as connection:
        is_known = await repository.finish_command(connection, node, command_id, told)
    if not is_known:
        raise NotFoundError(f"node {node} was sent no command {command_id}")
