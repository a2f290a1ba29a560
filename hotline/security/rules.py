"""The rules of `hotline doctor --security`. Pure: facts in, findings out; each names what mends it."""

from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Network, ip_address, ip_network

from asterisk_conf.instance_secrets import InstanceSecrets
from asterisk_conf.modules import MODULES
from asterisk_conf.names import TRUNK_PREFIX, Context
from hotline.doctor import Finding
from hotline.security.outbound import outbound_faults
from hotline.security.seen import Identify, Part, Seen

MANAGER_RIGHTS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "ivr": (frozenset({"system", "call", "agent", "reporting"}), frozenset({"agent", "reporting"})),
    "control": (frozenset(), frozenset({"system"})),
}
"""AMI users with what each may read and write, at most."""
WIDEST_TRUNK_PREFIX = 24
"""A provider's addresses are few; a wider network is taken for a mistake."""
INSIDE = tuple(
    ip_network(text) for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
"""Loopback and private networks.

Source: RFC 1918, RFC 4193. Why not `is_private`: Python counts networks for examples and tests among the private ones.
"""
TOKEN_CHARS = 32
KEY_CHARS = 64
"""32 bytes, hexadecimal."""
PIN_DIGITS = 6
CERTIFICATE_DAYS = 14
ENCRYPTED = "sdes"
ROOT = 0

Rule = Callable[[Seen], Iterator[Finding]]


def judge(seen: Seen) -> tuple[Finding, ...]:
    """Gives the findings of all rules, in order; a rule that finds nothing amiss says so."""
    return tuple(finding for rule in RULES for finding in rule(seen))


def _told(subject: str, well: str, faults: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Gives a finding a fault (text, what mends it), or one that all is well."""
    found = [Finding(subject=subject, is_well=False, text=text, mend=mend) for text, mend in faults]
    yield from found or [Finding(subject=subject, is_well=True, text=well)]


def ports(seen: Seen) -> Iterator[Finding]:
    """AMI, AGI, HTTP and the database are for this machine, or a private network, alone."""
    yield from _told("ports", "none but SIP is reachable from outside", _open_ports(seen))


def _open_ports(seen: Seen) -> Iterator[tuple[str, str]]:
    tls_port = None if seen.site.tls is None else seen.site.tls.port
    for each in seen.listeners:
        if each.part is Part.ASTERISK and each.port == tls_port:
            continue
        if not _is_inside(each.address):
            text = f"{each.part} listens on {each.address}:{each.port}"
            yield text, f"bind it to 127.0.0.1, and close the port in the firewall (docker/nftables.conf): {each.port}"
        elif each.part is Part.ASTERISK and each.port != seen.site.ami_port:
            yield f"asterisk listens on {each.port}, where nothing of ours does", "find out who changed its settings"


def _is_inside(address: str) -> bool:
    ip = ip_address(address)
    return any(ip in network for network in INSIDE)


def modules(seen: Seen) -> Iterator[Finding]:
    """What Asterisk has loaded is what we allow."""
    extra, missing = sorted(seen.modules - MODULES.keys()), sorted(MODULES.keys() - seen.modules)
    faults = [(f"{name} is loaded and not allowed", "restart Asterisk; who loaded it?") for name in extra]
    faults += [(f"{name} is not loaded", "look at asterisk/log/messages.log") for name in missing]
    yield from _told("modules", f"the {len(MODULES)} allowed ones, no other", faults)


def manager(seen: Seen) -> Iterator[Finding]:
    """AMI users are ours, with the rights that they need, from this machine."""
    yield from _told("AMI", "two users, with the rights that they need", _manager_faults(seen))


def _manager_faults(seen: Seen) -> Iterator[tuple[str, str]]:
    mend = "hotline up writes manager.conf anew; who changed it?"
    for user in seen.manager_users:
        if user.name not in MANAGER_RIGHTS:
            yield f"a user that is not ours: {user.name}", mend
            continue
        read, write = MANAGER_RIGHTS[user.name]
        if too_much := sorted((user.read - read) | (user.write - write)):
            yield f"{user.name} may do too much: {', '.join(too_much)}", mend
        if not user.has_acl:
            yield f"{user.name} may come from any address", mend


def files(seen: Seen) -> Iterator[Finding]:
    """Secrets and evidence are closed to others."""
    faults = [
        (f"{each.path} is {each.mode:04o}", f"chmod {each.allowed:04o} {each.path}")
        for each in seen.files
        if each.mode & ~each.allowed
    ]
    yield from _told("files", f"{len(seen.files)} with secrets or evidence, closed to others", faults)


def users(seen: Seen) -> Iterator[Finding]:
    """No process of the line is root."""
    mend = "fine for a demo; in production run it as its own user (docs/security.md)"
    faults = [(f"{each.part} runs as root (pid {each.pid})", mend) for each in seen.processes if each.user_id == ROOT]
    yield from _told("users", "no process runs as root", faults)


def encryption(seen: Seen) -> Iterator[Finding]:
    """Operators outside this machine speak TLS 1.2 or newer, and SRTP."""
    yield from _told("encryption", _encryption_text(seen), _encryption_faults(seen))


def _encryption_text(seen: Seen) -> str:
    if seen.site.tls is None:
        return "operators are on this machine alone: nothing leaves it"
    return "operators speak TLS 1.2 and SRTP"


def _encryption_faults(seen: Seen) -> Iterator[tuple[str, str]]:
    if seen.site.tls is None:
        if not ip_address(seen.site.sip_address).is_loopback:
            yield f"operators speak in the clear on {seen.site.sip_address}", "give `tls` in site.yaml, and restart"
        return
    for each in seen.endpoints:
        if each.context == Context.FROM_OPERATORS and each.media_encryption != ENCRYPTED:
            yield f"{each.name} may talk in the clear", "hotline up writes pjsip.conf anew"
    if seen.encryption is not None:
        for version in seen.encryption.weak_versions:
            yield f"{version} is spoken", "transport-tls needs `method = tlsv1_2`: hotline up writes it"
        if seen.encryption.days_left < CERTIFICATE_DAYS:
            text = f"the certificate ends in {seen.encryption.days_left} days"
            yield text, "renew it and restart the line"


def trunks(seen: Seen) -> Iterator[Finding]:
    """Who is known by address alone is a trunk of the site's, with few addresses."""
    faults = (fault for each in seen.identifies for fault in _identify_faults(each, seen))
    yield from _told("trunks", "known by the addresses that site.yaml gives, no other", faults)


def _identify_faults(identify: Identify, seen: Seen) -> Iterator[tuple[str, str]]:
    known: dict[str, tuple[IPv4Network, ...]] = {TRUNK_PREFIX + trunk.name: trunk.match for trunk in seen.site.trunks}
    mend = "hotline up writes pjsip.conf anew; who changed it?"
    if identify.endpoint not in known:
        yield f"{identify.endpoint} is let in by address, and is no trunk of site.yaml", mend
        return
    strange = [str(each) for each in identify.networks if each not in known[identify.endpoint]]
    for text in (*strange, *identify.others):
        yield f"{identify.endpoint} is let in by {text}, which site.yaml does not give", mend
    for network in identify.networks:
        if network.prefixlen < WIDEST_TRUNK_PREFIX:
            text = f"{identify.endpoint}: whoever is in {network} may call as the provider"
            yield text, "give the provider's own addresses (`match` in site.yaml)"


def options(seen: Seen) -> Iterator[Finding]:
    """Nothing from outside runs a shell."""
    wanted = {"live_dangerously": "no", "disable_remote_console_shell": "yes"}
    faults = [
        (f"{name} is {seen.options.get(name, 'not set')}", f"{name} = {value} in asterisk.conf; restart Asterisk")
        for name, value in wanted.items()
        if seen.options.get(name) != value
    ]
    if "yes" in seen.options.get("execincludes", "no"):
        faults.append(("execincludes is on", "execincludes = no in asterisk.conf; restart Asterisk"))
    yield from _told("options", "live_dangerously is off, the console runs no shell", faults)


def dialplan(seen: Seen) -> Iterator[Finding]:
    """No telephone can call out, but to the directory's numbers and an override's."""
    entries = {each.context for each in seen.endpoints}
    faults = [
        (text, "hotline publish writes the dialplan anew")
        for text in outbound_faults(seen.dialplan, entries, seen.plan)
    ]
    yield from _told("dialplan", f"no way out but the directory ({len(seen.dialplan.steps)} steps walked)", faults)


def secrets(seen: Seen) -> Iterator[Finding]:
    """Secrets are long, and none is used twice. None of them is printed."""
    mend = "stop the line, move the weak entry out of secrets.json, start: a new one is made"
    yield from _told("secrets", "long, and none is used twice", ((text, mend) for text in _secret_faults(seen.secrets)))


def _secret_faults(held: InstanceSecrets) -> Iterator[str]:
    tokens = {
        "ami": held.ami,
        "ami_control": held.ami_control,
        "token_node": held.token_node,
        "token_console": held.token_console,
        **{f"password of {operator}": secret for operator, secret in held.operators.items()},
    }
    keys = {
        "number_pseudonym_key": held.number_pseudonym_key,
        "number_encryption_key": held.number_encryption_key,
    }
    for name, secret in tokens.items():
        if len(secret.get_secret_value()) < TOKEN_CHARS:
            yield f"{name} is shorter than {TOKEN_CHARS} characters"
    for name, secret in keys.items():
        if len(secret.get_secret_value()) < KEY_CHARS:
            yield f"{name} is shorter than {KEY_CHARS} characters"
    pin = held.override_pin.get_secret_value()
    if len(pin) < PIN_DIGITS or len(set(pin)) == 1:
        yield f"override_pin has fewer than {PIN_DIGITS} digits, or the same one throughout"
    values = [secret.get_secret_value() for secret in (*tokens.values(), *keys.values())]
    if len(set(values)) < len(values):
        yield "one secret is used for two things"


RULES: tuple[Rule, ...] = (
    ports, modules, manager, files, users, encryption, trunks, options, dialplan, secrets,
)  # fmt: skip
