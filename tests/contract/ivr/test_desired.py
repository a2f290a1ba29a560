"""What the api wants and the node takes, with the parts of the service between a fake api and a fake Asterisk."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from asterisk_conf import install, state_files
from asterisk_conf.binary import write_binary
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import ensure_secrets
from asterisk_conf.render import render
from asterisk_conf.site import SiteSettings, write_site
from routing import snapshot
from routing.languages import Language, Text
from routing.overrides import Override, OverrideAction, OverrideScope, override_to_document
from routing.plan import OperatorId, Plan, PlanVersion, Prompt, PromptId
from tests.contract.asterisk_conf.rendering import BINARY
from tests.contract.ivr.desired_node import NEW, OLD, Node, until, versioned, with_queue, write_sounds

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    paths = InstancePaths(tmp_path / "instance")
    install.make_folders(paths)
    secrets = ensure_secrets(paths.secrets_file, OLD.operators)
    write_site(paths.site_file, SiteSettings())
    write_binary(paths.binary_file, BINARY)
    install.install(render(OLD, SiteSettings(), secrets, paths, BINARY), paths)
    write_sounds(paths, OLD)
    state_files.write_snapshot(paths.state, OLD)
    state_files.write_current(paths.state, OLD.version)
    made = Node(paths=paths, secrets=secrets)
    await made.begin()
    yield made
    await made.api.stop()
    await made.ami.stop()


async def test_a_new_version_is_rendered_reloaded_and_then_put_in_force(node: Node) -> None:
    node.offers(NEW)
    node.knows(NEW)
    async with node.running():
        await node.api.wish(NEW.version)
        await until(lambda: node.current == NEW.version, "the new version is in force")
        await until(lambda: not node.paths.undo_file.exists(), "the take is finished")
    assert "[night]" in node.etc()["queues.conf"]
    assert node.ami.reloads() == ["app_queue.so"]
    assert node.ami.names()[-2:] == ["QueueStatus", "PJSIPShowEndpoints"]
    assert state_files.read_plan_snapshot(node.paths.state, NEW.version) == NEW
    assert node.status.plan_problem is None


async def test_the_version_in_force_reloads_nothing(node: Node) -> None:
    async with node.running():
        await node.api.wish(OLD.version, revision="7")
        await until(lambda: node.status.overrides_revision == "7", "the wish is taken")
    assert node.ami.connections == 0


async def test_a_change_that_asterisk_does_not_read_reloads_nothing(node: Node) -> None:
    prompt = PromptId("greeting")
    plan = versioned(replace(OLD, prompts=OLD.prompts | {prompt: Prompt(id=prompt, text=Text(uk="Так", en="Yes"))}))
    write_sounds(node.paths, plan)
    node.offers(plan)
    async with node.running():
        await node.api.wish(plan.version)
        await until(lambda: node.current == plan.version, "the new version is in force")
    assert node.ami.reloads() == []


async def test_a_new_operator_gets_a_password_and_is_let_in(node: Node) -> None:
    operator = replace(OLD.operators[OperatorId("sumy01")], id=OperatorId("sumy02"))
    plan = versioned(replace(OLD, operators=OLD.operators | {operator.id: operator}))
    node.offers(plan)
    node.knows(plan)
    async with node.running():
        await node.api.wish(plan.version)
        await until(lambda: node.current == plan.version, "the new version is in force")
    password = ensure_secrets(node.paths.secrets_file, []).operators[operator.id]
    assert password.get_secret_value() in node.etc()["pjsip.conf"]
    assert set(node.ami.reloads()) == {"res_pjsip.so", "pbx_config.so"}


def _hostile(name: str) -> Plan:
    prompt = Prompt(id=PromptId(name), text=Text(uk="a", en="a"))
    return versioned(replace(OLD, prompts=OLD.prompts | {prompt.id: prompt}))


REFUSED: dict[str, tuple[Plan, str]] = {
    "a queue that ends its line": (with_queue(OLD, "x]\n[general"), "cannot be rendered"),
    "a prompt outside its folder": (_hostile("../../../../../tmp/x"), "not a name of a prompt"),
    "a prompt with a NUL": (_hostile("x\0"), "not a name of a prompt"),
    "a default language that takes a restart": (
        versioned(replace(OLD, line=replace(OLD.line, languages=(Language.EN, Language.UK)))),
        "asterisk.conf take effect at the next start",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_plan_that_cannot_be_rendered_changes_nothing_and_is_told(node: Node, case: str) -> None:
    plan, told = REFUSED[case]
    before, sounds = node.etc(), sorted(node.paths.data.rglob("*"))
    node.offers(plan)
    async with node.running():
        await node.api.wish(plan.version)
        await until(lambda: node.status.plan_problem, "the problem is told")
    assert told in (node.status.plan_problem or "")
    assert (node.etc(), node.current, node.ami.connections) == (before, OLD.version, 0)
    assert [path for path in sorted(node.paths.data.rglob("*")) if path not in sounds] == []


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({}, "has no document"),
        ({"document": {}}, "cannot be read"),
        ({"document": snapshot.to_document(NEW) | {"version": OLD.version}}, "other contents"),
        ({"document": snapshot.to_document(NEW) | {"format": 99}}, "cannot be read"),
    ],
)
async def test_a_document_that_is_not_that_plan_is_refused(node: Node, document: dict[str, object], told: str) -> None:
    node.api.plans[NEW.version] = document
    async with node.running():
        await node.api.wish(NEW.version)
        await until(lambda: node.status.plan_problem, "the problem is told")
    assert told in (node.status.plan_problem or "")
    assert node.current == OLD.version


async def test_a_reload_that_asterisk_refuses_brings_the_old_files_back_and_reads_them_again(node: Node) -> None:
    before = node.etc()
    node.offers(NEW)
    node.ami.refused_reloads["app_queue.so"] = "An unknown error occurred"
    async with node.running():
        await node.api.wish(NEW.version)
        await node.ami.wait_for("Reload", 2)
        node.ami.refused_reloads.clear()
        await until(lambda: not node.paths.undo_file.exists(), "the old files are back and read")
    assert (node.etc(), node.current) == (before, OLD.version)
    assert set(node.ami.reloads()) == {"app_queue.so"}


async def test_a_queue_that_is_not_there_after_the_reload_brings_the_old_version_back(node: Node) -> None:
    before = node.etc()
    node.offers(NEW)
    async with node.running():
        await node.api.wish(NEW.version)
        await until(lambda: node.status.plan_problem, "the problem is told")
        await until(lambda: not node.paths.undo_file.exists(), "the old files are back and read")
    assert node.status.plan_problem == "after the reload Asterisk lacks queue night"
    assert (node.etc(), node.current) == (before, OLD.version)
    assert node.ami.reloads() == ["app_queue.so"] * 2


async def test_a_refused_version_is_not_tried_again_until_another_is_wanted(node: Node) -> None:
    node.offers(NEW)
    async with node.running():
        await node.api.wish(NEW.version)
        await until(lambda: node.status.plan_problem, "the problem is told")
        await node.api.wish(NEW.version, revision="2")
        await until(lambda: node.status.overrides_revision == "2", "the second wish is taken")
        assert node.ami.connections == 1
        await node.api.wish(OLD.version, revision="3")
        await until(lambda: node.status.plan_problem is None, "the old version is wanted, so nothing is wrong")
    assert node.ami.connections == 1


async def test_a_disk_that_takes_no_file_leaves_the_old_ones(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> tuple[str, ...]:
        raise OSError(28, "No space left on device")

    before = node.etc()
    node.offers(NEW)
    node.knows(NEW)
    with monkeypatch.context() as patched:
        patched.setattr("asterisk_conf.install._write_changed", refuse)
        async with node.running():
            await node.api.wish(NEW.version)
            await until(lambda: node.status.plan_problem, "the problem is told")
    assert "No space left" in (node.status.plan_problem or "")
    assert (node.etc(), node.current) == (before, OLD.version)
    async with node.running():
        await until(lambda: node.current == NEW.version, "with room again it is taken")
        await until(lambda: not node.paths.undo_file.exists(), "the take is finished")


async def test_without_a_speech_engine_a_new_text_is_a_problem_and_the_old_version_stays(
    node: Node, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    plan = _hostile("harmless")
    node.offers(plan)
    async with node.running():
        await node.api.wish(plan.version)
        await until(lambda: node.status.plan_problem, "the problem is told")
    assert "espeak-ng is not installed" in (node.status.plan_problem or "")
    assert (node.current, node.ami.connections) == (OLD.version, 0)


async def test_an_asterisk_that_is_down_delays_the_plan_and_touches_no_file(node: Node) -> None:
    before = node.etc()
    node.offers(NEW)
    node.knows(NEW)
    await node.ami.stop()
    async with node.running():
        await node.api.wish(NEW.version)
        await until(lambda: node.status.plan_problem, "the problem is told")
        assert (node.etc(), node.current) == (before, OLD.version)
        await node.ami.start(node.ami_port)
        await until(lambda: node.current == NEW.version, "with Asterisk back it is taken")
        await until(lambda: node.status.plan_problem is None, "the problem is over")


async def test_the_api_down_and_back_costs_time_and_nothing_else(node: Node) -> None:
    node.offers(NEW)
    node.knows(NEW)
    async with node.running():
        await node.api.wish(OLD.version, revision="1")
        await until(lambda: node.status.overrides_revision == "1", "the first wish is taken")
        await node.api.stop()
        assert node.current == OLD.version
        await node.api.wish(NEW.version, revision="2")
        await node.api.start(node.api_port)
        await until(lambda: node.current == NEW.version, "the new version is in force")


async def test_an_api_that_does_not_give_the_plan_now_is_asked_again(node: Node) -> None:
    node.offers(NEW)
    node.knows(NEW)
    node.api.plan_status = 503
    async with node.running():
        await node.api.wish(NEW.version)
        await until(lambda: node.status.plan_problem, "the problem is told")
        node.api.plan_status = 200
        await until(lambda: node.current == NEW.version, "the new version is in force")


async def test_a_service_that_starts_later_takes_up_what_is_wanted(node: Node) -> None:
    node.offers(NEW)
    node.knows(NEW)
    await node.api.wish(NEW.version)
    async with node.running():
        await until(lambda: node.current == NEW.version, "the new version is in force")


async def test_a_service_killed_in_the_middle_puts_the_old_files_back_and_begins_again(node: Node) -> None:
    node.offers(NEW)
    node.ami.unanswered = frozenset({"Reload"})
    async with node.running(control_action_s=60):
        await node.api.wish(NEW.version)
        await node.ami.wait_for("Reload")
    assert node.paths.undo_file.exists()
    assert "[night]" in node.etc()["queues.conf"]
    node.ami.unanswered = frozenset()
    node.knows(NEW)
    async with node.running():
        await until(lambda: node.current == NEW.version, "the new version is in force")
    assert node.ami.reloads() == ["app_queue.so"] * 3


async def test_a_service_killed_after_the_swap_keeps_the_new_version(node: Node) -> None:
    node.offers(NEW)
    node.knows(NEW)
    async with node.running():
        await node.api.wish(NEW.version)
        await until(lambda: node.current == NEW.version, "the new version is in force")
        await until(lambda: not node.paths.undo_file.exists(), "the take is finished")
    files = {"queues.conf": "old"}
    node.paths.undo_file.write_text(json.dumps({"version": NEW.version, "files": files}))
    async with node.running():
        await until(lambda: not node.paths.undo_file.exists(), "what was left is cleared")
    assert "[night]" in node.etc()["queues.conf"]


async def test_nothing_published_leaves_everything(node: Node) -> None:
    async with node.running():
        await node.api.wish(None, revision="9")
        await until(lambda: node.status.overrides_revision == "9", "the wish is taken")
    assert (node.current, node.status.plan_problem) == (OLD.version, None)


def _override(number: int) -> Override:
    return Override(
        id=f"o{number}",
        scope=OverrideScope.QUEUE,
        target="sumy",
        action=OverrideAction.CLOSED,
        destination=None,
        until=NOW + timedelta(hours=1),
        reason="навчання",
        author="admin",
        created_at=NOW,
    )


async def test_overrides_are_in_force_with_their_event_and_gone_with_the_next(node: Node) -> None:
    wanted = [override_to_document(_override(number)) for number in (1, 2)]
    async with node.running():
        await node.api.wish(None, [*wanted], revision="1")
        await until(lambda: node.status.overrides_revision == "1", "the overrides are written")
        assert state_files.read_overrides(node.paths.state) == (_override(1), _override(2))
        await node.api.wish(None, [], revision="2")
        await until(lambda: node.status.overrides_revision == "2", "the overrides are gone")
    assert state_files.read_overrides(node.paths.state) == ()


async def test_overrides_do_not_wait_for_a_plan_that_hangs(node: Node) -> None:
    node.offers(NEW)
    node.ami.unanswered = frozenset({"Login"})
    async with node.running(control_action_s=60):
        await node.api.wish(NEW.version, [override_to_document(_override(1))], revision="1")
        await node.ami.wait_for("Login")
        await node.api.wish(NEW.version, [], revision="2")
        await until(lambda: node.status.overrides_revision == "2", "the overrides are gone")
    assert state_files.read_overrides(node.paths.state) == ()


async def test_an_override_that_cannot_be_read_costs_itself_alone(node: Node) -> None:
    broken: list[object] = [{"id": "x"}, 7, override_to_document(_override(2))]
    async with node.running():
        await node.api.wish(None, broken, revision="1")
        await until(lambda: node.status.overrides_revision == "1", "the wish is taken")
    assert state_files.read_overrides(node.paths.state) == (_override(2),)


async def test_a_broken_file_of_overrides_is_written_anew(node: Node) -> None:
    state_files.overrides_file(node.paths.state).write_text("{")
    async with node.running():
        await node.api.wish(None, revision="1")
        await until(lambda: node.status.overrides_revision == "1", "the wish is taken")
    assert state_files.read_overrides(node.paths.state) == ()


@pytest.mark.parametrize(
    "data",
    [
        "nonsense",
        "[]",
        "{}",
        '{"plan_version": "../../../etc/passwd", "overrides": [], "revision": "1"}',
        '{"plan_version": 7, "overrides": [], "revision": "1"}',
        '{"plan_version": null, "overrides": 7, "revision": "1"}',
        '{"plan_version": null, "overrides": [], "revision": 7}',
        json.dumps({"plan_version": None, "overrides": [], "revision": "x" * 201}),
    ],
)
async def test_a_wish_that_is_none_is_dropped_and_the_next_one_heard(node: Node, data: str) -> None:
    async with node.running():
        await node.api.wish_raw(data)
        await node.api.wish(None, revision="good")
        await until(lambda: node.status.overrides_revision == "good", "the good wish is taken")
    assert node.current == OLD.version
    assert not [request for request in node.api.requests if "passwd" in request[1]]


async def test_a_hostile_version_leaves_the_folder_of_snapshots_alone(node: Node) -> None:
    plan = replace(NEW, version=PlanVersion("../../evil"))
    with pytest.raises(state_files.StateError):
        state_files.write_snapshot(node.paths.state, plan)
    assert not list(node.paths.root.rglob("*evil*"))


async def test_a_wrong_control_secret_is_a_problem_that_is_told(node: Node) -> None:
    node.offers(NEW)
    node.secrets = node.secrets.model_copy(update={"ami_control": SecretStr("wrong")})
    async with node.running():
        await node.api.wish(NEW.version)
        await until(lambda: node.status.plan_problem, "the problem is told")
    assert "refuses user control" in (node.status.plan_problem or "")


def snapshots_of(node: Node) -> set[str]:
    return {path.stem for path in (node.paths.state / "plans").glob("*.json")}


def spoken_by(node: Node) -> set[str]:
    return {path.name.rpartition("-")[0] for path in node.paths.sounds(Language.UK).glob("text*.wav")}


async def test_the_ten_last_versions_stay_and_older_ones_go_with_their_sounds(node: Node) -> None:
    plans = [_hostile(f"text{number}") for number in range(12)]
    async with node.running():
        for plan in plans:
            write_sounds(node.paths, plan)
            node.offers(plan)
            await node.api.wish(plan.version)
            await until(lambda version=plan.version: node.current == version, "the version is in force")  # type: ignore[misc]  # mypy cannot tell the default's type
        kept = {plan.version for plan in plans[2:]}
        await until(lambda: snapshots_of(node) == kept, "the old snapshots are gone, and no other")
        texts = {f"text{number}" for number in range(2, 12)}
        await until(lambda: spoken_by(node) == texts, "their sounds are gone, and no other")
