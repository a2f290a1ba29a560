"""Errors of the reports."""

from api.kit.exceptions import ApiError


class ReportTooLargeError(ApiError):
    """The answer would have too many rows; ask for longer periods or fewer dimensions."""

    status = 422
    error_id = "report_too_large"
