"""What goes wrong while a line is kept; each text says what to do."""

from hotline.errors import HotlineError


class BackupError(HotlineError):
    """A backup was not made; no half of it is left."""


class RestoreError(HotlineError):
    """A backup was not restored; the instance is as it was before."""


class SealError(HotlineError):
    """Something sealed does not open: another passphrase, or it was damaged or changed."""
