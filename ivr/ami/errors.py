"""What can go wrong on the manager interface."""


class AmiError(Exception):
    """Base of this folder."""


class NotConnected(AmiError):  # noqa: N818  names the state in which the action found the link
    """There is no session with Asterisk now; nothing was sent."""


class LinkLost(AmiError):  # noqa: N818  names what happened
    """The connection ended while the action waited; whether Asterisk did it is unknown, and it is never sent again."""


class ActionOverdue(AmiError, TimeoutError):  # noqa: N818  a deadline, in the words of the settings
    """No response within the deadline."""


class UnsafeField(AmiError, ValueError):  # noqa: N818  names the field, which the caller must mend
    """A name or value holds CR, LF or NUL, which would begin another header or action."""


class LoginRefused(AmiError):  # noqa: N818  names what Asterisk did
    """Asterisk does not know this user and secret."""
