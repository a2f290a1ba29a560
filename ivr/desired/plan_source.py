"""Fetches plan versions from the api, and trusts nothing of them."""

import re
from collections.abc import Iterable

import httpx

from ivr.desired.errors import TakeDelayedError, TakeRefusedError
from routing import snapshot
from routing.plan import Plan, PlanVersion

DOCUMENT_LIMIT_BYTES = 16 * 1_048_576
_PROMPT_ID = re.compile(r"[a-z][a-z0-9-]{0,47}")
"""A prompt's id becomes the name of a file (routing.plan.PromptId)."""


class PlanSource:
    """Asks the api; `client` has its address, the node's token and the deadlines."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def fetch(self, version: PlanVersion) -> Plan:
        """Gives one version.

        Raises:
            TakeDelayedError: The api does not give it now.
            TakeRefusedError: What it gives is not that plan.
        """
        document = await self._document(version)
        try:
            plan = snapshot.from_document(document)
        except snapshot.SnapshotError as error:
            raise TakeRefusedError(f"the api's plan {version} cannot be read: {error}") from error
        if plan.version != version or snapshot.version_of(plan) != version:
            raise TakeRefusedError(f"the api's plan {version} has other contents than its version says")
        _check_file_names(plan.prompts)
        return plan

    async def _document(self, version: PlanVersion) -> dict[str, object]:
        try:
            response = await self._client.get(f"/api/v1/plans/{version}")
        except httpx.HTTPError as error:
            raise TakeDelayedError(f"the api does not give plan {version}: {type(error).__name__}") from error
        if response.status_code != httpx.codes.OK:
            raise TakeDelayedError(f"the api does not give plan {version}: HTTP {response.status_code}")
        if len(response.content) > DOCUMENT_LIMIT_BYTES:
            raise TakeRefusedError(f"plan {version} has over {DOCUMENT_LIMIT_BYTES} bytes")
        try:
            answer = response.json()
        except (ValueError, RecursionError) as error:
            raise TakeRefusedError(f"the api's plan {version} is no JSON") from error
        document = answer.get("document") if isinstance(answer, dict) else None
        if not isinstance(document, dict):
            raise TakeRefusedError(f"the api's plan {version} has no document")
        return document


def _check_file_names(prompts: Iterable[str]) -> None:
    """Why here: a plan that came over the network must not name a file outside the folder of sounds."""
    for prompt in prompts:
        if not _PROMPT_ID.fullmatch(prompt):
            raise TakeRefusedError(f"not a name of a prompt: {prompt[:60]!r}")
