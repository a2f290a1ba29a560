"""Asks a FastAGI server for its health in its own protocol; a bare TCP connect would tell nothing. Standard library."""

import socket

from asterisk_conf.names import AgiRoute

ANSWER_LIMIT_BYTES = 4_096


class UnhealthyError(Exception):
    """The server does not answer as it should."""


def ask_health(host: str, port: int, deadline_s: float) -> None:
    """Returns when the server spoke AGI within `deadline_s` for each step.

    Raises:
        UnhealthyError: It did not.
    """
    try:
        with socket.create_connection((host, port), timeout=deadline_s) as connection:
            connection.sendall(f"agi_network_script: {AgiRoute.HEALTH.value}\n\n".encode())
            with connection.makefile("rb") as answers:
                line = answers.readline(ANSWER_LIMIT_BYTES)
            if line != b'NOOP "ready"\n':
                raise UnhealthyError(f"{host}:{port} does not answer as our service does")
            connection.sendall(b"200 result=0\n")
    except OSError as error:
        raise UnhealthyError(f"{host}:{port}: {error}") from error
