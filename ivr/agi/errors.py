"""What can go wrong in a FastAGI session; a flow lets these pass."""


class AgiError(Exception):
    """Base of this folder."""


class CallerHungUp(AgiError):  # noqa: N818  a hang-up is not an error: it ends a flow quietly
    """The channel is gone or Asterisk took the call back: the flow ends quietly."""


class ProtocolError(AgiError):
    """The peer does not speak AGI; the connection is closed."""


class CommandRefused(AgiError):  # noqa: N818  names what Asterisk did; handled apart from protocol errors
    """Asterisk answered 510 or 520: the command is unknown to it or wrongly written."""


class UnsafeArgument(AgiError, ValueError):  # noqa: N818  names the argument, which the caller of the API must mend
    """An argument holds a character that would become a second command, or is not on an allow-list."""


class CommandOverdue(AgiError, TimeoutError):  # noqa: N818  a deadline, in the words of the settings
    """No reply within the deadline of the command."""
