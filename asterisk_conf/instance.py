"""Where everything of one running line lies: see docs/architecture.md, "Instance folder".

Paths only; nothing here reads or writes.
"""

from dataclasses import dataclass
from pathlib import Path

from asterisk_conf import names
from routing.languages import Language


@dataclass(frozen=True, slots=True)
class InstancePaths:
    """The folders and files of the instance whose folder is `root` (absolute)."""

    root: Path

    @property
    def site_file(self) -> Path:
        """Site settings, YAML."""
        return self.root / "site.yaml"

    @property
    def secrets_file(self) -> Path:
        """Generated secrets, JSON, 0600."""
        return self.root / "secrets.json"

    @property
    def asterisk(self) -> Path:
        """Everything of Asterisk."""
        return self.root / "asterisk"

    @property
    def binary_file(self) -> Path:
        """Which Asterisk runs here (`asterisk_conf.binary`), JSON."""
        return self.asterisk / "binary.json"

    @property
    def undo_file(self) -> Path:
        """While a plan is being taken: what stood in `etc` before, JSON, 0600."""
        return self.asterisk / "undo.json"

    @property
    def etc(self) -> Path:
        """Rendered configuration of Asterisk."""
        return self.asterisk / "etc"

    @property
    def agi(self) -> Path:
        """The fallback script and what it imports."""
        return self.asterisk / "agi"

    @property
    def tls(self) -> Path:
        """Certificate and key of SIP over TLS, where Asterisk reads them."""
        return self.asterisk / "tls"

    @property
    def tls_certificate(self) -> Path:
        """PEM; phones that do not know who signed it are given this file to trust."""
        return self.tls / "certificate.pem"

    @property
    def tls_key(self) -> Path:
        """PEM, 0600."""
        return self.tls / "key.pem"

    @property
    def asterisk_log(self) -> Path:
        """Evidence: CEL, queue_log, CDR; and Asterisk's messages."""
        return self.asterisk / "log"

    @property
    def asterisk_run(self) -> Path:
        """Control socket and pid file of Asterisk."""
        return self.asterisk / "run"

    @property
    def cel_file(self) -> Path:
        """CEL, JSON lines."""
        return self.asterisk_log / names.CEL_FILE

    @property
    def queue_log_file(self) -> Path:
        """Asterisk's queue_log."""
        return self.asterisk_log / names.QUEUE_LOG_FILE

    @property
    def cdr_file(self) -> Path:
        """Asterisk's call records, CSV."""
        return self.asterisk_log / names.CDR_FILE

    @property
    def witness_file(self) -> Path:
        """How many calls Asterisk said that it had processed, JSON lines; the journal writes it."""
        return self.journal / names.WITNESS_FILE

    @property
    def data(self) -> Path:
        """Asterisk's data folder: prompts, music, and a link to its own documentation."""
        return self.asterisk / "data"

    def sounds(self, language: Language) -> Path:
        """Prompts of one language."""
        return self.data / "sounds" / language.value / names.SOUNDS_SUBFOLDER

    def asterisk_sounds(self, language: Language) -> Path:
        """What Asterisk plays by itself in one language (`routing.asterisk_sounds`)."""
        return self.data / "sounds" / language.value

    @property
    def studio_recordings(self) -> Path:
        """The voice studio's recordings, `<sha256>.wav`: `hotline prompts import` puts them here."""
        return self.root / "prompts" / "recordings"

    @property
    def returns_file(self) -> Path:
        """Who hung up while waiting, by pseudonym; the service's own."""
        return self.state / "returns.json"

    @property
    def operators_file(self) -> Path:
        """Who is logged in where and who is on a pause, as the service knows it; its own."""
        return self.state / "operators.json"

    @property
    def music(self) -> Path:
        """Music on hold."""
        return self.data / "moh"

    @property
    def recordings(self) -> Path:
        """Recorded conversations, `<call id>.wav`."""
        return self.root / "recordings"

    @property
    def state(self) -> Path:
        """State of the node, written by the service."""
        return self.root / "state"

    @property
    def journal(self) -> Path:
        """Checkpoints of the journal."""
        return self.root / "journal"

    @property
    def database(self) -> Path:
        """Embedded PostgreSQL: its data and its socket."""
        return self.root / "db"

    @property
    def logs(self) -> Path:
        """One JSON-lines log a process."""
        return self.root / "log"

    @property
    def run(self) -> Path:
        """Lock and process list of `hotline up`."""
        return self.root / "run"
