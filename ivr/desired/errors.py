"""What can go wrong while a node takes what the api wants of it."""


class DesiredError(Exception):
    """Base of this folder."""


class StreamError(DesiredError):
    """The api's stream does not come, or cannot be read; it is asked for again."""


class TakeRefusedError(DesiredError):
    """This version cannot be taken, now or later; the old one stays in force."""


class TakeDelayedError(DesiredError):
    """This version cannot be taken now (api, Asterisk or disk are not there); it is tried again."""


class ReloadRefusedError(TakeRefusedError):
    """Asterisk does not load what was written."""
