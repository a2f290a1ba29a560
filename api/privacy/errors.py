"""What can be wrong with a request about one person's data, or about how long data is kept."""

from api.kit.exceptions import ApiError


class NumberErasedError(ApiError):
    """The call has no number: it was withheld, erased, or its time was over."""

    status = 404
    error_id = "no_number"


class LegalHoldError(ApiError):
    """A legal hold keeps the data; `details.holds` names them."""

    status = 409
    error_id = "legal_hold"


class HoldOverError(ApiError):
    """The hold has been released already."""

    status = 409
    error_id = "hold_over"


class RetentionRunsError(ApiError):
    """Another run of retention goes on."""

    status = 409
    error_id = "retention_runs"


class KeysUnfitError(ApiError):
    """The secrets file does not fit what is sealed in the database."""

    status = 409
    error_id = "keys_unfit"
