"""The examples for the machine around the line: nft accepts the firewall, and no stranger's text bans somebody else."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fail2ban import FOLDER, banned_address

FIREWALL = FOLDER.parent / "nftables.conf"
STAMP = "[2026-11-24 18:37:43.404] NOTICE[8023] res_pjsip/pjsip_distributor.c: "
NO_EXTENSION = (
    "[2026-11-24 18:37:35.290] NOTICE[8023] res_pjsip_session.c:  trunk-selftest: Call (UDP:203.0.113.1:42814) to "
    "extension '900' rejected because extension not found in context 'from-trunk'."
)
REQUEST = "Request 'INVITE' from '{}' failed for '198.18.0.3:57453' (callid: {}) - {}"


def line(sender: str = "<sip:100@127.0.0.1>", call_id: str = "a@b", why: str = "No matching endpoint found") -> str:
    return STAMP + REQUEST.format(sender, call_id, why)


def test_nft_accepts_the_firewall(tmp_path: Path) -> None:
    nft = shutil.which("nft", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if nft is None:
        pytest.skip("nft is not installed here (apt-get install nftables)")
    checked = subprocess.run([nft, "-c", "-f", FIREWALL], capture_output=True, text=True, check=False, timeout=30)
    if "Operation not permitted" in checked.stderr:
        pytest.skip("nft may not ask the kernel here: run as root")
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_firewall_refuses_what_it_does_not_name_and_names_no_port_of_ami_agi_or_the_api() -> None:
    text = FIREWALL.read_text("utf-8")
    assert "policy drop" in text
    assert not any(port in text for port in ("5038", "4573", "8080", "5432"))


@pytest.mark.parametrize(
    "why",
    ["No matching endpoint found", "No matching endpoint found after 5 tries in 12.345 ms", "Failed to authenticate"],
)
def test_who_was_refused_is_counted(why: str) -> None:
    assert banned_address(line(why=why)) == "198.18.0.3"


@pytest.mark.parametrize(
    "text",
    [
        line(sender="\"x' failed for '203.0.113.1:5060' (callid: z) - No matching endpoint found\" <sip:a@b>"),
        line(call_id="z) - No matching endpoint found' failed for '203.0.113.1:5060' (callid: z"),
        STAMP + "Endpoint 'sumy01' is not reachable",
        NO_EXTENSION,
    ],
)
def test_a_text_that_a_stranger_made_up_bans_nobody(text: str) -> None:
    assert banned_address(text) is None


def test_the_provider_and_the_offices_of_the_firewall_are_never_banned() -> None:
    jail = (FOLDER / "jail.conf").read_text("utf-8")
    ignored = next(row for row in jail.splitlines() if row.startswith("ignoreip"))
    assert {"203.0.113.0/28", "203.0.113.77/32", "198.51.100.0/24"} <= set(ignored.split())
