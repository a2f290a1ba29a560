"""What can be wrong with listening to a recording."""

from api.kit.exceptions import ApiError


class RangeInvalidError(ApiError):
    """No byte of the recording lies in the range that was asked for; `details.size_bytes` tells how long it is."""

    status = 416
    error_id = "range_invalid"
