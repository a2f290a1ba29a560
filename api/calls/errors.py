"""Errors of the call log."""

from api.kit.exceptions import ApiError


class ExportTooLargeError(ApiError):
    """More calls are selected than one file may hold; narrow the time or the filters."""

    status = 422
    error_id = "export_too_large"
