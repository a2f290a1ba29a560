"""Each rule of `hotline doctor --security`: nothing amiss on a line as we make it, and each opening is named."""

import json
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from pydantic import SecretStr

from asterisk_conf.instance_secrets import generate
from asterisk_conf.modules import MODULES
from asterisk_conf.site import SiteSettings, TlsSettings, Trunk
from hotline.doctor import Finding
from hotline.security import rules
from hotline.security.seen import (
    Dialplan,
    DialplanStep,
    Encryption,
    Endpoint,
    FileSeen,
    Identify,
    Listener,
    ManagerUser,
    Part,
    ProcessSeen,
    Seen,
)
from tests.plans import small_plan

PROVIDER = IPv4Network("203.0.113.0/28")
SITE = SiteSettings(sip_address="192.0.2.10", tls=TlsSettings(), trunks=(Trunk(name="provider", match=(PROVIDER,)),))
PLAN = small_plan()
DIALPLAN = Dialplan(
    steps=(
        DialplanStep(context="from-trunk", extension="0800213103", application="Goto", arguments="handover,s,1"),
        DialplanStep(context="from-operators", extension="*81", application="Hangup", arguments=""),
        DialplanStep(
            context="handover",
            extension="s",
            application="Dial",
            arguments="PJSIP/${HOTLINE_NUMBER}@trunk-provider,30,g",
        ),
    ),
    inclusions=(),
)
OPERATOR = Endpoint(name="sumy01", context="from-operators", media_encryption="sdes")
TRUNK = Endpoint(name="trunk-provider", context="from-trunk", media_encryption="no")
IVR = ManagerUser(name="ivr", read=frozenset({"system", "call"}), write=frozenset({"agent", "reporting"}), has_acl=True)
GOOD = Seen(
    site=SITE,
    secrets=generate(PLAN.operators),
    plan=PLAN,
    processes=(ProcessSeen(part=Part.ASTERISK, pid=7, user_id=2000),),
    listeners=(
        Listener(part=Part.ASTERISK, address="127.0.0.1", port=SITE.ami_port),
        Listener(part=Part.ASTERISK, address="192.0.2.10", port=5061),
        Listener(part=Part.DATABASE, address="10.1.2.3", port=5432),
    ),
    files=(FileSeen(path=Path("asterisk/log/queue_log"), mode=0o640, allowed=0o640),),
    modules=frozenset(MODULES),
    options={"live_dangerously": "no", "disable_remote_console_shell": "yes"},
    manager_users=(IVR,),
    identifies=(Identify(endpoint="trunk-provider", networks=(PROVIDER,), others=()),),
    endpoints=(OPERATOR, TRUNK),
    dialplan=DIALPLAN,
    encryption=Encryption(weak_versions=(), days_left=90),
)


def faults(seen: Seen) -> list[Finding]:
    return [finding for finding in rules.judge(seen) if not finding.is_well]


def test_of_a_line_as_we_make_it_every_rule_says_that_all_is_well() -> None:
    findings = rules.judge(GOOD)
    assert faults(GOOD) == []
    assert len(findings) == len(rules.RULES)


def listening(part: Part, address: str, port: int = 9999) -> Seen:
    return replace(GOOD, listeners=(Listener(part=part, address=address, port=port),))


def with_step(context: str, extension: str, application: str, arguments: str) -> Seen:
    step = DialplanStep(context=context, extension=extension, application=application, arguments=arguments)
    return replace(GOOD, dialplan=replace(DIALPLAN, steps=(*DIALPLAN.steps, step)))


def with_networks(*networks: str, others: tuple[str, ...] = (), endpoint: str = "trunk-provider") -> Seen:
    found = tuple(IPv4Network(each) for each in networks)
    return replace(GOOD, identifies=(Identify(endpoint=endpoint, networks=found, others=others),))


def with_secret(**changes: object) -> Seen:
    return replace(GOOD, secrets=GOOD.secrets.model_copy(update=changes))


def in_the_clear(address: str) -> Seen:
    site = SITE.model_copy(update={"tls": None, "sip_address": address})
    return replace(GOOD, site=site, listeners=GOOD.listeners[:1], encryption=None)


WIDE = Trunk(name="provider", match=(IPv4Network("203.0.0.0/16"),))
OPENINGS: dict[str, tuple[Seen, str, str]] = {
    "AMI on every address": (listening(Part.ASTERISK, "0.0.0.0", 5038), "ports", "asterisk listens on 0.0.0.0:5038"),
    "api in the open": (listening(Part.API, "203.0.113.5"), "ports", "api listens on 203.0.113.5:9999"),
    "database on every IPv6 address": (listening(Part.DATABASE, "::"), "ports", "database listens on :::9999"),
    "HTTP of Asterisk": (listening(Part.ASTERISK, "127.0.0.1", 8088), "ports", "asterisk listens on 8088"),
    "a module too many": (
        replace(GOOD, modules=GOOD.modules | {"app_system.so"}), "modules", "app_system.so is loaded and not allowed",
    ),
    "a module too few": (
        replace(GOOD, modules=GOOD.modules - {"res_srtp.so"}), "modules", "res_srtp.so is not loaded",
    ),
    "a user of AMI who commands": (
        replace(GOOD, manager_users=(replace(IVR, write=frozenset({"agent", "command"})),)),
        "AMI", "ivr may do too much: command",
    ),
    "a user of AMI from anywhere": (
        replace(GOOD, manager_users=(replace(IVR, has_acl=False),)), "AMI", "ivr may come from any address",
    ),
    "a user of AMI of somebody's": (
        replace(GOOD, manager_users=(IVR, replace(IVR, name="admin"))), "AMI", "a user that is not ours: admin",
    ),
    "evidence for everybody": (
        replace(GOOD, files=(FileSeen(path=Path("log/x"), mode=0o644, allowed=0o640),)), "files", "log/x is 0644",
    ),
    "a secret for the group": (
        replace(GOOD, files=(FileSeen(path=Path("secrets.json"), mode=0o640, allowed=0o600),)),
        "files", "secrets.json is 0640",
    ),
    "a process of root's": (
        replace(GOOD, processes=(ProcessSeen(part=Part.API, pid=9, user_id=0),)), "users", "api runs as root (pid 9)",
    ),
    "operators in the clear": (
        in_the_clear("192.0.2.10"), "encryption", "operators speak in the clear on 192.0.2.10",
    ),
    "operators in the clear on all addresses": (
        in_the_clear("0.0.0.0"), "encryption", "operators speak in the clear on 0.0.0.0",
    ),
    "an operator without SRTP": (
        replace(GOOD, endpoints=(replace(OPERATOR, media_encryption="no"), TRUNK)),
        "encryption", "sumy01 may talk in the clear",
    ),
    "an old TLS": (
        replace(GOOD, encryption=Encryption(weak_versions=("TLSv1_1",), days_left=90)),
        "encryption", "TLSv1_1 is spoken",
    ),
    "a certificate that ends": (
        replace(GOOD, encryption=Encryption(weak_versions=(), days_left=13)),
        "encryption", "the certificate ends in 13 days",
    ),
    "an unknown trunk": (
        with_networks("203.0.113.0/28", endpoint="trunk-other"),
        "trunks", "trunk-other is let in by address, and is no trunk of site.yaml",
    ),
    "an operator by address": (
        with_networks("203.0.113.0/28", endpoint="sumy01"),
        "trunks", "sumy01 is let in by address, and is no trunk of site.yaml",
    ),
    "an address too many": (
        with_networks("203.0.113.0/28", "198.51.100.1/32"),
        "trunks", "trunk-provider is let in by 198.51.100.1/32, which site.yaml does not give",
    ),
    "a header for an address": (
        with_networks("203.0.113.0/28", others=("X-Trunk: yes",)),
        "trunks", "trunk-provider is let in by X-Trunk: yes, which site.yaml does not give",
    ),
    "half the internet as a trunk": (
        replace(with_networks("203.0.0.0/16"), site=SITE.model_copy(update={"trunks": (WIDE,)})),
        "trunks", "trunk-provider: whoever is in 203.0.0.0/16 may call as the provider",
    ),
    "live_dangerously": (
        replace(GOOD, options={**GOOD.options, "live_dangerously": "yes"}), "options", "live_dangerously is yes",
    ),
    "a shell on the console": (
        replace(GOOD, options={"live_dangerously": "no"}), "options", "disable_remote_console_shell is not set",
    ),
    "#exec": (
        replace(GOOD, options={**GOOD.options, "execincludes": "yes"}), "options", "execincludes is on",
    ),
    "a short password": (
        with_secret(operators={"sumy01": SecretStr("1234")}), "secrets", "password of sumy01 is shorter than",
    ),
    "one secret for two": (
        with_secret(ami_control=GOOD.secrets.ami), "secrets", "one secret is used for two things",
    ),
    "a PIN of one digit": (with_secret(override_pin=SecretStr("777777")), "secrets", "override_pin has fewer than"),
    "a short key": (with_secret(number_pseudonym_key=SecretStr("00" * 31)), "secrets", "number_pseudonym_key is"),
    "a way out for operators": (
        with_step("from-operators", "_X.", "Hangup", ""), "dialplan", "[from-operators] takes _X., which is no number",
    ),
    "a way out for trunks": (
        with_step("from-trunk", "0900123456", "Hangup", ""), "dialplan", "[from-trunk] takes 0900123456",
    ),
    "a number of the caller's": (
        with_step("handover", "s", "Dial", "PJSIP/${EXTEN}@trunk-provider,30"),
        "dialplan", "[handover] s dials something that is neither in the directory nor an override's number",
    ),
    "two numbers in one": (
        with_step("handover", "s", "Dial", "PJSIP/${HOTLINE_NUMBER}&PJSIP/1900@trunk-provider,30"),
        "dialplan", "[handover] s dials something",
    ),
    "another technology": (with_step("handover", "s", "Dial", "Local/1@x,30"), "dialplan", "[handover] s dials"),
    "a shell": (with_step("handover", "s", "System", "id"), "dialplan", "[handover] s runs System()"),
    "a number that the dialplan chose": (
        with_step("handover", "s", "Set", "HOTLINE_NUMBER=${CALLERID(num)}"),
        "dialplan", "[handover] s chooses an override's number by itself",
    ),
    "a centre that is not in the directory": (
        with_step("handover", "s", "Set", "__HOTLINE_CENTRE_NUMBER=+19001234567"),
        "dialplan", "[handover] s gives a centre a number that is not in the directory",
    ),
    "an included context": (
        replace(GOOD, dialplan=replace(DIALPLAN, inclusions=("Include => 'default'",))),
        "dialplan", "a context goes elsewhere",
    ),
    "telephones in another context": (
        replace(GOOD, endpoints=(OPERATOR, replace(TRUNK, context="handover"))),
        "dialplan", "telephones come in at [handover]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OPENINGS)
def test_an_opening_is_named_once_and_the_way_to_mend_it_told(name: str) -> None:
    seen, subject, text = OPENINGS[name]
    (finding,) = faults(seen)
    assert finding.subject == subject
    assert finding.text.startswith(text)
    assert finding.mend


def test_operators_on_this_machine_alone_need_no_encryption() -> None:
    assert faults(in_the_clear("127.0.0.1")) == []


def test_a_dial_that_no_telephone_reaches_is_nobodys_way_out() -> None:
    assert faults(with_step("island", "s", "Dial", "PJSIP/1900@trunk-provider,30")) == []


@pytest.mark.parametrize("jump", ["island,s,1", '$["${X}" = "1"]?island,s,1', '$["${X:0:7}" = "1"]?here:island,s,1'])
def test_a_dial_behind_a_jump_is_reached_whatever_its_condition(jump: str) -> None:
    island = with_step("island", "s", "Dial", "PJSIP/1900@trunk-provider,30")
    step = DialplanStep(context="handover", extension="s", application="GotoIf", arguments=jump)
    (finding,) = faults(replace(island, dialplan=replace(island.dialplan, steps=(*island.dialplan.steps, step))))
    assert finding.text.startswith("[island] s dials something")


def test_no_finding_tells_a_secret() -> None:
    weak = SecretStr("weak-secret")
    found = faults(with_secret(ami=weak, ami_control=weak, override_pin=SecretStr("4444")))
    told = json.dumps([finding.text + finding.mend for finding in found])
    assert len(found) == 4
    assert "weak-secret" not in told
    assert "4444" not in told
