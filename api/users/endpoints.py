"""`/api/v1/users`: make, list, change people."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from api.audit.trail import AuditOf
from api.kit.answers import documented
from api.kit.auth import Scope, requires
from api.kit.body import json_body, json_body_document
from api.kit.database import DatabaseOf
from api.kit.exceptions import BodyTooLargeError, BodyTooSlowError, InvalidRequestError, NotFoundError
from api.users import repository, service
from api.users.errors import LastAdminError, NameTakenError
from api.users.passwords import Passwords
from api.users.schemas import NewUser, User, UserChange, UserList

router = APIRouter(prefix="/api/v1/users", tags=["users"], dependencies=[Depends(requires(Scope.USERS_WRITE))])

UserIdPath = Annotated[str, Path(pattern=r"^u[0-9a-f]{1,32}$", examples=["u1f0c5a7e9b2d"])]
_BODY_ERRORS = (BodyTooSlowError, BodyTooLargeError, InvalidRequestError)


@router.post(
    "",
    summary="Make a user",
    status_code=201,
    responses=documented(*_BODY_ERRORS, NameTakenError),
    openapi_extra=json_body_document(NewUser),
)
async def post_user(
    new: Annotated[NewUser, Depends(json_body(NewUser))], request: Request, audit: AuditOf, database: DatabaseOf
) -> User:
    """Makes a person who may log in."""
    passwords: Passwords = request.app.state.passwords
    password_hash = await passwords.make_hash(new.password.get_secret_value())
    async with database.transaction() as connection:
        return await service.add_user(connection, audit, new, password_hash)


@router.get("", summary="List users", responses=documented())
async def get_users(database: DatabaseOf) -> UserList:
    """Gives everybody, also those who are disabled."""
    async with database.snapshot() as connection:
        return UserList(users=list(await repository.list_users(connection)))


@router.patch(
    "/{user_id}",
    summary="Disable or enable a user, give another password",
    responses=documented(*_BODY_ERRORS, NotFoundError, LastAdminError),
    openapi_extra=json_body_document(UserChange),
)
async def patch_user(
    user_id: UserIdPath,
    change: Annotated[UserChange, Depends(json_body(UserChange))],
    request: Request,
    audit: AuditOf,
    database: DatabaseOf,
) -> User:
    """Changes a person; their sessions end. The last admin stays."""
    passwords: Passwords = request.app.state.passwords
    password_hash = None
    if change.password is not None:
        password_hash = await passwords.make_hash(change.password.get_secret_value())
    async with database.transaction() as connection:
        return await service.change_user(
            connection, audit, user_id, is_disabled=change.is_disabled, password_hash=password_hash
        )
