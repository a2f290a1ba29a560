"""`hotline operators` against the real api on a real PostgreSQL, and the operators' guide as it is written."""

import re
import shlex
import stat
from pathlib import Path

import pytest

from asterisk_conf import state_files
from asterisk_conf.instance_secrets import ensure_secrets
from asterisk_conf.site import SiteSettings, write_site
from hotline.cli import NOT_DONE, run
from hotline.phone_settings import PhoneAccount, qr_text
from routing.plan import OperatorId, Plan
from routing.plan_files import read_plan
from tests.contract.hotline.conftest import Output
from tests.contract.hotline.line_of_api import ApiLine, PlayedNode
from tests.unit.routing.plans import LEGAL_AID

DOCS = Path(__file__).parents[3] / "docs"
GUIDES = [DOCS / "operators.md", DOCS / "uk" / "operators.md"]


@pytest.fixture
def plan(line: ApiLine) -> Plan:
    """The shipped plan, in force on the node of the instance folder, with passwords for its operators."""
    plan = read_plan(LEGAL_AID)
    state_files.write_snapshot(line.paths.state, plan)
    state_files.write_current(line.paths.state, plan.version)
    ensure_secrets(line.paths.secrets_file, plan.operators)
    return plan


def told(line: ApiLine, *arguments: str) -> int:
    return run([*arguments, "--instance", str(line.paths.root)])


def password_of(line: ApiLine, plan: Plan, operator: str) -> str:
    secrets = ensure_secrets(line.paths.secrets_file, plan.operators)
    return secrets.operators[OperatorId(operator)].get_secret_value()


def guide_commands(guide: Path) -> list[list[str]]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", guide.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [shlex.split(row)[1:] for block in blocks for row in block.splitlines()]


@pytest.mark.parametrize("guide", GUIDES, ids=["en", "uk"])
def test_the_commands_of_the_guide_do_what_it_tells(  # noqa: PLR0917  pytest gives fixtures by name
    guide: Path,
    line: ApiLine,
    node: PlayedNode,
    plan: Plan,
    output: Output,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert node.refuses is None
    assert told(line, "publish", str(LEGAL_AID), "--reason", "навчання", "--by", "Olena K.") == 0
    monkeypatch.chdir(tmp_path)
    shown = []
    for words in guide_commands(guide):
        output()
        assert told(line, *words) == 0
        shown.append(output())
    everybody, sumy, hidden, whole = shown
    assert all(operator in everybody for operator in plan.operators)
    assert "c01" not in sumy
    assert told(line, "operators", "--office", "kyiv") == NOT_DONE
    assert "see offices.yaml" in output()
    assert "s08 Оператор 08, Суми sumy sumy:0 not known" in sumy
    assert password_of(line, plan, "s01") not in hidden
    assert "hidden; --show-password shows it" in hidden
    assert f"auth_pass={password_of(line, plan, 's01')};" in whole
    picture = tmp_path / "s01.svg"
    assert picture.read_text("utf-8").startswith("<?xml")
    assert stat.S_IMODE(picture.stat().st_mode) == 0o600


def test_both_guides_tell_the_same_commands_and_codes() -> None:
    english, ukrainian = GUIDES
    assert guide_commands(english) == guide_commands(ukrainian)
    codes = [re.findall(r"`(\*\d+)`", guide.read_text("utf-8")) for guide in GUIDES]
    assert sorted(codes[0]) == sorted(codes[1])


MISTAKES = {
    "an operator who is not in the plan": (("settings", "nobody"), "it has c01"),
    "a picture of another kind": (("settings", "s01", "-o", "s01.pdf"), ".svg or .png"),
    "a picture in no folder": (("settings", "s01", "-o", "none/s01.svg"), "No such file"),
    "a server with a port": (("settings", "s01", "--server", "10.0.0.1:5060"), "without a port"),
    "no address of a file": (("settings", "s01", "--provisioning-url", "ftp://a"), "https://"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_with_what_to_write_instead(line: ApiLine, plan: Plan, output: Output, case: str) -> None:
    words, hint = MISTAKES[case]
    output()
    assert told(line, "operators", *words) == NOT_DONE
    text = output()
    assert hint in text
    assert password_of(line, plan, "s01") not in text


def test_a_line_that_listens_everywhere_needs_to_be_told_its_address(line: ApiLine, plan: Plan, output: Output) -> None:
    assert "s01" in plan.operators
    everywhere: SiteSettings = line.site.model_copy(update={"sip_address": "0.0.0.0"})
    write_site(line.paths.site_file, everywhere)
    assert told(line, "operators", "settings", "s01") == NOT_DONE
    assert "--server ADDRESS" in output()
    assert told(line, "operators", "settings", "s01", "--server", "sip.example.org") == 0
    assert "<sip:s01@sip.example.org:5060;transport=udp>" in output()


def test_the_qr_code_holds_no_password_unless_it_is_to_be_shown(plan: Plan) -> None:
    operator = plan.operators[OperatorId("s01")]
    hidden = PhoneAccount(operator=operator, server="10.0.0.1", port=5060, password=None)
    shown = PhoneAccount(operator=operator, server="10.0.0.1", port=5060, password="sample-secret")
    assert qr_text(hidden, None) == "sip:s01@10.0.0.1:5060;transport=udp"
    assert qr_text(shown, None).endswith("\npassword sample-secret")
    assert qr_text(shown, "https://example.org/s01.xml") == "https://example.org/s01.xml"
