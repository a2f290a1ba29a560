"""`python -m ivr` runs the service; `python -m ivr health` asks a running one over FastAGI.

Exit codes: 0 stopped as told, 1 a part of the service ended by itself (or no good answer to `health`), 2 it cannot
start as it is set up.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence

from pydantic import ValidationError

from asterisk_conf.instance_secrets import SecretsError, read_secrets
from ivr.agi.health_client import UnhealthyError, ask_health
from ivr.logs import configure_logs
from ivr.service import serve
from ivr.settings import IvrSettings

NOT_SET_UP = 2


def main(arguments: Sequence[str]) -> int:
    """Does what the arguments say; gives the exit code."""
    try:
        settings = IvrSettings()
    except ValidationError as error:
        rows = (f"HOTLINE_IVR_{'_'.join(map(str, row['loc'])).upper()}: {row['msg']}" for row in error.errors())
        return _complain("\n".join(rows))
    if list(arguments) == ["health"]:
        return _health(settings)
    if arguments:
        return _complain(f"unknown argument {arguments[0]!r}; there is `health`, or none")
    return _serve(settings)


def _serve(settings: IvrSettings) -> int:
    try:
        secrets = read_secrets(settings.secrets_path)
    except SecretsError as error:
        return _complain(str(error))
    configure_logs()
    try:
        loop_factory = loop_factory_of(settings.event_loop)
    except ModuleNotFoundError:
        return _complain("HOTLINE_IVR_EVENT_LOOP: uvloop is not installed; install legalaid-hotline[fast]")
    try:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            return runner.run(serve(settings, secrets))
    except OSError as error:
        return _complain(f"FastAGI on {settings.agi_host}:{settings.agi_port}: {error.strerror or error}")


def loop_factory_of(name: str) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Gives what makes the event loop of this name; None stands for Python's own.

    Raises:
        ModuleNotFoundError: It is not installed.
    """
    if name != "uvloop":
        return None
    import uvloop  # noqa: PLC0415  optional, and slow to import

    return uvloop.new_event_loop


def _health(settings: IvrSettings) -> int:
    try:
        ask_health(str(settings.agi_host), settings.agi_port, settings.command_s)
    except UnhealthyError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _complain(text: str) -> int:
    print(text, file=sys.stderr)
    return NOT_SET_UP


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
