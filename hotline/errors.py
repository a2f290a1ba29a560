"""What the command line tells people about what it expected might go wrong."""


class HotlineError(Exception):
    """Something that a person can mend; the text is one clear message: what is wrong, and what to do."""


class StartError(HotlineError):
    """A process of the line did not come up; nothing of it is left running."""


class SoftphoneError(HotlineError):
    """A softphone did not do what it was told, or something did not happen to it in time."""


class LogApiError(HotlineError):
    """The call log did not answer as agreed."""
