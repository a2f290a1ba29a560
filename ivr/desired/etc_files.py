"""Changes Asterisk's configuration on disk in a way that can be taken back, by another process after a crash too.

Before a file is touched, `undo.json` holds what stood there. It goes away when the new plan is in force, or when the
old files are back and Asterisk has read them.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from asterisk_conf.install import install, modules_to_reload
from asterisk_conf.instance import InstancePaths
from ivr.desired.errors import TakeDelayedError
from routing.plan import PlanVersion

UNDO_MODE = 0o600
"""It holds passwords, as the files do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """What stood in Asterisk's folder before a version was being taken."""

    version: PlanVersion
    files: Mapping[str, str | None]
    """Texts by name; None: there was no such file."""

    @property
    def modules(self) -> tuple[str, ...]:
        """Gives what Asterisk reloads once these files are back."""
        return modules_to_reload(self.files)


class EtcFiles:
    """The rendered files of one instance. Every method blocks; none is called from two threads at once."""

    def __init__(self, paths: InstancePaths) -> None:
        self._paths = paths

    def changed(self, files: Mapping[str, str]) -> tuple[str, ...]:
        """Gives the names of the files that differ from what is there."""
        return tuple(name for name, text in files.items() if self._text(name) != text)

    def replace(self, version: PlanVersion, files: Mapping[str, str]) -> None:
        """Puts files in place, after it has kept what stood there.

        Raises:
            TakeDelayedError: The disk does not take them; those that were written are back.
        """
        undo = Undo(version=version, files={name: self._text(name) for name in files})
        try:
            self._write_undo(undo)
            install(files, self._paths)
        except OSError as error:
            if self.undo() is not None:
                self.put_back(undo)
                self.forget()
            raise TakeDelayedError(f"configuration cannot be written: {error}") from error

    def undo(self) -> Undo | None:
        """Gives what a change that is not finished left; None: none is under way.

        Raises:
            TakeDelayedError: The file cannot be read.
        """
        try:
            document = json.loads(self._paths.undo_file.read_text("utf-8"))
            return Undo(version=PlanVersion(document["version"]), files=document["files"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TakeDelayedError(f"{self._paths.undo_file}: cannot be read: {error}") from error

    def put_back(self, undo: Undo) -> None:
        """Puts the old files back; `forget` is called once Asterisk has read them.

        Raises:
            TakeDelayedError: The disk does not take them.
        """
        try:
            install({name: text for name, text in undo.files.items() if text is not None}, self._paths)
            for name in (name for name, text in undo.files.items() if text is None):
                (self._paths.etc / name).unlink(missing_ok=True)
        except OSError as error:
            raise TakeDelayedError(f"the old configuration cannot be put back: {error}") from error

    def forget(self) -> None:
        """Says that no change is under way any more."""
        self._paths.undo_file.unlink(missing_ok=True)

    def _text(self, name: str) -> str | None:
        try:
            return (self._paths.etc / name).read_text("utf-8")
        except FileNotFoundError:
            return None

    def _write_undo(self, undo: Undo) -> None:
        path = self._paths.undo_file
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, UNDO_MODE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"version": undo.version, "files": undo.files}, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
