"""What `hotline up` does about plans once the line runs, with the real api on a real PostgreSQL."""

from dataclasses import replace

import pytest

from api.plans.schemas import Publication
from hotline.errors import LogApiError
from hotline.first_plan import FIRST, OURSELVES, settle_plan
from hotline.line import PreparedLine
from hotline.plan_api import open_plans
from hotline.plans import WantedPlan
from routing.plan_files import read_plan
from tests.contract.hotline.conftest import SumyUntil
from tests.contract.hotline.line_of_api import ApiLine, PlayedNode
from tests.unit.hotline.prepared import prepared_line
from tests.unit.routing.plans import legal_aid_plan


@pytest.fixture
def prepared(line: ApiLine) -> PreparedLine:
    made = prepared_line(line.paths, legal_aid_plan(), site=line.site)
    return replace(made, secrets=line.secrets)


async def published(line: PreparedLine) -> Publication | None:
    async with open_plans(line.api_url, line.secrets) as api:
        return await api.current()


async def test_the_first_start_publishes_what_the_node_has(prepared: PreparedLine, node: PlayedNode) -> None:
    settled = await settle_plan(prepared, lambda _line: None)
    current = await published(prepared)
    assert current is not None
    assert (current.version, current.author, current.reason) == (prepared.plan.version, OURSELVES, FIRST)
    assert settled.plan.version == current.version


async def test_a_later_start_goes_on_with_what_is_published(
    prepared: PreparedLine, node: PlayedNode, sumy_until: SumyUntil
) -> None:
    theirs = read_plan(sumy_until("20:00"))
    async with open_plans(prepared.api_url, prepared.secrets) as api:
        await api.publish(theirs, author="Олена К.", reason="до восьмої", expected=None)
    said: list[str] = []
    await settle_plan(prepared, said.append)
    current = await published(prepared)
    assert current is not None
    assert (current.version, node.version) == (theirs.version, theirs.version)
    assert said[-1] == f"plan {theirs.version} is in force, published by Олена К.: до восьмої"


async def test_a_plan_that_is_wanted_is_published_once(
    prepared: PreparedLine, node: PlayedNode, sumy_until: SumyUntil
) -> None:
    await settle_plan(prepared, lambda _line: None)
    wanted = WantedPlan(plan=read_plan(sumy_until("20:00")), reason="from the folder until-20")
    for _start in range(2):
        await settle_plan(replace(prepared, wanted=wanted), lambda _line: None)
    async with open_plans(prepared.api_url, prepared.secrets) as api:
        rows = [(each.version, each.reason) for each in await api.publications(10)]
    assert rows == [(wanted.plan.version, wanted.reason), (prepared.plan.version, FIRST)]
    assert node.version == wanted.plan.version


async def test_a_node_that_cannot_take_the_plan_does_not_stop_the_line(
    prepared: PreparedLine, node: PlayedNode, sumy_until: SumyUntil
) -> None:
    await settle_plan(prepared, lambda _line: None)
    node.refuses = "no room for its prompts"
    wanted = WantedPlan(plan=read_plan(sumy_until("20:00")), reason="from the folder until-20")
    said: list[str] = []
    settled = await settle_plan(replace(prepared, wanted=wanted), said.append)
    assert "no room for its prompts" in said[-1]
    assert settled.plan.version == prepared.plan.version


async def test_without_an_api_the_line_goes_on_unless_a_plan_was_asked_for(prepared: PreparedLine) -> None:
    nowhere = replace(prepared, site=prepared.site.model_copy(update={"api_port": 9}))
    said: list[str] = []
    assert (await settle_plan(nowhere, said.append)).plan.version == prepared.plan.version
    assert said[0].startswith("which plan is published is not known: the api at http://127.0.0.1:9")
    with pytest.raises(LogApiError):
        await settle_plan(replace(nowhere, wanted=WantedPlan(plan=prepared.plan, reason="x")), said.append)
