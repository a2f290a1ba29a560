"""`hotline init`: the first settings of an installation."""

import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import ensure_secrets
from asterisk_conf.launch import check_socket_path
from asterisk_conf.site import SiteSettings, Trunk, write_site
from hotline.commands.options import InstanceOption, instance_paths
from hotline.errors import HotlineError
from hotline.keeping.sip_options import NoAnswerError, ask_options
from hotline.line import SHIPPED_PLAN
from hotline.screen import OUT, say
from routing.plan_files import read_plan

SIP_PORT = 5060
SELFTEST = SiteSettings().trunks


class Codec(StrEnum):
    """Codecs of the trunk: what telephone networks speak."""

    ALAW = "alaw"
    ULAW = "ulaw"


def init(
    *,
    node: Annotated[str, typer.Option("--node", metavar="NAME", help="Name of this machine in the log.")] = "node1",
    address: Annotated[
        str, typer.Option("--address", metavar="IPV4", help="Where SIP is listened for: an address of this machine.")
    ] = "",
    public_address: Annotated[
        str, typer.Option("--public-address", metavar="IPV4", help="What others reach it by. Default: --address.")
    ] = "",
    trunk: Annotated[
        str, typer.Option("--trunk", metavar="IPV4[:PORT]", help="The provider's server; calls out go there.")
    ] = "",
    trunk_network: Annotated[
        list[str] | None,
        typer.Option("--trunk-network", metavar="NET", help="Where its calls come from; again for each. Default: it."),
    ] = None,
    codec: Annotated[list[Codec] | None, typer.Option("--codec", help="Again for each, best first.")] = None,
    registration_source: Annotated[
        int, typer.Option("--registration-source", min=1, max=99, help="First digits of registration numbers.")
    ] = 1,
    test: Annotated[bool, typer.Option("--test/--no-test", help="Ask the trunk whether it answers.")] = True,
    instance: InstanceOption = None,
) -> None:
    """Write the settings and secrets of a new line; what is not given is asked. Tells what is left to do."""
    paths = instance_paths(instance)
    check_socket_path(paths)
    if paths.site_file.exists():
        raise HotlineError(f"{paths.site_file} is there already: edit it, or name another folder with --instance")
    own = _address("--address", address or _ask("--address", "Address of this machine, for SIP"))
    public = _address("--public-address", public_address) if public_address else own
    server, port = read_server(trunk or _ask("--trunk", "Address of the provider's SIP server"))
    provider = {
        "name": "provider",
        "match": trunk_network or [f"{server}/32"],
        "sip_uri": f"sip:{server}:{port}",
        "codecs": [each.value for each in codec or list(Codec)],
    }
    site = build_site(
        {
            "node": node,
            "sip_address": str(own),
            "media_address": str(public),
            "registration_source": registration_source,
        },
        provider,
    )
    _write(paths, site)
    answers = not test or _test_trunk(server, port, own)
    OUT.print(_left_to_do(paths.site_file, has_answer=answers), soft_wrap=True)


def build_site(settings: Mapping[str, str | int], provider: Mapping[str, str | Sequence[str]]) -> SiteSettings:
    """Gives the settings with the provider as the trunk for calls out, and the trunk of `hotline call` beside it.

    Raises:
        HotlineError: Something does not fit; the text names all of it.
    """
    try:
        trunk = Trunk.model_validate(provider)
        return SiteSettings.model_validate({**settings, "trunks": [trunk, *SELFTEST]})
    except ValidationError as error:
        rows = [f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in error.errors()]
        raise HotlineError("; ".join(rows)) from error


def read_server(text: str) -> tuple[IPv4Address, int]:
    """Reads `IPV4[:PORT]`.

    Raises:
        HotlineError: It is something else.
    """
    host, separator, port = text.partition(":")
    address = _address("--trunk", host)
    if not separator:
        return address, SIP_PORT
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65_535):  # noqa: PLR2004  UDP ports
        raise HotlineError(f"--trunk {text}: {port!r} is no port")
    return address, int(port)


def _address(option: str, text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except ValueError as error:
        raise HotlineError(f"{option} {text}: write an IPv4 address, as 10.0.0.5") from error


def _ask(option: str, question: str) -> str:
    if not sys.stdin.isatty():
        raise HotlineError(f"{option} is missing, and there is nobody to ask")
    return str(typer.prompt(question, err=True))


def _write(paths: InstancePaths, site: SiteSettings) -> None:
    try:
        paths.root.mkdir(parents=True, exist_ok=True, mode=0o750)
        ensure_secrets(paths.secrets_file, read_plan(SHIPPED_PLAN).operators)
        write_site(paths.site_file, site)
    except OSError as error:
        raise HotlineError(f"{error.filename}: {error.strerror}") from error


def _test_trunk(server: IPv4Address, port: int, own: IPv4Address) -> bool:
    try:
        answer = ask_options(str(server), port, own_address=str(own))
    except NoAnswerError as error:
        say(str(error))
        return False
    say(f"{server}:{port} answers OPTIONS: {answer.status} {answer.reason}")
    return True


def _left_to_do(site_file: Path, *, has_answer: bool) -> str:
    steps = [
        *(() if has_answer else ("have the trunk answer: calls will not come before it does",)),
        "the plan: your numbers, operators and centres: hotline check DIR",
        "run it: hotline up, or as services: hotline install --systemd",
        "the first admin, once it runs: hotline users add NAME --role admin",
        "the plan in force: hotline publish DIR",
        "a test call: hotline call --keys 1",
        "a backup every night: hotline backup DIR --passphrase-file FILE",
    ]
    rows = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
    return f"written: {site_file}, and secrets beside it. Left to do:\n{rows}"
