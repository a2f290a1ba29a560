"""What can be wrong with a command."""

from api.kit.exceptions import ApiError


class UnknownOperatorError(ApiError):
    """The plan in force has no such operator."""

    status = 422
    error_id = "unknown_operator"


class NotWaitingError(ApiError):
    """The call waits in no queue of this node now."""

    status = 409
    error_id = "not_waiting"


class NowhereToMoveError(ApiError):
    """The queue in which the call waits has no other behind it."""

    status = 409
    error_id = "nowhere_to_move"
