"""What a softphone needs to be an operator's phone: as rows for people, as lines for softphones, as a QR code.

Sources: Linphone's remote provisioning, https://wiki.linphone.org (page "Remote Provisioning"): the application takes
the address of a file by HTTP, typed in or scanned, and no account as such; baresip 1.0's file `accounts` (its
man-page and the comments of the file that it writes at its first start).
"""

import io
import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import segno

from asterisk_conf import state_files
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import read_secrets
from asterisk_conf.site import read_site
from hotline.errors import HotlineError
from routing.plan import Operator, OperatorId, Plan

CODECS = ("PCMA (G.711 A-law)", "PCMU (G.711 µ-law)")
"""In order of preference, as pjsip.conf has them."""
HIDDEN = "hidden"
PICTURES = (".svg", ".png")
PIXELS_A_MODULE = 8
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneAccount:
    """An operator's SIP account."""

    operator: Operator
    server: str
    port: int
    password: str | None
    """None: it is not to be shown."""
    is_secure: bool = False
    """TLS and SRTP."""

    @property
    def transport(self) -> str:
        """Gives the transport as SIP addresses name it."""
        return "tls" if self.is_secure else "udp"

    @property
    def address(self) -> str:
        """Gives `server:port`."""
        return f"{self.server}:{self.port}"


def read_account(paths: InstancePaths, operator: str, server: str | None, *, has_password: bool) -> PhoneAccount:
    """Gives an operator's account on the line in an instance folder.

    Args:
        paths: The line's.
        operator: Id in the plan in force.
        server: The address at which phones reach the line; None: the one to which it is bound.
        has_password: Whether the password is to be shown.

    Raises:
        HotlineError: The plan has no such operator, no password is made yet, or phones cannot know the address.
        SiteError, SecretsError, StateError: There is no line in this folder.
    """
    site = read_site(paths.site_file)
    found = find_operator(state_files.read_plan_of_call(paths.state, None), operator)
    password = read_secrets(paths.secrets_file).operators.get(found.id)
    if password is None:
        raise HotlineError(f"{operator} has no password yet: the next start of the line makes it (hotline up)")
    return PhoneAccount(
        operator=found,
        server=read_server(server) if server else bound_address(site.sip_address),
        port=site.operators_port,
        is_secure=site.tls is not None,
        password=password.get_secret_value() if has_password else None,
    )


def find_operator(plan: Plan, operator: str) -> Operator:
    """Gives an operator of the plan.

    Raises:
        HotlineError: There is none of this id; the text names those who are.
    """
    found = plan.operators.get(OperatorId(operator))
    if found is None:
        known = ", ".join(plan.operators) or "no operators"
        raise HotlineError(f"plan {plan.version} has no operator {operator}: it has {known} (operators.yaml)")
    return found


def read_server(text: str) -> str:
    """Gives an address that was typed in.

    Raises:
        HotlineError: It is neither a host's name nor an IPv4 address.
    """
    if not _HOST.fullmatch(text):
        raise HotlineError(f"--server {text}: write a host's name or an IPv4 address, without a port")
    return text


def read_url(text: str) -> str:
    """Gives the address of a configuration file.

    Raises:
        HotlineError: It is none of HTTP.
    """
    if not text.startswith(("https://", "http://")) or not text.isprintable() or " " in text:
        raise HotlineError(f"--provisioning-url {text}: write an address that begins with https://")
    return text


def bound_address(address: str) -> str:
    """Gives the address to which the line is bound.

    Raises:
        HotlineError: It is bound to all addresses of the machine: only a person knows which one phones can reach.
    """
    if ip_address(address).is_unspecified:
        raise HotlineError(
            f"the line listens on every address of this machine ({address}): say which one phones can reach, "
            "with --server ADDRESS"
        )
    return address


def settings_rows(account: PhoneAccount) -> list[tuple[str, str]]:
    """Gives the settings with the names that most softphones have for them."""
    return [
        ("Name", account.operator.name),
        ("Account (user name, login)", account.operator.id),
        ("Password", account.password or f"{HIDDEN}; --show-password shows it"),
        ("Server (domain, registrar)", account.server),
        ("Port", str(account.port)),
        ("Transport", account.transport.upper()),
        ("Encryption of the voice", "SRTP (SDES), required" if account.is_secure else "none"),
        ("Register again after", "300 s"),
        ("Codecs", ", ".join(CODECS)),
        ("Keys (DTMF)", "RFC 4733 (RFC 2833)"),
    ]


def baresip_line(account: PhoneAccount) -> str:
    """Gives the line of baresip's file `accounts`."""
    user = account.operator.id
    password = account.password or "PASSWORD"
    fields = (f"auth_user={user}", f"auth_pass={password}", "audio_codecs=pcma,pcmu", "dtmfmode=rtpevent", "regint=300")
    encryption = ("mediaenc=srtp-mand",) if account.is_secure else ()
    return ";".join((f"<sip:{user}@{account.address};transport={account.transport}>", *fields, *encryption))


def qr_text(account: PhoneAccount, provisioning_url: str | None) -> str:
    """Gives what the QR code holds: a provisioning address if there is one, else the settings, a line each."""
    if provisioning_url is not None:
        return provisioning_url
    rows = [f"sip:{account.operator.id}@{account.address};transport={account.transport}"]
    return "\n".join([*rows, *([f"password {account.password}"] if account.password else [])])


def qr_for_terminal(text: str) -> str:
    """Gives a QR code made of characters."""
    out = io.StringIO()
    segno.make_qr(text).terminal(out, compact=True)
    return out.getvalue()


def write_qr(path: Path, text: str) -> None:
    """Writes a QR code as a picture; readable by its owner alone, because it may hold a password.

    Raises:
        HotlineError: The ending of the name is no picture's, or the file cannot be written.
    """
    if path.suffix.lower() not in PICTURES:
        raise HotlineError(f"-o {path}: a QR code is written as {' or '.join(PICTURES)}; choose one by the ending")
    out = io.BytesIO()
    segno.make_qr(text).save(out, kind=path.suffix.lower().removeprefix("."), scale=PIXELS_A_MODULE)
    try:
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_bytes(out.getvalue())
    except OSError as error:
        raise HotlineError(f"-o {path}: {error.strerror}") from error
