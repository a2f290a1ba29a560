"""Asks the api for plans, overrides and nodes, and has it publish, roll back, set and clear."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import JsonValue, TypeAdapter

from api.nodes.schemas import NodeList, NodeNow
from api.overrides.schemas import OverridePage, OverrideRequest, StoredOverride
from api.plans.schemas import Publication, PublicationPage, StoredPlan
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import InstanceSecrets, read_secrets
from asterisk_conf.site import read_site
from hotline.errors import LogApiError, RefusedError
from hotline.http_api import HttpApi, open_api, parse
from hotline.ports import LOOPBACK
from routing import snapshot
from routing.plan import Plan

NO_PLAN = "no_plan"
PLAN_CONFLICT = "plan_conflict"
PLAN_UNCHANGED = "plan_unchanged"
PLANS = "/api/v1/plans"
OVERRIDES = "/api/v1/overrides"
PAGE_ROWS = 200
"""The most that the api gives at once."""
_Document: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


class PlanApi:
    """The plans of one line. Made by `open_plans`. Every method raises `RefusedError` or `LogApiError`."""

    def __init__(self, http: HttpApi) -> None:
        self._http = http

    async def current(self) -> Publication | None:
        """Gives the publication in force; None: nothing was ever published."""
        try:
            return parse(Publication, await self._http.get(f"{PLANS}/current"))
        except RefusedError as error:
            if error.error_id == NO_PLAN:
                return None
            raise

    async def plan(self, version: str) -> Plan:
        """Gives one stored version.

        Raises:
            LogApiError: This code cannot read it.
        """
        stored = parse(StoredPlan, await self._http.get(f"{PLANS}/{version}"))
        try:
            return snapshot.from_document(stored.document)
        except snapshot.SnapshotError as error:
            raise LogApiError(f"plan {version} cannot be read by this version of hotline: {error}") from error

    async def publications(self, limit: int) -> list[Publication]:
        """Gives the last publications, the newest first."""
        return parse(PublicationPage, await self._http.get(PLANS, {"limit": str(limit)})).publications

    async def publish(self, plan: Plan, *, author: str, reason: str, expected: str | None) -> Publication:
        """Puts a plan in force, if `expected` is the version that is in force now (None: none is)."""
        body: dict[str, JsonValue] = {
            "document": _Document.validate_python(snapshot.to_document(plan)),
            "author": author,
            "reason": reason,
            "expected_current": expected,
        }
        return parse(Publication, await self._http.post(PLANS, body))

    async def roll_back(self, *, author: str, reason: str, expected: str | None) -> Publication:
        """Puts the version before the current one in force."""
        body: dict[str, JsonValue] = {"author": author, "reason": reason, "expected_current": expected}
        return parse(Publication, await self._http.post(f"{PLANS}/rollback", body))

    async def nodes(self) -> list[NodeNow]:
        """Gives every node with its last report."""
        return parse(NodeList, await self._http.get("/api/v1/nodes")).nodes

    async def set_override(self, request: OverrideRequest) -> StoredOverride:
        """Lays a switch over the plan."""
        return parse(StoredOverride, await self._http.post(OVERRIDES, request.model_dump(mode="json")))

    async def overrides(self, *, is_active: bool | None) -> AsyncIterator[StoredOverride]:
        """Gives overrides, the newest first: those in force, those that are over, or all."""
        query = {"limit": str(PAGE_ROWS)} | ({} if is_active is None else {"active": str(is_active).lower()})
        while True:
            page = parse(OverridePage, await self._http.get(OVERRIDES, query))
            for override in page.overrides:
                yield override
            if page.next_cursor is None:
                return
            query["cursor"] = page.next_cursor

    async def clear_override(self, override_id: str, author: str) -> StoredOverride:
        """Ends a switch before its time."""
        return parse(StoredOverride, await self._http.delete(f"{OVERRIDES}/{override_id}", {"author": author}))


@asynccontextmanager
async def open_plans(url: str, secrets: InstanceSecrets) -> AsyncIterator[PlanApi]:
    """Opens the api at `url`."""
    async with open_api(url, secrets) as http:
        yield PlanApi(http)


@asynccontextmanager
async def open_plans_of(paths: InstancePaths) -> AsyncIterator[PlanApi]:
    """Opens the api of the line in an instance folder.

    Raises:
        SiteError, SecretsError: There is no line in this folder.
    """
    site = read_site(paths.site_file)
    async with open_plans(f"http://{LOOPBACK}:{site.api_port}", read_secrets(paths.secrets_file)) as plans:
        yield plans
