"""Plans, settings and secrets that try to change the meaning of a file are refused."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from asterisk_conf.conf_text import ConfTextError
from asterisk_conf.instance import InstancePaths
from asterisk_conf.render import RenderError, render
from routing.plan import Did, OperatorId, Plan, Queue, QueueName
from tests.contract.asterisk_conf.rendering import BINARY, PATHS, SITE, rendered, secrets_of
from tests.plans import CHERNIVTSI, SUMY, small_plan

POISON = ["a\nb", "a\r\nb", "a\0b", "a;b", "a\\;b", "${SHELL(id)}", "$[1]", "a,b", "a)b", 'a"b', "a&b", "[x]", "", " a"]


def with_queue(name: str) -> Plan:
    plan = small_plan()
    queue = replace(plan.queues[SUMY], name=QueueName(name))
    return replace(plan, queues={CHERNIVTSI: plan.queues[CHERNIVTSI], QueueName(name): queue})


@pytest.mark.parametrize("poison", POISON)
def test_a_queue_name_cannot_carry_anything_else(poison: str) -> None:
    with pytest.raises(ConfTextError):
        rendered(with_queue(poison))


@pytest.mark.parametrize("poison", POISON)
def test_a_number_of_the_line_cannot_carry_anything_else(poison: str) -> None:
    plan = small_plan()
    with pytest.raises(ConfTextError):
        rendered(replace(plan, line=replace(plan.line, dids=(Did(poison),))))


@pytest.mark.parametrize("poison", POISON)
def test_an_operator_cannot_carry_anything_else(poison: str) -> None:
    plan = small_plan()
    operator = replace(plan.operators[OperatorId("sumy01")], id=OperatorId(poison))
    with pytest.raises(ConfTextError):
        rendered(replace(plan, operators={OperatorId(poison): operator}))


@pytest.mark.parametrize("poison", ["a\nb", "a\rb", "a\0b", "a;b", "a\\;b", " a", "a\x85b"])
@pytest.mark.parametrize("field", ["strategy", "joinempty", "leavewhenempty"])
def test_a_queue_setting_cannot_end_its_line(field: str, poison: str) -> None:
    plan = small_plan()
    value = poison if field == "strategy" else (poison,)
    queues: dict[QueueName, Queue] = plan.queues | {SUMY: replace(plan.queues[SUMY], **{field: value})}  # type: ignore[arg-type]  # the field's name is a parameter
    with pytest.raises(ConfTextError):
        rendered(replace(plan, queues=queues))


@pytest.mark.parametrize("poison", ["a\nb", "a;b", "a b ", "a\0b"])
def test_a_password_cannot_end_its_line(poison: str) -> None:
    plan = small_plan()
    secrets = secrets_of(plan).model_copy(update={"ami": SecretStr(poison)})
    with pytest.raises(ConfTextError):
        render(plan, SITE, secrets, PATHS, BINARY)


@pytest.mark.parametrize("folder", ["/tmp/a b", "/tmp/a;b", "/tmp/a,b", "/tmp/${X}", "/tmp/a]b", "/tmp/a\nb"])
def test_an_instance_folder_with_a_strange_name_is_refused(folder: str) -> None:
    with pytest.raises(ConfTextError):
        rendered(paths=InstancePaths(Path(folder)))


def test_an_operator_without_a_password_is_told_by_name() -> None:
    plan = small_plan()
    secrets = secrets_of(plan).model_copy(update={"operators": {}})
    with pytest.raises(RenderError, match=r"chernivtsi01, chernivtsi02, sumy01: .*ensure_secrets"):
        render(plan, SITE, secrets, PATHS, BINARY)
