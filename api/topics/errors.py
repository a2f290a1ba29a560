"""What can be wrong with a topic."""

from api.kit.exceptions import ApiError


class UnknownTopicError(ApiError):
    """The plan in force has no such topic; `details.known` holds those that it has."""

    status = 422
    error_id = "unknown_topic"


class UnknownRegionError(ApiError):
    """No centre of the plan in force serves such a region; `details.known` holds those that it has."""

    status = 422
    error_id = "unknown_region"
