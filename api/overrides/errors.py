"""What can be wrong with an override."""

from api.kit.exceptions import ApiError


class UnknownTargetError(ApiError):
    """The plan in force has no such service, queue or office."""

    status = 422
    error_id = "unknown_target"


class DestinationInvalidError(ApiError):
    """The destination does not fit the action: a queue of the plan, an E.164 number, or none."""

    status = 422
    error_id = "destination_invalid"


class UntilInPastError(ApiError):
    """The override would be over before it begins."""

    status = 422
    error_id = "until_in_past"


class UntilTooFarError(ApiError):
    """The override would last longer than 31 days."""

    status = 422
    error_id = "until_too_far"


class OverrideOverError(ApiError):
    """The override has ended already."""

    status = 409
    error_id = "override_over"
