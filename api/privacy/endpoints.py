"""A call's number, one person's data, legal holds, retention, rotation of the key."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import JsonValue

from api.audit.actions import Action
from api.audit.trail import AuditOf
from api.calls.endpoints import CallIdPath
from api.kit.answers import documented
from api.kit.auth import PrincipalOf, Scope, requires
from api.kit.body import json_body, json_body_document
from api.kit.database import DatabaseOf
from api.kit.exceptions import BodyTooLargeError, BodyTooSlowError, InvalidRequestError, NotFoundError
from api.kit.numbers import vault_of
from api.privacy import repository, service
from api.privacy.errors import HoldOverError, KeysUnfitError, LegalHoldError, NumberErasedError, RetentionRunsError
from api.privacy.retention import Retention, list_runs
from api.privacy.rotation import reseal_column, sealed_columns
from api.privacy.schemas import (
    Erased,
    Hold,
    HoldList,
    NewHold,
    PersonExport,
    PersonRequest,
    RetentionRun,
    Rotation,
    RunList,
    RunRequest,
    ShownNumber,
    Why,
)
from api.settings import ApiSettings
from asterisk_conf.instance_secrets import SecretsError, read_secrets

router = APIRouter(prefix="/api/v1", tags=["privacy"])

_WRITES = [Depends(requires(Scope.PERSONS_WRITE))]
_BODY_ERRORS = (BodyTooSlowError, BodyTooLargeError, InvalidRequestError)
HoldIdPath = Annotated[str, Path(pattern=r"^h[0-9a-f]{1,32}$", examples=["h1f0c5a7e9b2d"])]


@router.post(
    "/calls/{call_id}/number",
    summary="Show the number of a call",
    dependencies=[Depends(requires(Scope.NUMBERS_READ))],
    responses=documented(*_BODY_ERRORS, NumberErasedError),
    openapi_extra=json_body_document(Why),
)
async def post_number(
    call_id: CallIdPath,
    why: Annotated[Why, Depends(json_body(Why))],
    request: Request,
    audit: AuditOf,
    database: DatabaseOf,
) -> ShownNumber:
    """Shows it, for a reason; who, when and why stand in the audit before it is shown."""
    async with database.transaction() as connection:
        return await service.show_number(connection, audit, request.app.state.vault, call_id, why.reason)


@router.post(
    "/persons/export",
    summary="Give everything about one number",
    dependencies=_WRITES,
    responses=documented(*_BODY_ERRORS, NotFoundError),
    openapi_extra=json_body_document(PersonRequest),
)
async def post_export(
    wanted: Annotated[PersonRequest, Depends(json_body(PersonRequest))],
    request: Request,
    audit: AuditOf,
    database: DatabaseOf,
) -> PersonExport:
    """Gives number, calls with their journeys, and notes."""
    async with database.transaction() as connection:
        return await service.export_person(connection, audit, request.app.state.vault, wanted)


@router.post(
    "/persons/erase",
    summary="Erase one number",
    dependencies=_WRITES,
    responses=documented(*_BODY_ERRORS, NotFoundError, LegalHoldError),
    openapi_extra=json_body_document(PersonRequest),
)
async def post_erase(
    wanted: Annotated[PersonRequest, Depends(json_body(PersonRequest))],
    request: Request,
    audit: AuditOf,
    database: DatabaseOf,
) -> Erased:
    """Destroys the number for good; calls and evidence keep their shape under a pseudonym that it does not lead to."""
    async with database.transaction() as connection:
        return await service.erase_person(connection, audit, request.app.state.vault, wanted)


@router.post(
    "/legal-holds",
    summary="Keep data whatever retention says",
    status_code=201,
    dependencies=_WRITES,
    responses=documented(*_BODY_ERRORS),
    openapi_extra=json_body_document(NewHold),
)
async def post_hold(
    new: Annotated[NewHold, Depends(json_body(NewHold))],
    request: Request,
    principal: PrincipalOf,
    audit: AuditOf,
    database: DatabaseOf,
) -> Hold:
    """Holds a person's calls, or one call."""
    async with database.transaction() as connection:
        return await service.set_hold(connection, audit, request.app.state.vault, new, principal.name)


@router.get("/legal-holds", summary="List legal holds", dependencies=_WRITES, responses=documented())
async def get_holds(database: DatabaseOf) -> HoldList:
    """Gives holds, newest first."""
    async with database.snapshot() as connection:
        return HoldList(holds=await repository.list_holds(connection))


@router.delete(
    "/legal-holds/{hold_id}",
    summary="Release a legal hold",
    dependencies=_WRITES,
    responses=documented(NotFoundError, HoldOverError, InvalidRequestError),
)
async def delete_hold(hold_id: HoldIdPath, principal: PrincipalOf, audit: AuditOf, database: DatabaseOf) -> Hold:
    """Releases it; it stays in the list."""
    async with database.transaction() as connection:
        return await service.release_hold(connection, audit, hold_id, principal.name)


@router.post(
    "/retention/runs",
    summary="End what has been kept long enough",
    status_code=201,
    dependencies=_WRITES,
    responses=documented(*_BODY_ERRORS, RetentionRunsError),
    openapi_extra=json_body_document(RunRequest),
)
async def post_run(
    wanted: Annotated[RunRequest, Depends(json_body(RunRequest))], request: Request, audit: AuditOf
) -> RetentionRun:
    """Does what happens every night, or with `is_dry` only counts what would be removed."""
    retention: Retention = request.app.state.retention
    return await retention.run(audit, is_dry=wanted.is_dry)


@router.get("/retention/runs", summary="List runs of retention", dependencies=_WRITES, responses=documented())
async def get_runs(database: DatabaseOf) -> RunList:
    """Gives what was removed when."""
    async with database.snapshot() as connection:
        return RunList(runs=await list_runs(connection))


@router.post(
    "/keys/rotation",
    summary="Take the keys of the secrets file and seal everything anew",
    dependencies=_WRITES,
    responses=documented(KeysUnfitError),
)
async def post_rotation(request: Request, audit: AuditOf, database: DatabaseOf) -> Rotation:
    """Reads the secrets file again: `hotline keys rotate` has put the new key there, and removes the old one then.

    Every value that another key has sealed is sealed anew, in small transactions; asked again, it goes on.
    """
    settings: ApiSettings = request.app.state.settings
    try:
        vault = vault_of(read_secrets(settings.secrets_file))
    except (SecretsError, ValueError) as error:
        raise KeysUnfitError("the secrets file cannot be used; the running keys stay") from error
    if vault.pseudonym_key != request.app.state.vault.pseudonym_key:
        raise KeysUnfitError("the secrets file has another number_pseudonym_key: pseudonyms would no longer match")
    request.app.state.vault = vault
    resealed: dict[str, int] = {}
    unreadable = 0
    for column in sealed_columns():
        count, failed = await reseal_column(database, vault, column)
        resealed[str(column)] = count
        unreadable += failed
    key_id = vault.key_id
    async with database.transaction() as connection:
        details: dict[str, JsonValue] = {
            "resealed": {**resealed},
            "unreadable": unreadable,
            "old_keys": len(vault.keys_before),
        }
        await audit.record(connection, Action.KEYS_ROTATED, subject=key_id, details=details)
    return Rotation(key_id=key_id, resealed=resealed, unreadable=unreadable, old_keys=len(vault.keys_before))
