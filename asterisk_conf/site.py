"""Site settings: what differs from one installation to the next, apart from the plan. No secrets."""

from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from routing.languages import Language

Port = Annotated[int, Field(ge=1, le=65_535)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]


class SiteError(ValueError):
    """Site settings cannot be used; the text says what to mend."""


class Trunk(BaseModel):
    """A provider that brings calls, known by its addresses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    match: tuple[IPv4Network, ...] = Field(min_length=1)
    """Addresses that calls come from."""
    sip_uri: str | None = None
    """Where outbound calls go (`sip:10.0.0.1:5060`); None: inbound only."""
    codecs: tuple[str, ...] = ("alaw", "ulaw")


class PromptSettings(BaseModel):
    """Who reads the texts that no studio has recorded: piper where a voice is named here, else espeak-ng."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    piper: str = "piper"
    """The program, by name or path."""
    piper_voices: dict[Language, Path] = {}
    """Voice file (`.onnx`) of a language; its `.onnx.json` lies beside it."""


class TlsSettings(BaseModel):
    """Operators' phones speak SIP over TLS and SRTP; the presence of this part switches it on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    port: Port = 5061
    certificate: Path | None = None
    """PEM, the chain with it; None: `hotline up` makes one, which phones must be told to trust."""
    key: Path | None = None
    """PEM, without a password."""

    @model_validator(mode="after")
    def _certificate_has_its_key(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together: give both, or neither")
        return self


class SiteSettings(BaseModel):
    """One installation. Every port is here, so that several instances run side by side."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    node: Name = "node1"
    """Asterisk's systemname: prefix of every uniqueid."""
    sip_address: str = "127.0.0.1"
    sip_port: Port = 5060
    media_address: str = "127.0.0.1"
    rtp_port_start: Port = 10_000
    rtp_port_end: Port = 10_400
    """Half-open: the range is [start, end)."""
    ami_port: Port = 5038
    agi_port: Port = 4573
    api_port: Port = 8080
    ivr_metrics_port: Port = 9273
    """Where Prometheus reads the service's own metrics, on loopback."""
    trunks: tuple[Trunk, ...] = (Trunk(name="selftest", match=(IPv4Network("127.0.0.2/32"),)),)
    """`selftest` is where `hotline call` and the demo call from; it exists on this machine only."""
    prompts: PromptSettings = PromptSettings()
    tls: TlsSettings | None = None
    """None: operators speak UDP and RTP in the clear, which is for loopback only."""
    registration_source: Annotated[int, Field(ge=1, le=99)] = 1
    """First two digits of the registration numbers that this node gives: no two nodes have the same (00 is the api)."""
    test_clock: bool = False
    """True: state/clock.json shifts the moment of decisions (tests and demo)."""

    @property
    def outbound_trunk(self) -> Trunk | None:
        """Gives the trunk by which calls go out: the first that has a `sip_uri`; None: no call goes out."""
        return next((trunk for trunk in self.trunks if trunk.sip_uri is not None), None)

    @property
    def operators_port(self) -> int:
        """Gives the port at which operators' phones register: by TLS where it is on, else by UDP."""
        return self.sip_port if self.tls is None else self.tls.port

    @model_validator(mode="after")
    def _ports_are_apart(self) -> Self:
        ports = [self.sip_port, self.ami_port, self.agi_port, self.api_port, self.ivr_metrics_port]
        ports += [] if self.tls is None else [self.tls.port]
        if len(set(ports)) != len(ports):
            raise ValueError("sip_port, ami_port, agi_port, api_port, ivr_metrics_port and tls.port must all differ")
        if self.rtp_port_end - self.rtp_port_start < 4:  # noqa: PLR2004  one call takes two RTP ports, two legs four
            raise ValueError("rtp_port_end must be at least rtp_port_start + 4")
        return self


def read_site(path: Path) -> SiteSettings:
    """Reads site settings from YAML.

    Raises:
        SiteError: The file is missing, is no YAML, or does not fit; all problems in one text.
    """
    try:
        document = YAML(typ="safe").load(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise SiteError(f"{path}: no such file: make it with `hotline up`, which writes the defaults") from error
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise SiteError(f"{path}: {error}") from error
    try:
        return SiteSettings.model_validate(document or {})
    except ValidationError as error:
        rows = [f"{path}: {'.'.join(map(str, row['loc'])) or 'file'}: {row['msg']}" for row in error.errors()]
        raise SiteError("\n".join(rows)) from error


def write_site(path: Path, site: SiteSettings) -> None:
    """Writes site settings as YAML, by a new file and a rename."""
    temporary = path.with_suffix(".new")
    with temporary.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(site.model_dump(mode="json"), file)
    temporary.replace(path)
