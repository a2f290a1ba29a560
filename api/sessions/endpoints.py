"""`/api/v1/sessions`: log in, know oneself, log out; `/api/v1/sessions/password`: one's own password."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.audit.actions import Action
from api.audit.trail import AuditOf
from api.kit.answers import documented
from api.kit.auth import (
    SESSION_COOKIE,
    Principal,
    PrincipalKind,
    PrincipalOf,
    Scope,
    SessionCookie,
    digest_of,
    limit_strangers,
    requires,
)
from api.kit.body import json_body, json_body_document
from api.kit.csrf import CsrfRefusedError
from api.kit.database import DatabaseOf
from api.kit.exceptions import BodyTooLargeError, BodyTooSlowError, ForbiddenError, InvalidRequestError
from api.sessions import repository
from api.sessions.errors import LoginRefusedError, TooManyLoginsError
from api.sessions.schemas import Login, Me, SessionBegun
from api.sessions.service import Begun, LoginDesk
from api.settings import ApiSettings
from api.users.errors import WrongPasswordError
from api.users.passwords import Passwords
from api.users.repository import password_of
from api.users.schemas import OwnPassword
from api.users.service import change_password

router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"])

_OWN = [Depends(requires(Scope.SESSION))]
_BODY_ERRORS = (BodyTooSlowError, BodyTooLargeError, InvalidRequestError)
_NOWHERE = "-"


@router.post(
    "",
    summary="Log in",
    status_code=201,
    dependencies=[Depends(limit_strangers)],
    responses=documented(*_BODY_ERRORS, LoginRefusedError, TooManyLoginsError),
    openapi_extra=json_body_document(Login),
)
async def post_session(
    login: Annotated[Login, Depends(json_body(Login))], request: Request, response: Response
) -> SessionBegun:
    """Begins a session; its secret comes in a cookie that scripts cannot read and other sites cannot use.

    After too many failures of a name, or from an address, logins wait; the audit tells it.
    """
    desk: LoginDesk = request.app.state.logins
    address = request.client.host if request.client is not None else _NOWHERE
    begun = await desk.begin(login, address)
    _set_cookie(request, response, begun)
    return SessionBegun(**_told(begun.principal), expires_at=begun.expires_at)


@router.get("/current", summary="Tell who asks", dependencies=_OWN, responses=documented())
async def get_session(principal: PrincipalOf) -> Me:
    """Gives the person of the session, and what they may."""
    return Me(**_told(principal))


@router.delete(
    "/current",
    summary="Log out",
    status_code=204,
    dependencies=_OWN,
    responses=documented(CsrfRefusedError),
)
async def delete_session(
    session: SessionCookie, response: Response, audit: AuditOf, principal: PrincipalOf, database: DatabaseOf
) -> None:
    """Ends this session, on this device only; without one, there is nothing to end."""
    if session is not None:
        async with database.transaction() as connection:
            await repository.end_session(connection, digest_of(session))
            await audit.record(connection, Action.SESSION_ENDED, subject=principal.id)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")


@router.put(
    "/password",
    summary="Change one's own password",
    status_code=204,
    dependencies=_OWN,
    responses=documented(*_BODY_ERRORS, CsrfRefusedError, WrongPasswordError),
    openapi_extra=json_body_document(OwnPassword),
)
async def put_password(
    wanted: Annotated[OwnPassword, Depends(json_body(OwnPassword))],
    request: Request,
    principal: PrincipalOf,
    audit: AuditOf,
    database: DatabaseOf,
) -> None:
    """Changes it and ends all sessions of the person, this one too."""
    passwords: Passwords = request.app.state.passwords
    if principal.kind is not PrincipalKind.USER:
        raise ForbiddenError("only a person has a password")
    async with database.snapshot() as connection:
        found = await password_of(connection, principal.name)
    kept = None if found is None else found[1]
    if not await passwords.is_right(kept, wanted.present.get_secret_value()) or found is None:
        raise WrongPasswordError("the present password is another one")
    password_hash = await passwords.make_hash(wanted.password.get_secret_value())
    async with database.transaction() as connection:
        await change_password(connection, audit, found[0], password_hash)


def _set_cookie(request: Request, response: Response, begun: Begun) -> None:
    settings: ApiSettings = request.app.state.settings
    origin = settings.web_origin or f"{request.url.scheme}://"
    response.set_cookie(
        SESSION_COOKIE,
        begun.secret,
        max_age=round(settings.session_life_s),
        path="/",
        secure=origin.startswith("https:"),
        httponly=True,
        samesite="strict",
    )


def _told(principal: Principal) -> dict[str, object]:
    return {
        "kind": principal.kind,
        "name": principal.name,
        "role": principal.role,
        "operator": principal.operator,
        "scopes": sorted(principal.scopes),
    }
