"""What the golden files are made of: the small plan on an instance that never existed."""

from ipaddress import IPv4Network
from pathlib import Path

from pydantic import SecretStr

from asterisk_conf.binary import AsteriskBinary, AsteriskVersion
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import InstanceSecrets
from asterisk_conf.render import render
from asterisk_conf.site import SiteSettings, Trunk
from routing.plan import Plan
from tests.plans import small_plan

GOLDEN = Path(__file__).parent / "golden"
PATHS = InstancePaths(Path("/var/lib/legalaid-hotline/golden"))
BINARY = AsteriskBinary(
    root=None,
    version=AsteriskVersion(22, 10, 1),
    executable=Path("/usr/sbin/asterisk"),
    modules_dir=Path("/usr/lib/asterisk/modules"),
    data_dir=Path("/usr/share/asterisk"),
    python=Path("/usr/bin/python3"),
)
SITE = SiteSettings(
    node="golden1",
    sip_address="192.0.2.10",
    media_address="198.51.100.10",
    trunks=(
        Trunk(name="selftest", match=(IPv4Network("127.0.0.2/32"),)),
        Trunk(name="provider", match=(IPv4Network("203.0.113.0/28"), IPv4Network("203.0.113.77/32")), codecs=("alaw",)),
        Trunk(name="duty", match=(IPv4Network("203.0.113.90/32"),), sip_uri="sip:203.0.113.90:5060"),
    ),
)


def secrets_of(plan: Plan) -> InstanceSecrets:
    """Gives secrets that are no secrets: each tells what it is."""
    return InstanceSecrets(
        ami=SecretStr("ami-secret"),
        ami_control=SecretStr("control-secret"),
        override_pin=SecretStr("000000"),
        operators={operator: SecretStr(f"password-of-{operator}") for operator in plan.operators},
        token_node=SecretStr("token-node"),
        token_console=SecretStr("token-console"),
        number_pseudonym_key=SecretStr("00"),
        number_encryption_key=SecretStr("00"),
    )


def rendered(plan: Plan | None = None, site: SiteSettings = SITE, paths: InstancePaths = PATHS) -> dict[str, str]:
    """Renders a plan; None means the small one."""
    plan = plan or small_plan()
    return render(plan, site, secrets_of(plan), paths, BINARY)


def write_golden_files() -> None:
    """Makes the golden files anew: `python -m tests.contract.asterisk_conf.rendering`, then read the difference."""
    GOLDEN.mkdir(exist_ok=True)
    for name, text in rendered().items():
        (GOLDEN / name).write_text(text, "utf-8")


if __name__ == "__main__":
    write_golden_files()
